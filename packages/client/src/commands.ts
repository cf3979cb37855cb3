import { bytesOf } from '@quintet/domain'
import { sealEphemeral } from '@quintet/crypto'
import { create, EphemeralSchema, toBinary } from '@quintet/wire'
import type { Client } from './api.ts'
import { accountFor, findChat, mustFind } from './address.ts'
import { createGroup } from './chat/create.ts'
import { currentOf } from './chat/current.ts'
import { enterSuccessor } from './chat/enter-successor.ts'
import { sayAfter } from './chat/say-after.ts'
import { addMembers, leaveGroup, removeMember, setAdmin } from './chat/members.ts'
import { chatRecord } from './chat/record.ts'
import { viewIfWhole } from './chat/repair.ts'
import { heardOnce } from './chat/standing.ts'
import { chatViews } from './content/chat-view.ts'
import {
  deleteBody,
  editBody,
  infoBody,
  newestOfOthers,
  reactionBody,
  receiptBody,
  receiptDue,
} from './content/compose.ts'
import { mustBeName } from './content/checked.ts'
import { notices } from './content/notices.ts'
import { isRequest } from './content/request.ts'
import { messageViews } from './content/message-view.ts'
import { statusCounts } from './content/status.ts'
import type { Core } from './core.ts'
import { approve } from './device/approve.ts'
import { closeAccount } from './device/delete-account.ts'
import { handleOf, setHandle } from './device/handle.ts'
import { setMeta } from './store/meta.ts'
import type { DeviceHooks } from './device/hooks.ts'
import { link } from './device/link.ts'
import { newRecovery } from './device/new-recovery.ts'
import { recover } from './device/recover.ts'
import { renameDevice } from './device/rename.ts'
import { makeMain, setRights } from './device/rights.ts'
import { leaveAccount } from './device/sign-out.ts'
import { signUp } from './device/sign-up.ts'
import { unlink } from './device/unlink.ts'
import { verifyWords } from './device/verify.ts'
import { deviceViews } from './device/view.ts'
import { wipe } from './device/wipe.ts'
import { ClientError } from './error.ts'
import { ask } from './relay/ask.ts'
import { parseHandle } from '@quintet/domain'
import { acceptRequest, sayQuietly, sendText, tellSelf } from './say.ts'
import { setBlocked } from './selfstate/blocked.ts'
import { profileName, setProfileName } from './selfstate/profile.ts'
import { markReadUpTo } from './selfstate/read.ts'

interface Frame {
  sync(): Promise<{ readonly received: number; readonly gaps: number }>
  readonly relay: string
  on: Client['on']
  close: Client['close']
  /** While `work` makes this profile a device, no chat is entered by itself; for those who listen, afterwards. */
  becoming<T>(work: () => Promise<T>): Promise<T>
  /** From here on, that the relay shows this device the door is what was asked for. */
  leaving(): void
}

/** What an app can ask of one device, each put together from the parts that do it. */
export function commands(core: Core, hooks: DeviceHooks, frame: Frame): Client {
  const me = () => core.mustOwn()
  const now = () => Math.trunc(core.relayNow())
  return {
    self() {
      const own = core.own()
      return (
        own && {
          account: own.account,
          device: own.device,
          handle: handleOf(core, own.account),
          name: profileName(core.db) ?? '',
        }
      )
    },
    status() {
      const { account, device } = me()
      return { account, device, relay: frame.relay, connected: core.relay.state === 'online', ...statusCounts(core.db) }
    },
    online: (waitMs = 15_000) => core.relay.online(waitMs),
    on: frame.on,
    close: frame.close,
    signUp: (input) => signUp(core, hooks, input),
    link: (input, questions) => frame.becoming(() => link(core, hooks, input, questions)),
    approve: (offer, options, questions) => approve(core, hooks, offer, options, questions),
    recover: (input) => frame.becoming(() => recover(core, hooks, input)),
    newRecovery: (old) => newRecovery(core, hooks, old),
    devices: () => deviceViews(core),
    renameDevice: (device, name, options) => renameDevice(core, hooks, device, name, options),
    makeMain: (device) => makeMain(core, device),
    setRights: (device, rights) => setRights(core, device, rights),
    unlink: (device, key) => unlink(core, hooks, device, key),
    async signOut() {
      frame.leaving()
      if (core.own() !== undefined) await leaveAccount(core)
      wipe(core.db)
    },
    deleteAccount: (key) => closeAccount(core, key),
    async profile(change = {}) {
      const own = me()
      if (change.handle !== undefined) {
        const handle = change.handle === '' ? undefined : parseHandle(change.handle)
        if (handle === undefined && change.handle !== '')
          throw new ClientError(
            'handle-invalid',
            'A handle has 2 to 32 of a-z 0-9 . _ -, and begins with a letter. A few words, such as self, are kept back.',
          )
        await ask(core, 'setHandle', { handle: change.handle }, 'done')
        core.write(() => {
          // A relay restored from a backup may know the one before again (R9).
          setMeta(core.db, 'handle-before', handleOf(core, own.account))
          setHandle(core.db, own.account, handle)
        })
      }
      if (change.name !== undefined) {
        const { name } = change
        if (name !== '') mustBeName(name)
        await tellSelf(core, () => [setProfileName(core.db, own, name)])
      }
      return { account: own.account, handle: handleOf(core, own.account), name: profileName(core.db) ?? '' }
    },
    async createGroup(name, handles) {
      const others = await Promise.all(handles.map((handle) => accountFor(core, handle)))
      const chat = await createGroup(
        core,
        [...new Set(others)].filter((account) => account !== me().account),
        (made) => infoBody(core.db, me(), made, name, now()),
      )
      await core.serial(chat, () => sayAfter(core, chat))
      return { chat }
    },
    async addToGroup(chat, handles) {
      await heardOnce(core)
      await addMembers(
        core,
        await enterSuccessor(core, chat),
        await Promise.all(handles.map((handle) => accountFor(core, handle))),
      )
    },
    async removeFromGroup(chat, handle) {
      await heardOnce(core)
      await removeMember(core, await enterSuccessor(core, chat), await accountFor(core, handle))
    },
    async setAdmin(chat, handle, admin) {
      await heardOnce(core)
      await setAdmin(core, await enterSuccessor(core, chat), await accountFor(core, handle), admin)
    },
    async leaveGroup(chat) {
      await heardOnce(core)
      await leaveGroup(core, await enterSuccessor(core, chat))
    },
    renameGroup: (chat, name) => sayQuietly(core, chat, () => infoBody(core.db, me(), chat, name, now())),
    notices: () => notices(core.db),
    chats: () => chatViews(core.db, me()),
    messages: (chat, limit, beforeSeq) => messageViews(core.db, me(), currentOf(core.db, chat), limit, beforeSeq),
    find: (to) => findChat(core, to),
    send: (to, text, options = {}) => sendText(core, to, text, undefined, options),
    reply: (to, target, text, options = {}) => sendText(core, to, text, target, options),
    edit: (to, target, text, options) =>
      sayQuietly(core, to, (chat) => editBody(core.db, me(), chat, target, text, now()), options),
    deleteMessage: (to, target, options) =>
      sayQuietly(core, to, (chat) => deleteBody(core.db, me(), chat, target), options),
    react: (to, target, emoji, off, options) =>
      sayQuietly(core, to, (chat) => reactionBody(core.db, me(), chat, target, emoji, off), options),
    async markRead(to, options) {
      const chat = await mustFind(core, to)
      const seq = newestOfOthers(core.db, me(), chat)
      if (seq === undefined) return
      const due = receiptDue(core.db, me(), chat)
      const read = () => [markReadUpTo(core.db, me(), chat, seq)]
      if (due !== undefined && chatRecord(core.db, chat)?.state === 'active')
        await sayQuietly(core, chat, () => receiptBody(due), options)
      await tellSelf(core, read, options)
    },
    accept: (to, options = {}) => acceptRequest(core, to, options),
    async block(to, off, options) {
      const account = await accountFor(core, to)
      await tellSelf(core, () => [setBlocked(core.db, me(), account, !off)], options)
    },
    async typing(to, on = true) {
      const chat = await mustFind(core, to)
      const group = bytesOf(chat)
      const record = chatRecord(core.db, chat)
      // M4: whoever wrote first learns nothing before they are accepted. What is held is held for this as well.
      if (record?.state !== 'active' || record.held !== undefined || isRequest(core.db, me(), chat)) return
      const view = viewIfWhole(core, chat)
      if (view === undefined) return
      const key = core.engine().exportSecret(group, 'quintet/eph', bytesOf(me().device), 32)
      const body = toBinary(EphemeralSchema, create(EphemeralSchema, { kind: { case: 'typing', value: { on } } }))
      await ask(core, 'signal', { chat: group, epoch: view.epoch, sealed: sealEphemeral(key, group, body) }, 'done')
    },
    verify: async (to) => ({ words: verifyWords(core, await accountFor(core, to)) }),
    sync: frame.sync,
  }
}
