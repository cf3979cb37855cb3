/**
 * Why nothing can be sent in a chat now, as a sentence; undefined when it can.
 *
 * `state` and `held` are columns of table `chat`.
 */
export function heldSentence(state: string, held: string | undefined): string | undefined {
  switch (state) {
    case 'joining':
      return 'This device is still joining this chat.'
    case 'left':
      return 'You left this chat. What was said is still here.'
    case 'removed':
      return 'You are no longer a member of this chat. What was said is still here.'
    case 'gone':
      return 'This account is gone. What was said is still here.'
    case 'blocked':
      return 'A device changed this chat in a way that is not allowed. Nothing can be sent here.'
    default: // words in a column, not a union
      return held === undefined
        ? undefined
        : 'Nothing can be sent here at the moment. It goes by itself when that is over.'
  }
}
