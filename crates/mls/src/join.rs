//! Joining: by Welcome, staged first (K5), or by external commit, in the scratch namespace (C9).

use openmls::{
    messages::group_info::VerifiableGroupInfo,
    prelude::{
        BasicCredential, CredentialWithKey, ExternalCommitBuilder, KeyPackageBundle,
        LeafNodeParameters, MlsGroup, MlsMessageBodyIn, OpenMlsProvider, StagedWelcome, Welcome,
    },
};

use crate::{
    engine::{Engine, StagedJoin},
    fault::{Code, Fault, Result},
    group::{OwnCommit, wire},
    identity::{capabilities, key_package_key, parse},
    provider::{group_key, join_config},
    store::{Kind, id_of},
    tree::leaves_of,
    view::{GroupInfoView, GroupView, Leaf, Suite, policy_of},
};

fn parse_welcome(bytes: &[u8]) -> Result<Welcome> {
    match parse(bytes)? {
        MlsMessageBodyIn::Welcome(welcome) => Ok(welcome),
        _ => Err(Fault::new(Code::Malformed, "not a welcome")),
    }
}

/// A GroupInfo with the leaf that claims to have signed it.
fn parse_group_info(bytes: &[u8]) -> Result<(VerifiableGroupInfo, u32)> {
    let MlsMessageBodyIn::GroupInfo(info) = parse(bytes)? else {
        return Err(Fault::new(Code::Malformed, "not a group info"));
    };
    if Suite::of(info.ciphersuite()).is_none() {
        return Err(Fault::new(Code::Malformed, "no suite of ours"));
    }
    // RFC 9420 12.4.3: a GroupInfo ends in `uint32 signer; opaque signature<V>`, and an Ed25519
    // signature of 64 bytes has a length prefix of 0x4040. OpenMLS keeps the number to itself.
    let end = bytes.len().checked_sub(70).and_then(|at| bytes.get(at..));
    match end {
        Some([a, b, c, d, 0x40, 0x40, ..]) => Ok((info, u32::from_be_bytes([*a, *b, *c, *d]))),
        _ => Err(Fault::new(Code::BadSignature, "not an Ed25519 signature")),
    }
}

impl Engine {
    pub fn welcome_refs(&mut self, welcome: &[u8]) -> Result<Vec<Vec<u8>>> {
        let welcome = parse_welcome(welcome)?;
        let mut ours = Vec::new();
        for secrets in welcome.secrets() {
            let reference = secrets.new_member();
            if self.store().read(&key_package_key(reference.as_slice())?)?.is_some() {
                ours.push(reference.as_slice().to_vec());
            }
        }
        Ok(ours)
    }

    /// Builds the joined group and takes out again all that it changed, until `accept_join`.
    pub fn stage_welcome(&mut self, welcome: &[u8]) -> Result<(u32, GroupView, Leaf)> {
        let welcome = parse_welcome(welcome)?;
        let Some(reference) = self.our_key_package(&welcome)? else {
            return Err(Fault::new(Code::KeyPackageUsed, "no key package of ours fits"));
        };
        let last_resort = self.is_last_resort(&reference)?;
        self.store().begin(None);
        let built = self.build_join(welcome);
        let changes = self.store().cut();
        let (group, signer) = built?;
        if self.is_taken(group.group_id().as_slice())? {
            return Err(Fault::new(Code::GroupExists, "a group of that id is here"));
        }
        let view = GroupView::of(&group)?;
        let handle = self.handle();
        let key_package = key_package_key(&reference)?;
        self.joins.insert(handle, StagedJoin { group, changes, key_package, last_resort });
        Ok((handle, view, signer))
    }

    fn build_join(&self, welcome: Welcome) -> Result<(MlsGroup, Leaf)> {
        let staged = StagedWelcome::build_from_welcome(&self.provider, &join_config(), welcome)
            .map_err(|e| Fault::from_mls_or(Code::BadSignature)(&e))?
            .skip_lifetime_validation()
            .replace_old_group()
            .build()
            .map_err(|e| Fault::from_mls_or(Code::BadSignature)(&e))?;
        let index = staged.welcome_sender_index();
        let leaf = staged.welcome_sender().map_err(|e| Fault::from_mls(&e))?;
        let signer = Leaf {
            index: index.u32(),
            credential: leaf.credential().serialized_content().to_vec(),
            signature_key: leaf.signature_key().as_slice().to_vec(),
        };
        let group = staged.into_group(&self.provider).map_err(|e| Fault::from_mls(&e))?;
        Ok((group, signer))
    }

    fn our_key_package(&self, welcome: &Welcome) -> Result<Option<Vec<u8>>> {
        for secrets in welcome.secrets() {
            let reference = secrets.new_member();
            if self.store().read(&key_package_key(reference.as_slice())?)?.is_some() {
                return Ok(Some(reference.as_slice().to_vec()));
            }
        }
        Ok(None)
    }

    fn is_last_resort(&self, reference: &[u8]) -> Result<bool> {
        let bundle: Option<KeyPackageBundle> =
            self.store().get(Kind::KeyPackage, id_of(&reference)?)?;
        Ok(bundle.is_some_and(|bundle| bundle.key_package().last_resort()))
    }

    /// A group that this device was removed from makes room for its own return.
    fn is_taken(&self, group: &[u8]) -> Result<bool> {
        let id = group_key(group)?;
        Ok(self.is_known(id)? && !self.is_inactive(id)?)
    }

    pub fn accept_join(&mut self, handle: u32) -> Result<GroupView> {
        let join = self
            .joins
            .remove(&handle)
            .ok_or_else(|| Fault::new(Code::Engine, "nothing staged under that handle"))?;
        let group = join.group.group_id().as_slice().to_vec();
        self.group_call(&group, |engine, id| {
            if !join.last_resort && engine.store().read(&join.key_package)?.is_none() {
                return Err(Fault::new(Code::KeyPackageUsed, "another join has used it"));
            }
            if engine.is_taken(&group)? {
                return Err(Fault::new(Code::GroupExists, "a group of that id is here"));
            }
            engine.unload(id);
            engine.delete_rows(id, false)?;
            engine.store().replay(join.changes);
            engine.load(&group, id)?;
            let (group, _, _) = engine.parts(id)?;
            GroupView::of(group)
        })
    }

    pub fn discard_join(&mut self, handle: u32) {
        self.joins.remove(&handle);
    }

    pub fn join_external(
        &mut self,
        group_info: &[u8],
        aad: &[u8],
        now: u64,
    ) -> Result<(OwnCommit, GroupView)> {
        let (info, _) = parse_group_info(group_info)?;
        let group = info.group_id().to_vec();
        crate::clock::set(now);
        self.group_call(&group, |engine, id| {
            engine.delete_rows(id, true)?;
            engine.store().set_scratch(true);
            let identity = engine.identity()?;
            let parameters =
                LeafNodeParameters::builder().with_capabilities(capabilities()).build();
            let (joined, bundle) = ExternalCommitBuilder::new()
                .with_config(join_config())
                .with_aad(aad.to_vec())
                .skip_lifetime_validation()
                .build_group(&engine.provider, info, identity.credential.clone())
                .map_err(|e| Fault::from_mls_or(Code::BadSignature)(&e))?
                .leaf_node_parameters(parameters)
                .load_psks(engine.provider.storage())
                .map_err(|e| Fault::from_mls(&e))?
                .create_group_info(true)
                .use_ratchet_tree_extension(true)
                .build(engine.provider.rand(), engine.provider.crypto(), &identity.signer, |_| true)
                .map_err(|e| Fault::from_mls(&e))?
                .finalize(&engine.provider)
                .map_err(|e| Fault::from_mls(&e))?;
            let (commit, _, group_info) = bundle.into_messages();
            let commit = OwnCommit {
                commit: wire(&commit)?,
                welcome: None,
                group_info: wire(
                    &group_info.ok_or_else(|| Fault::new(Code::Engine, "no group info"))?,
                )?,
                epoch: joined.epoch().as_u64(),
            };
            Ok((commit, GroupView::of(&joined)?))
        })
    }

    pub fn replace_by_scratch(&mut self, group: &[u8]) -> Result<GroupView> {
        let view = self.group_call(group, |engine, id| {
            let rows = engine.group_rows(id, true)?;
            if rows.is_empty() {
                return Err(Fault::new(Code::UnknownGroup, "no scratch state"));
            }
            engine.unload(id);
            engine.delete_rows(id, false)?;
            for key in rows {
                let value = engine.store().read(&key)?;
                let mut live = key.clone();
                live[0] &= 0x7f;
                engine.store().set(live, value);
                engine.store().set(key, None);
            }
            engine.load(group, id)?;
            let (group, _, _) = engine.parts(id)?;
            GroupView::of(group)
        })?;
        self.staged.retain(|_, staged| staged.group != group);
        Ok(view)
    }

    pub fn drop_scratch(&mut self, group: &[u8]) -> Result<()> {
        self.group_call(group, |engine, id| engine.delete_rows(id, true))
    }

    /// Checks a GroupInfo as a join would, without joining.
    pub fn inspect_group_info(&mut self, bytes: &[u8]) -> Result<GroupInfoView> {
        let (info, signer) = parse_group_info(bytes)?;
        let tree = match info.extensions().ratchet_tree() {
            Some(extension) => extension.ratchet_tree().clone(),
            None => return Err(Fault::new(Code::Malformed, "no ratchet tree")),
        };
        self.check_group_info(&info)?;
        let leaves = leaves_of(&tree)?;
        let context = info.group_context();
        Ok(GroupInfoView {
            group: info.group_id().to_vec(),
            suite: Suite::of(info.ciphersuite())
                .ok_or_else(|| Fault::new(Code::Malformed, "no suite of ours"))?,
            epoch: info.epoch().as_u64(),
            policy: policy_of(context.extensions()),
            tree_hash: context.tree_hash().to_vec(),
            confirmed_transcript_hash: context.confirmed_transcript_hash().to_vec(),
            signer: leaves
                .iter()
                .find(|leaf| leaf.index == signer)
                .cloned()
                .ok_or_else(|| Fault::new(Code::NotAMember, "signer is no leaf"))?,
            leaves,
        })
    }

    /// Signature, tree hash, parent hashes and leaves: the first half of an external join does just
    /// these checks, and skips lifetimes (C10), which OpenMLS's public group cannot.
    fn check_group_info(&self, info: &VerifiableGroupInfo) -> Result<()> {
        // Nobody joins: the builder asks for a joiner and looks at its key only to find an older leaf.
        let nobody = CredentialWithKey {
            credential: BasicCredential::new(Vec::new()).into(),
            signature_key: Vec::new().into(),
        };
        self.store().begin(None);
        let checked = ExternalCommitBuilder::new()
            .with_config(join_config())
            .skip_lifetime_validation()
            .build_group(&self.provider, info.clone(), nobody)
            .map(|_| ())
            .map_err(|e| Fault::from_mls_or(Code::BadSignature)(&e));
        self.store().undo();
        checked
    }
}
