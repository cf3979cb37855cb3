//! One device's engine: loaded groups over rows, each call whole or not at all.

use std::collections::HashMap;

use openmls::prelude::{GroupId, LeafNode, MlsGroup, StagedCommit};

use crate::{
    fault::{Code, Fault, Result},
    identity::Identity,
    provider::{Provider, group_key},
    store::{Changes, Id, Kind, Rows, Store, StoreError},
    view::GroupView,
};

/// Room that a loaded group takes, in bytes: so much at least, and so many times its encoded rows.
const LOADED_OVERHEAD: usize = 4096;
const LOADED_FACTOR: usize = 3;

pub struct Loaded {
    pub group: MlsGroup,
    used: u64,
}

/// A commit of another's, judged or being judged.
pub struct Staged {
    pub group: Vec<u8>,
    pub commit: StagedCommit,
}

/// A join by Welcome that is built but not stored.
pub struct StagedJoin {
    pub group: MlsGroup,
    pub changes: Changes,
    pub key_package: Vec<u8>,
    pub last_resort: bool,
}

pub struct Engine {
    pub provider: Provider,
    pub identity: Option<Identity>,
    pub staged: HashMap<u32, Staged>,
    pub joins: HashMap<u32, StagedJoin>,
    loaded: HashMap<Id, Loaded>,
    next_handle: u32,
    clock: u64,
    max_loaded: usize,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::from_mls(&error)
    }
}

impl Engine {
    pub fn new(rows: Box<dyn Rows>, max_loaded: usize) -> Self {
        Self {
            provider: Provider::new(Store::new(rows)),
            identity: None,
            staged: HashMap::new(),
            joins: HashMap::new(),
            loaded: HashMap::new(),
            next_handle: 0,
            clock: 0,
            max_loaded,
        }
    }

    pub fn handle(&mut self) -> u32 {
        self.next_handle += 1;
        self.next_handle
    }

    pub fn store(&self) -> &Store {
        &self.provider.store
    }

    /// Runs a call that no group owns; if it fails it has changed nothing.
    pub fn call<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.owned_call(None, false, run)
    }

    /// Runs a call for one group; if it fails it has changed nothing, of the rows or of the group.
    pub fn group_call<T>(
        &mut self,
        group: &[u8],
        run: impl FnOnce(&mut Self, Id) -> Result<T>,
    ) -> Result<T> {
        let id = group_key(group)?;
        self.owned_call(Some(id), false, |engine| run(engine, id))
    }

    /// Runs a call that leaves a group as it is where it fails, so that it stays loaded: whoever sends
    /// garbage must not make us load the group anew for each piece of it.
    pub fn gentle_call<T>(
        &mut self,
        group: &[u8],
        run: impl FnOnce(&mut Self, Id) -> Result<T>,
    ) -> Result<T> {
        let id = group_key(group)?;
        self.owned_call(Some(id), true, |engine| run(engine, id))
    }

    fn owned_call<T>(
        &mut self,
        owner: Option<Id>,
        gentle: bool,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.store().begin(owner);
        let result = run(self);
        if result.is_ok() {
            self.store().keep();
            self.let_go(owner);
            return result;
        }
        let undone = self.store().undo();
        if let Some(id) = owner
            && (undone || !gentle)
        {
            self.unload(id);
        }
        result
    }

    /// Runs `run` on the loaded group, loading it if need be.
    pub fn on_group<T>(
        &mut self,
        group: &[u8],
        run: impl FnOnce(&mut MlsGroup, &Provider, Option<&Identity>) -> Result<T>,
    ) -> Result<T> {
        self.group_call(group, |engine, id| {
            engine.load(group, id)?;
            let (group, provider, identity) = engine.parts(id)?;
            run(group, provider, identity)
        })
    }

    /// Makes the group loaded, or tells that there is none.
    pub fn load(&mut self, group: &[u8], id: Id) -> Result<()> {
        self.clock += 1;
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.used = self.clock;
            return Ok(());
        }
        let group = MlsGroup::load(self.store(), &GroupId::from_slice(group))?
            .ok_or_else(|| Fault::new(Code::UnknownGroup, "no such group"))?;
        if group.is_active() && !self.is_own(group.own_leaf_node()) {
            return Err(Fault::new(Code::StateDamaged, "another's place"));
        }
        self.hold(id, group);
        Ok(())
    }

    /// What is signed in another's place nobody can open.
    fn is_own(&self, leaf: Option<&LeafNode>) -> bool {
        let own = self.identity.as_ref().map(|identity| identity.signer.public());
        own.is_none_or(|key| leaf.is_some_and(|leaf| leaf.signature_key().as_slice() == key))
    }

    /// A loaded group with what is needed to work on it.
    pub fn parts(&mut self, id: Id) -> Result<(&mut MlsGroup, &Provider, Option<&Identity>)> {
        let loaded =
            self.loaded.get_mut(&id).ok_or_else(|| Fault::new(Code::Engine, "not loaded"))?;
        Ok((&mut loaded.group, &self.provider, self.identity.as_ref()))
    }

    /// Takes a group that was just made among the loaded ones.
    pub fn hold(&mut self, id: Id, group: MlsGroup) {
        self.clock += 1;
        self.loaded.insert(id, Loaded { group, used: self.clock });
    }

    pub fn unload(&mut self, id: Id) {
        self.loaded.remove(&id);
        self.store().forget_rows(id);
    }

    pub fn is_known(&self, id: Id) -> Result<bool> {
        Ok(self.store().read(&self.store().key(Kind::Context, id))?.is_some())
    }

    pub fn identity(&self) -> Result<&Identity> {
        self.identity.as_ref().ok_or_else(|| Fault::new(Code::Engine, "no identity named"))
    }

    pub fn view(&mut self, group: &[u8]) -> Result<Option<GroupView>> {
        let id = group_key(group)?;
        if !self.loaded.contains_key(&id) && !self.is_known(id)? {
            return Ok(None);
        }
        self.on_group(group, |group, _, _| GroupView::of(group)).map(Some)
    }

    /// Forgets what was not taken of a group's calls, and the loaded copy.
    pub fn reload(&mut self, group: &[u8]) -> Result<()> {
        let id = group_key(group)?;
        self.store().forget(id);
        self.unload(id);
        self.staged.retain(|_, staged| staged.group != group);
        self.joins.retain(|_, join| join.group.group_id().as_slice() != group);
        Ok(())
    }

    pub fn reload_all(&mut self) {
        self.store().forget_all();
        for id in self.loaded.keys().copied().collect::<Vec<_>>() {
            self.unload(id);
        }
        self.staged.clear();
        self.joins.clear();
    }

    pub fn loaded_bytes(&self) -> usize {
        self.loaded.keys().map(|id| self.bytes_of(*id)).sum()
    }

    fn bytes_of(&self, id: Id) -> usize {
        LOADED_OVERHEAD + LOADED_FACTOR * self.store().size_of(id)
    }

    /// Lets the least recently used groups go until the bound holds; the one in use stays.
    fn let_go(&mut self, in_use: Option<Id>) {
        let mut total = self.loaded_bytes();
        while total > self.max_loaded {
            let oldest = self
                .loaded
                .iter()
                .filter(|(id, _)| Some(**id) != in_use)
                .min_by_key(|(_, loaded)| loaded.used)
                .map(|(id, _)| *id);
            let Some(id) = oldest else { return };
            total = total.saturating_sub(self.bytes_of(id));
            self.unload(id);
        }
    }
}
