/**
 * Why nothing can be sent in a chat now, as a sentence; undefined when it can.
 *
 * `state` and `held` are columns of table `chat`; `by` is how the person is called whose device said so.
 */
export function heldSentence(state: string, held: string | undefined, by = 'somebody'): string | undefined {
  switch (state) {
    case 'joining':
      return 'This device is still joining this chat.'
    case 'left':
      return 'You left this chat. What was said is still here.'
    case 'removed':
      return 'You are no longer a member of this chat. What was said is still here.'
    case 'gone':
      return 'This account is gone. What was said is still here.'
    case 'refused':
      return 'The relay shows a state of this chat that cannot be trusted. This device stays out of it until it shows another.'
    case 'blocked':
      if (held === 'restored')
        return 'The relay was restored from a backup and has lost a part of this chat. It goes on by itself when somebody who may let it go on is there.'
      if (held === 'does-not-fit')
        return 'This device cannot follow what others change in this chat. It joins it again by itself within an hour.'
      return 'A device changed this chat in a way that is not allowed. Nothing can be sent here.'
    default: // words in a column, not a union
      return held === undefined ? undefined : whyHeld(held, by)
  }
}

function whyHeld(held: string, by: string): string {
  switch (held) {
    case 'unconfirmed':
      return 'This device has just joined this chat, and none of your other devices has confirmed yet that all see the same. What you write goes by itself as soon as one does, or after 30 seconds.'
    case 'newcomers':
      return 'Somebody joined this chat whom your other devices had not told this one about. What you write goes by itself as soon as one of them confirms, or after 30 seconds.'
    case 'log-withheld':
      return "The relay holds back a change of somebody's devices. What you write goes by itself when it shows the change."
    case 'log-forked':
      return 'Two different lists of the devices of somebody in this chat are going round, and one of them may be a thief’s. Nothing is sent here until that is cleared up; compare safety words with them.'
    case 'contested':
      return `A device of ${by} says that it was shown other messages here than this one. Either the relay shows people different things, or that device does not tell the truth. What you write goes as soon as somebody else has seen the same as you, or after 30 seconds.`
    case 'fork':
      return 'Your own devices are not in the same state of this chat. Nothing is sent here from this one until they are; unlink a device that is not yours.'
    case 'nobody-there':
      return 'None of their devices is in this chat yet. What you write goes by itself as soon as one of them is.'
    case 'repair':
      return 'This device cannot follow this chat any more and is joining it again. What you write goes by itself then.'
    default: // a word of a later version
      return 'Nothing can be sent here at the moment. It goes by itself when that is over.'
  }
}
