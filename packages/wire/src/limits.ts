/** The protocol version that this code speaks. A relay or device that lists another range says `relay-incompatible`. */
export const protocolVersion = 1
/** A frame of the socket, either way: bytes. */
export const maxFrameBytes = 4 * 1024 * 1024
/** One entry of a chat's log (a commit at 1,000 leaves is 83 KB, a hybrid one at 200 leaves 250 KB): bytes. */
export const maxEntryBytes = 1024 * 1024
/** The text of one message: UTF-8 bytes. */
export const maxTextBytes = 64 * 1024
/** The `quintet.policy` extension (C1): bytes. */
export const maxPolicyBytes = 32 * 1024
/** A link message, and the sealed bootstrap (L): bytes. */
export const maxLinkMessageBytes = 4 * 1024
export const maxBootstrapBytes = 1024 * 1024
