/** Every schema change, in order; `user_version` counts them. Never edit one that has shipped. */
export const migrations: readonly string[] = [
  `
  create table meta (key text primary key, value any) strict, without rowid;
  create table secret (key text primary key, value blob not null) strict, without rowid;
  create table mls (key blob primary key, value blob not null) strict, without rowid;

  -- People: the pinned head (D12), how they are found and shown.
  create table account (
    account text primary key, handle text, name text not null default '',
    name_at integer not null default 0, -- relay time of the profile that said it (M3)
    position integer not null default -1, hash blob, state_blob blob,
    seen_position integer not null default -1, -- a head that somebody told of, not fetched yet (D10)
    closed integer not null default 0, -- 1: the account has ended (D15)
    fault text
  ) strict, without rowid;
  create table log_entry (account text, position integer, entry blob not null, primary key (account, position)) strict, without rowid;
  create table statement (account text, device text, counter integer not null, signed blob not null, primary key (account, device)) strict, without rowid;

  -- state: creating, joining, active, blocked, left, removed, gone. held: why nothing may be sent, a code.
  create table chat (
    chat text primary key, kind text not null, peer text, state text not null, held text, held_by text,
    epoch integer not null default 0, cursor integer not null default 0, acked integer not null default 0,
    log_hash blob, join_seq integer not null default 0, relay_head integer not null default 0,
    last_n integer not null default 0, policy blob, generation integer not null default 0,
    title text not null default '', title_seq integer not null default 0, description text not null default '',
    created_at integer not null default 0, newest_at integer not null default 0, newest_seq integer not null default 0,
    delivered_on integer not null default 1, joined_by text, update_due integer not null default 0,
    profile_sent text, held_at integer not null default 0,
    written integer not null default 0, -- 1: this account has written here, so it is no request (M4)
    judged integer not null default -1, -- how far all members' logs were when nothing was left to remove (C7)
    predecessor text, successor text -- the chat that this one goes on with, and the one it goes on in (C13); state is 'succeeded' then
  ) strict, without rowid;
  create index chat_successor on chat (successor) where successor is not null;
  create index chat_peer on chat (peer) where peer is not null;
  create table member (
    chat text, account text, role text not null, delivered_seq integer not null default 0, read_seq integer not null default 0,
    joined_seq integer not null default 0, -- entries up to it were not for them: they hold back no tick
    primary key (chat, account)
  ) strict, without rowid;
  create table sender (chat text, device text, n integer not null, primary key (chat, device)) strict, without rowid;
  create table log_hash (chat text, seq integer, hash blob not null, primary key (chat, seq)) strict, without rowid;
  create table gap (chat text, from_seq integer, to_seq integer not null, from_ms integer, to_ms integer, cause text not null, primary key (chat, from_seq)) strict, without rowid;
  create table floor (chat text primary key, epoch integer not null, floor blob not null) strict, without rowid;
  -- Epoch authenticators of one's own, newest 64 a chat, and what a sibling asked about before this device was there (C8).
  create table epoch (chat text, epoch integer, authenticator blob not null, primary key (chat, epoch)) strict, without rowid;
  create table asked (chat text, epoch integer, authenticator blob not null, primary key (chat, epoch)) strict, without rowid;
  create table intent (chat text, account text, signed blob not null, primary key (chat, account)) strict, without rowid;

  -- row = at_ms * 1024 + n: row order is time order (DESIGN 6). Only what is a row in a thread: text and unknown kinds.
  create table message (
    row integer primary key, chat text not null, seq integer not null, id text not null, account text not null, device text not null,
    at integer not null, sent_at integer not null, epoch integer not null, kind text not null, text text,
    reply_to text, edited_at integer, deleted_by text, body blob, body_key blob, unread integer not null default 0
  ) strict;
  create unique index message_seq on message (chat, seq);
  create index message_id on message (id);
  create index message_unread on message (chat) where unread = 1;
  -- A message is named by chat and id (M1): a member of two chats can make one id appear in both.
  create table version (chat text, message text, seq integer, at integer not null, text text not null, primary key (chat, message, seq)) strict, without rowid;
  create table reaction (chat text, message text, account text, emoji text, seq integer not null, off integer not null, primary key (chat, message, account, emoji)) strict, without rowid;
  -- Actions whose target has not come yet (M1).
  create table waiting (
    chat text, seq integer, target text not null, account text not null, at integer not null, admin integer not null,
    action blob not null, primary key (chat, seq)
  ) strict, without rowid;
  create index waiting_target on waiting (chat, target);
  create table dropped (chat text, cause text, count integer not null, primary key (chat, cause)) strict, without rowid;

  -- What is to be sent, in the order written. message, n, epoch: sealed and fixed before it goes out (P5).
  create table outbox (
    id integer primary key autoincrement, chat text not null, entry text not null, body blob not null, body_key blob not null,
    content integer not null, written_at integer not null, n integer, epoch integer, message blob, seq integer, at integer
  ) strict;
  create index outbox_chat on outbox (chat, id);
  create table pending_commit (
    chat text primary key, commit_id blob not null, epoch integer not null, scratch integer not null, creates blob,
    message blob not null, group_info blob not null, welcome blob, log_hash blob, seq integer, at integer, joined_seq integer, purpose text not null
  ) strict, without rowid;
  create table key_package (ref blob primary key, suite text not null, last_resort integer not null, made_at integer not null, retired_at integer) strict, without rowid;

  -- Synced state (S): winners per key, own and others' ops for chaining.
  create table self_state (key text primary key, value blob, tombstone integer not null, lamport integer not null, device text not null, counter integer not null) strict, without rowid;
  create table self_version (device text primary key, counter integer not null, last blob not null) strict, without rowid;
  create table self_held (device text, counter integer, op blob not null, primary key (device, counter)) strict, without rowid;
  create table fault (id integer primary key, kind text not null, subject text, at integer not null, detail blob) strict;
  `,
  `
  -- Who says to have seen another log of a chat than this device, from which entry on, and when that was weighed (R6).
  create table claim (chat text, account text, device text not null, seq integer not null, at integer not null, primary key (chat, account)) strict, without rowid;
  -- A head that only the relay told of: fetched before the next send, and forgotten when the relay has shown what it has (D10).
  alter table account add column told_position integer not null default -1;
  -- Which sibling asked about an epoch.
  alter table asked add column device text;
  `,
  `
  -- How far the chat's log had come when the relay told of the wish: it outlasts what stands there up to that (C6).
  alter table intent add column head integer not null default 0;
  `,
]
