export interface StoredInvite {
  readonly code: string
  readonly usesLeft: number
  readonly expiresAtMs: number | undefined
  readonly createdAtMs: number
}

/** Codes that let people sign up where the policy asks for one. */
export interface InviteStore {
  create(invite: StoredInvite): Promise<void>
  /** Uses it up by one; `conflict` when it is unknown, used up or expired. */
  use(code: string, nowMs: number): Promise<void>
  /** Gives a use back: the sign-up that it was for was refused. */
  giveBack(code: string): Promise<void>
  list(): Promise<readonly StoredInvite[]>
  /** False when there is none of that code. */
  revoke(code: string): Promise<boolean>
}
