//! Groups: making one, changing one, reading one.

use openmls::prelude::{
    GroupId, LeafNodeIndex, MlsGroup, MlsGroupState, OpenMlsProvider,
    PURE_PLAINTEXT_WIRE_FORMAT_POLICY, tls_codec::Serialize,
};

use crate::{
    clock,
    engine::Engine,
    fault::{Code, Fault, Result},
    identity::{
        Identity, capabilities, group_extensions, lifetime, parse_key_package, policy_extension,
    },
    provider::ratchet_config,
    store::{GROUP_KINDS, Id, Kind, epoch_id, namespaced_key},
    view::{GroupView, Suite},
};

/// 84 days, as key packages have (K1): the creator's leaf states one too.
const CREATOR_LIFETIME_SECONDS: u64 = 84 * 24 * 3600;

pub struct CommitPlan {
    pub add_key_packages: Vec<Vec<u8>>,
    pub remove_leaves: Vec<u32>,
    pub policy: Option<Vec<u8>>,
    pub aad: Vec<u8>,
}

pub struct OwnCommit {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
    pub group_info: Vec<u8>,
    pub epoch: u64,
}

pub fn named(identity: Option<&Identity>) -> Result<&Identity> {
    identity.ok_or_else(|| Fault::new(Code::Engine, "no identity named"))
}

pub fn active(group: &MlsGroup) -> Result<()> {
    if group.is_active() {
        return Ok(());
    }
    Err(Fault::new(Code::NotAMember, "removed from the group"))
}

pub fn wire(message: &impl Serialize) -> Result<Vec<u8>> {
    message.tls_serialize_detached().map_err(|e| Fault::from_mls(&e))
}

impl Engine {
    pub fn create_group(
        &mut self,
        group: &[u8],
        suite: Suite,
        policy: &[u8],
        now: u64,
    ) -> Result<GroupView> {
        self.group_call(group, |engine, id| {
            if engine.is_known(id)? {
                return Err(Fault::new(Code::GroupExists, "a group of that id is here"));
            }
            clock::set(now);
            let identity = engine.identity()?;
            let made = MlsGroup::builder()
                .with_group_id(GroupId::from_slice(group))
                .ciphersuite(suite.ciphersuite())
                .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
                .padding_size(0)
                .max_past_epochs(0)
                .number_of_resumption_psks(0)
                .use_ratchet_tree_extension(true)
                .sender_ratchet_configuration(ratchet_config())
                .lifetime(lifetime(now, CREATOR_LIFETIME_SECONDS))
                .with_capabilities(capabilities())
                .with_group_context_extensions(group_extensions(policy)?)
                .build(&engine.provider, &identity.signer, identity.credential.clone())
                .map_err(|e| Fault::from_mls(&e))?;
            let view = GroupView::of(&made)?;
            engine.hold(id, made);
            Ok(view)
        })
    }

    /// Builds a commit, always with a path: an empty plan is an update of one's own leaf.
    pub fn commit(&mut self, group: &[u8], plan: CommitPlan, now: u64) -> Result<OwnCommit> {
        let adds = plan
            .add_key_packages
            .iter()
            .map(|bytes| parse_key_package(self, bytes, now))
            .collect::<Result<Vec<_>>>()?;
        clock::set(now);
        self.on_group(group, |group, provider, identity| {
            active(group)?;
            if group.pending_commit().is_some() {
                return Err(Fault::new(Code::PendingCommit, "a commit of one's own is pending"));
            }
            if adds.iter().any(|add| add.ciphersuite() != group.ciphersuite()) {
                return Err(Fault::new(Code::KeyPackageInvalid, "another suite"));
            }
            let identity = named(identity)?;
            let extensions = match &plan.policy {
                None => None,
                Some(policy) => {
                    let mut extensions = group.extensions().clone();
                    extensions
                        .add_or_replace(policy_extension(policy))
                        .map_err(|e| Fault::from_mls(&e))?;
                    Some(extensions)
                }
            };
            let epoch = group.epoch().as_u64() + 1;
            group.set_aad(plan.aad);
            let builder = group
                .commit_builder()
                .consume_proposal_store(false)
                .force_self_update(true)
                .propose_adds(adds)
                .propose_removals(plan.remove_leaves.iter().copied().map(LeafNodeIndex::new));
            let builder = match extensions {
                None => builder,
                Some(extensions) => builder
                    .propose_group_context_extensions(extensions)
                    .map_err(|e| Fault::from_mls(&e))?,
            };
            let bundle = builder
                .load_psks(provider.storage())
                .map_err(|e| Fault::from_mls(&e))?
                .create_group_info(true)
                .use_ratchet_tree_extension(true)
                .build(provider.rand(), provider.crypto(), &identity.signer, |_| true)
                .map_err(|e| Fault::from_mls(&e))?
                .stage_commit(provider)
                .map_err(|e| Fault::from_mls(&e))?;
            let (commit, welcome, group_info) = bundle.into_messages();
            Ok(OwnCommit {
                commit: wire(&commit)?,
                welcome: welcome.map(|w| wire(&w)).transpose()?,
                group_info: wire(
                    &group_info.ok_or_else(|| Fault::new(Code::Engine, "no group info"))?,
                )?,
                epoch,
            })
        })
    }

    pub fn merge_pending(&mut self, group: &[u8]) -> Result<GroupView> {
        self.on_group(group, |group, provider, _| {
            active(group)?;
            if group.pending_commit().is_none() {
                return Err(Fault::new(Code::Engine, "no commit of one's own is pending"));
            }
            group.merge_pending_commit(provider).map_err(|e| Fault::from_mls(&e))?;
            GroupView::of(group)
        })
    }

    pub fn clear_pending(&mut self, group: &[u8]) -> Result<()> {
        self.on_group(group, |group, provider, _| {
            if group.pending_commit().is_none() {
                return Ok(());
            }
            group.clear_pending_commit(provider.storage()).map_err(|e| Fault::from_mls(&e))
        })
    }

    pub fn has_pending(&mut self, group: &[u8]) -> Result<bool> {
        self.on_group(group, |group, _, _| Ok(group.pending_commit().is_some()))
    }

    pub fn merge_staged(&mut self, group: &[u8], handle: u32) -> Result<GroupView> {
        let staged = match self.staged.remove(&handle) {
            Some(staged) if staged.group == group => staged,
            Some(other) => {
                self.staged.insert(handle, other);
                return Err(Fault::new(Code::WrongGroup, "staged for another group"));
            }
            None => return Err(Fault::new(Code::Engine, "nothing staged under that handle")),
        };
        self.on_group(group, |group, provider, _| {
            if staged.commit.epoch().as_u64() != group.epoch().as_u64() + 1 {
                return Err(Fault::new(Code::WrongEpoch, "staged at another epoch"));
            }
            group.merge_staged_commit(provider, staged.commit).map_err(|e| Fault::from_mls(&e))?;
            GroupView::of(group)
        })
    }

    pub fn discard_staged(&mut self, group: &[u8], handle: u32) {
        if self.staged.get(&handle).is_some_and(|staged| staged.group == group) {
            self.staged.remove(&handle);
        }
    }

    pub fn group_info(&mut self, group: &[u8]) -> Result<Vec<u8>> {
        self.on_group(group, |group, provider, identity| {
            active(group)?;
            let message = group
                .export_group_info(provider.crypto(), &named(identity)?.signer, true)
                .map_err(|e| Fault::from_mls(&e))?;
            wire(&message)
        })
    }

    pub fn export_secret(
        &mut self,
        group: &[u8],
        label: &str,
        context: &[u8],
        length: usize,
    ) -> Result<Vec<u8>> {
        self.on_group(group, |group, provider, _| {
            active(group)?;
            group
                .export_secret(provider.crypto(), label, context, length)
                .map_err(|e| Fault::from_mls(&e))
        })
    }

    pub fn delete_group(&mut self, group: &[u8]) -> Result<()> {
        self.group_call(group, |engine, id| {
            engine.unload(id);
            engine.delete_rows(id, false)?;
            engine.delete_rows(id, true)
        })?;
        self.staged.retain(|_, staged| staged.group != group);
        Ok(())
    }

    /// The keys of all rows of a group that are there.
    pub fn group_rows(&self, id: Id, scratch: bool) -> Result<Vec<Vec<u8>>> {
        let mut keys: Vec<_> =
            GROUP_KINDS.iter().map(|kind| namespaced_key(*kind, id, scratch)).collect();
        self.store().set_scratch(scratch);
        let position = self.store().position(id);
        self.store().set_scratch(false);
        // A row that does not decode names no key pairs; a damaged group has to be erasable all the same.
        if let Ok(Some((epoch, leaf))) = position {
            keys.push(namespaced_key(Kind::EpochKeyPairs, epoch_id(id, &epoch, leaf)?, scratch));
        }
        let mut found = Vec::new();
        for key in keys {
            if self.store().read(&key)?.is_some() {
                found.push(key);
            }
        }
        Ok(found)
    }

    pub fn delete_rows(&self, id: Id, scratch: bool) -> Result<()> {
        for key in self.group_rows(id, scratch)? {
            self.store().set(key, None);
        }
        Ok(())
    }

    /// Whether the stored state says that this device was removed.
    pub fn is_inactive(&self, id: Id) -> Result<bool> {
        let state: Option<MlsGroupState> = self.store().get(Kind::GroupState, id)?;
        Ok(matches!(state, Some(MlsGroupState::Inactive)))
    }
}
