/** Each step takes the database from the version before to its own; its place in the list, from 1, is the version. Never edit one that was released. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE accounts (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, handle TEXT,
    suspended INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL,
    head_position INTEGER NOT NULL, head_hash BLOB NOT NULL);
  CREATE INDEX accounts_suspended ON accounts (key) WHERE suspended = 1;
  CREATE TABLE log_entries (
    account INTEGER NOT NULL, position INTEGER NOT NULL, at_ms INTEGER NOT NULL, entry BLOB NOT NULL,
    PRIMARY KEY (account, position)) WITHOUT ROWID;
  CREATE TABLE devices (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, account INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 1,
    statement BLOB, seen_ms INTEGER);
  CREATE INDEX devices_account ON devices (account);
  CREATE TABLE key_packages (
    key INTEGER PRIMARY KEY, device INTEGER NOT NULL, suite INTEGER NOT NULL, last_resort INTEGER NOT NULL,
    not_after_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE INDEX key_packages_device ON key_packages (device, suite, last_resort);
  CREATE TABLE kit_blobs (account INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, blob BLOB NOT NULL);
  CREATE TABLE handles (handle TEXT PRIMARY KEY, account BLOB NOT NULL, free_at_ms INTEGER) WITHOUT ROWID;
  CREATE TABLE invites (
    code TEXT PRIMARY KEY, uses_left INTEGER NOT NULL, expires_at_ms INTEGER, created_at_ms INTEGER NOT NULL) WITHOUT ROWID;

  -- head_*: as of the newest commit or trim. Messages after that are in entries only: an append writes one row.
  CREATE TABLE chats (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL, suite INTEGER NOT NULL,
    epoch INTEGER NOT NULL, head_seq INTEGER NOT NULL, head_at_ms INTEGER NOT NULL, head_hash BLOB NOT NULL,
    trimmed_seq INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE policies (chat INTEGER PRIMARY KEY, policy BLOB NOT NULL);
  CREATE TABLE group_infos (chat INTEGER PRIMARY KEY, group_info BLOB NOT NULL);
  CREATE TABLE parties (
    chat INTEGER NOT NULL, account INTEGER NOT NULL, delivered_on INTEGER NOT NULL, delivered_seq INTEGER NOT NULL,
    PRIMARY KEY (chat, account)) WITHOUT ROWID;
  CREATE INDEX parties_account ON parties (account, chat);
  -- n, n_*: as of the newest trim or roster change of the device; newer ones stand in entries.
  CREATE TABLE members (
    chat INTEGER NOT NULL, device INTEGER NOT NULL, account INTEGER NOT NULL, leaf INTEGER,
    join_seq INTEGER NOT NULL, join_hash BLOB NOT NULL, cursor INTEGER NOT NULL,
    n INTEGER NOT NULL, n_seq INTEGER NOT NULL, n_at_ms INTEGER NOT NULL, n_digest BLOB NOT NULL, welcome_seq INTEGER,
    PRIMARY KEY (chat, device)) WITHOUT ROWID;
  CREATE INDEX members_device ON members (device, chat);
  CREATE TABLE intents (
    chat INTEGER NOT NULL, account INTEGER NOT NULL, intent BLOB NOT NULL, PRIMARY KEY (chat, account)) WITHOUT ROWID;
  CREATE TABLE welcomes (
    key INTEGER PRIMARY KEY, chat INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
    hash BLOB NOT NULL, welcome BLOB NOT NULL);
  CREATE INDEX welcomes_chat ON welcomes (chat, seq);
  -- Bodies in the order of arrival; the index holds integers only.
  CREATE TABLE entries (
    key INTEGER PRIMARY KEY, chat INTEGER NOT NULL, seq INTEGER NOT NULL, device INTEGER NOT NULL,
    n INTEGER NOT NULL, content INTEGER NOT NULL, at_ms INTEGER NOT NULL, epoch INTEGER NOT NULL,
    at_before_ms INTEGER NOT NULL, hash_before BLOB NOT NULL, message BLOB NOT NULL);
  CREATE INDEX entries_log ON entries (chat, seq, device, n, content);
  `,
]
