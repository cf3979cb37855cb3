//! The engine's rows: what OpenMLS stores, under compact opaque keys, collected until taken.
//!
//! A key is one byte of kind and 16 bytes of hash over the id (group, key package, signature key).
//! The kind's top bit marks the scratch namespace (C9).

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use openmls::group::GroupContext;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::context::{self, WireContext};

/// Where rows are read that are not held here; a failure says nothing but that it failed.
pub trait Rows {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Why a row could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The row does not decode.
    Damaged,
    /// The caller's rows could not be read.
    Rows,
    /// OpenMLS asked to keep what this engine never keeps.
    Unsupported,
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for StoreError {}

/// The kinds of rows. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Context = 1,
    Tree = 2,
    InterimTranscriptHash = 3,
    ConfirmationTag = 4,
    GroupState = 5,
    MessageSecrets = 6,
    ResumptionPsks = 7,
    OwnLeafIndex = 8,
    EpochSecrets = 9,
    EpochKeyPairs = 10,
    Generation = 11,
    KeyPackage = 12,
    Signer = 13,
}

/// The rows of a group, whose key is the group's alone; epoch key pairs are keyed by epoch too.
pub const GROUP_KINDS: [Kind; 10] = [
    Kind::Context,
    Kind::Tree,
    Kind::InterimTranscriptHash,
    Kind::ConfirmationTag,
    Kind::GroupState,
    Kind::MessageSecrets,
    Kind::ResumptionPsks,
    Kind::OwnLeafIndex,
    Kind::EpochSecrets,
    Kind::Generation,
];

const SCRATCH: u8 = 0x80;

/// The hashed id of whatever a row belongs to.
pub type Id = [u8; 16];

/// Hashes an id as OpenMLS gives it to the storage.
pub fn id_of(key: &impl Serialize) -> Result<Id, StoreError> {
    let bytes = postcard::to_stdvec(key).map_err(|_| StoreError::Damaged)?;
    let mut id = Id::default();
    id.copy_from_slice(&Sha256::digest(&bytes)[..16]);
    Ok(id)
}

#[derive(Clone)]
struct Change {
    value: Option<Vec<u8>>,
    /// The group whose call made it: `reload` of that group forgets it.
    owner: Option<Id>,
}

/// Changed rows by key; `None` deletes.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Rows of one engine: changes not taken yet, over the caller's rows.
pub struct Store {
    rows: Box<dyn Rows>,
    changes: RefCell<BTreeMap<Vec<u8>, Change>>,
    /// What the running call changed, with what was there before it.
    journal: RefCell<Vec<(Vec<u8>, Option<Change>)>>,
    scratch: Cell<bool>,
    owner: Cell<Option<Id>>,
    /// Encoded bytes of the large rows by group, for the bound on loaded groups.
    sizes: RefCell<BTreeMap<(Id, u8), usize>>,
    /// Small rows of loaded groups that every message reads, as the caller has them.
    read: RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    /// The contexts of loaded groups as their message secrets hold them, each with the row it came from.
    contexts: RefCell<BTreeMap<Id, (Vec<u8>, WireContext)>>,
}

impl Store {
    pub fn new(rows: Box<dyn Rows>) -> Self {
        Self {
            rows,
            changes: RefCell::default(),
            journal: RefCell::default(),
            scratch: Cell::new(false),
            owner: Cell::new(None),
            sizes: RefCell::default(),
            read: RefCell::default(),
            contexts: RefCell::default(),
        }
    }

    /// Opens a call on behalf of `owner`; it ends with `keep`, `undo` or `cut`.
    pub fn begin(&self, owner: Option<Id>) {
        self.journal.borrow_mut().clear();
        self.owner.set(owner);
        self.scratch.set(false);
    }

    /// Ends a call: its changes stand.
    pub fn keep(&self) {
        self.scratch.set(false);
        self.journal.borrow_mut().clear();
    }

    /// Ends a call: it has changed nothing. True if there was something to undo.
    pub fn undo(&self) -> bool {
        self.scratch.set(false);
        let mut journal = self.journal.borrow_mut();
        let any = !journal.is_empty();
        let mut changes = self.changes.borrow_mut();
        for (key, before) in journal.drain(..).rev() {
            match before {
                Some(change) => changes.insert(key, change),
                None => changes.remove(&key),
            };
        }
        any
    }

    /// Ends a call: its changes are taken out and handed to the caller, to be replayed or dropped.
    pub fn cut(&self) -> Changes {
        let mut made = Changes::new();
        for (key, _) in self.journal.borrow().iter() {
            if let Some(change) = self.changes.borrow().get(key) {
                made.insert(key.clone(), change.value.clone());
            }
        }
        self.undo();
        made
    }

    /// Makes the changes that `cut` took out.
    pub fn replay(&self, made: Changes) {
        for (key, value) in made {
            self.set(key, value);
        }
    }

    /// Directs group rows to the scratch namespace until the call ends.
    pub fn set_scratch(&self, scratch: bool) {
        self.scratch.set(scratch);
    }

    /// Hands out all changes since the last time. What the caller does not keep, it tells by `forget`.
    pub fn take(&self) -> Changes {
        let taken: Changes =
            self.changes.take().into_iter().map(|(key, change)| (key, change.value)).collect();
        for (key, value) in taken.iter().filter(|(key, _)| is_kept(key)) {
            self.read.borrow_mut().insert(key.clone(), value.clone());
        }
        taken
    }

    /// Forgets changes made by calls for that group.
    pub fn forget(&self, owner: Id) {
        self.changes.borrow_mut().retain(|_, change| change.owner != Some(owner));
        self.read.borrow_mut().clear();
    }

    pub fn forget_all(&self) {
        self.changes.borrow_mut().clear();
        self.read.borrow_mut().clear();
    }

    /// Encoded bytes of what is held of a loaded group.
    pub fn size_of(&self, group: Id) -> usize {
        self.sizes.borrow().range((group, 0)..=(group, u8::MAX)).map(|(_, size)| size).sum()
    }

    /// The key of a row, in the namespace of the running call if it is a group's.
    pub fn key(&self, kind: Kind, id: Id) -> Vec<u8> {
        namespaced_key(kind, id, self.scratch.get())
    }

    pub fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(change) = self.changes.borrow().get(key) {
            return Ok(change.value.clone());
        }
        if !is_kept(key) {
            return self.rows.read(key);
        }
        if let Some(value) = self.read.borrow().get(key) {
            return Ok(value.clone());
        }
        let value = self.rows.read(key)?;
        self.read.borrow_mut().insert(key.to_vec(), value.clone());
        Ok(value)
    }

    pub fn get<T: DeserializeOwned>(&self, kind: Kind, id: Id) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.read(&self.key(kind, id))? else {
            return Ok(None);
        };
        self.note_size(kind, id, bytes.len());
        if kind == Kind::MessageSecrets {
            let context = self.wire_context(id)?;
            return decode(&context::join(&bytes, context.as_ref())?).map(Some);
        }
        decode(&bytes).map(Some)
    }

    pub fn put(&self, kind: Kind, id: Id, value: &impl Serialize) -> Result<(), StoreError> {
        let mut bytes = encode(value)?;
        if kind == Kind::MessageSecrets {
            bytes = context::split(&bytes, self.wire_context(id)?.as_ref());
        }
        self.note_size(kind, id, bytes.len());
        self.set(self.key(kind, id), Some(bytes));
        Ok(())
    }

    pub fn delete(&self, kind: Kind, id: Id) {
        self.set(self.key(kind, id), None);
    }

    pub fn set(&self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let change = Change { value, owner: self.owner.get() };
        let before = self.changes.borrow_mut().insert(key.clone(), change);
        self.journal.borrow_mut().push((key, before));
    }

    fn wire_context(&self, id: Id) -> Result<Option<WireContext>, StoreError> {
        let Some(row) = self.read(&self.key(Kind::Context, id))? else {
            return Ok(None);
        };
        if let Some((from, context)) = self.contexts.borrow().get(&id)
            && *from == row
        {
            return Ok(Some(context.clone()));
        }
        let context = WireContext::of(&decode::<GroupContext>(&row)?)?;
        self.contexts.borrow_mut().insert(id, (row, context.clone()));
        Ok(Some(context))
    }

    fn note_size(&self, kind: Kind, id: Id, size: usize) {
        if matches!(kind, Kind::Tree | Kind::MessageSecrets | Kind::GroupState) {
            self.sizes.borrow_mut().insert((id, kind as u8), size);
        }
    }

    /// Forgets what is held of the rows of a group that is no longer loaded.
    pub fn forget_rows(&self, group: Id) {
        self.sizes.borrow_mut().retain(|(id, _), _| *id != group);
        self.read.borrow_mut().retain(|key, _| key[1..] != group);
        self.contexts.borrow_mut().remove(&group);
    }
}

fn is_kept(key: &[u8]) -> bool {
    let kind = key[0] & !SCRATCH;
    kind == Kind::Context as u8 || kind == Kind::Generation as u8
}

/// The key of a group's row in the live or the scratch namespace.
pub fn namespaced_key(kind: Kind, id: Id, scratch: bool) -> Vec<u8> {
    let mark =
        if scratch && !matches!(kind, Kind::KeyPackage | Kind::Signer) { SCRATCH } else { 0 };
    let mut key = Vec::with_capacity(17);
    key.push(kind as u8 | mark);
    key.extend_from_slice(&id);
    key
}

/// The id of the private keys of one epoch of one group.
pub fn epoch_id(group: Id, epoch: &impl Serialize, leaf: u32) -> Result<Id, StoreError> {
    id_of(&(group, epoch, leaf))
}

pub fn encode(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|_| StoreError::Damaged)
}

/// Decodes a row; bytes left over mean that it is not what it was.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(StoreError::Damaged),
    }
}
