//! What the port shows of groups, commits and messages.

use openmls::{
    extensions::Extensions,
    group::GroupContext,
    prelude::{
        Ciphersuite, Credential, KeyPackage, LeafNode, Lifetime, Member, MlsGroup, Proposal,
        ProposalOrRefType, Sender, StagedCommit,
    },
    treesync::LeafNodeSource,
};

use crate::{
    fault::{Code, Fault, Result},
    identity::POLICY,
};

/// `base` or `hybrid` (X2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    Base,
    Hybrid,
}

impl Suite {
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "base" => Ok(Suite::Base),
            "hybrid" => Ok(Suite::Hybrid),
            _ => Err(Fault::new(Code::Engine, "no such suite")),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Suite::Base => "base",
            Suite::Hybrid => "hybrid",
        }
    }

    pub fn ciphersuite(self) -> Ciphersuite {
        match self {
            Suite::Base => Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
            Suite::Hybrid => Ciphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519,
        }
    }

    /// Which of ours it is; any other has no place here.
    pub fn of(ciphersuite: Ciphersuite) -> Option<Self> {
        [Suite::Base, Suite::Hybrid].into_iter().find(|s| s.ciphersuite() == ciphersuite)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub index: u32,
    pub credential: Vec<u8>,
    pub signature_key: Vec<u8>,
}

impl Leaf {
    pub fn of(member: &Member) -> Self {
        Self {
            index: member.index.u32(),
            credential: member.credential.serialized_content().to_vec(),
            signature_key: member.signature_key.clone(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub group: Vec<u8>,
    pub suite: Suite,
    pub epoch: u64,
    pub own_leaf: u32,
    pub leaves: Vec<Leaf>,
    pub policy: Vec<u8>,
    pub tree_hash: Vec<u8>,
    pub confirmed_transcript_hash: Vec<u8>,
    pub epoch_authenticator: Vec<u8>,
}

impl GroupView {
    pub fn of(group: &MlsGroup) -> Result<Self> {
        let context = group.public_group().group_context();
        Ok(Self {
            group: group.group_id().to_vec(),
            suite: Suite::of(group.ciphersuite())
                .ok_or_else(|| Fault::new(Code::StateDamaged, "suite"))?,
            epoch: group.epoch().as_u64(),
            own_leaf: group.own_leaf_index().u32(),
            leaves: group.members().map(|m| Leaf::of(&m)).collect(),
            policy: policy_of(context.extensions()),
            tree_hash: context.tree_hash().to_vec(),
            confirmed_transcript_hash: context.confirmed_transcript_hash().to_vec(),
            epoch_authenticator: group.epoch_authenticator().as_slice().to_vec(),
        })
    }
}

/// What a GroupInfo says of its group, before anything is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfoView {
    pub group: Vec<u8>,
    pub suite: Suite,
    pub epoch: u64,
    pub leaves: Vec<Leaf>,
    pub policy: Vec<u8>,
    pub tree_hash: Vec<u8>,
    pub confirmed_transcript_hash: Vec<u8>,
    pub signer: Leaf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedLeaf {
    pub credential: Vec<u8>,
    pub signature_key: Vec<u8>,
    pub not_before: u64,
    pub not_after: u64,
}

impl AddedLeaf {
    pub fn of(key_package: &KeyPackage) -> Self {
        let leaf = key_package.leaf_node();
        let lifetime = lifetime_of(leaf);
        Self {
            credential: leaf.credential().serialized_content().to_vec(),
            signature_key: leaf.signature_key().as_slice().to_vec(),
            not_before: lifetime.map_or(0, |l| l.not_before()),
            not_after: lifetime.map_or(0, |l| l.not_after()),
        }
    }
}

fn lifetime_of(leaf: &LeafNode) -> Option<&Lifetime> {
    match leaf.leaf_node_source() {
        LeafNodeSource::KeyPackage(lifetime) => Some(lifetime),
        _ => None,
    }
}

/// The body of the `quintet.policy` extension (C1); a group without one has an empty policy.
pub fn policy_of(extensions: &Extensions<GroupContext>) -> Vec<u8> {
    extensions.unknown(POLICY).map(|policy| policy.0.clone()).unwrap_or_default()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitView {
    pub committer: Leaf,
    pub external: bool,
    pub aad: Vec<u8>,
    pub epoch: u64,
    pub adds: Vec<AddedLeaf>,
    pub removes: Vec<Leaf>,
    pub path: Option<(Vec<u8>, Vec<u8>)>,
    pub policy_before: Vec<u8>,
    pub policy_after: Vec<u8>,
    pub unlisted: Vec<&'static str>,
    pub removes_self: bool,
}

impl CommitView {
    /// Reads a staged commit against the group that it was staged in.
    pub fn of(
        group: &MlsGroup,
        staged: &StagedCommit,
        sender: &Sender,
        aad: &[u8],
    ) -> Result<Self> {
        let path = staged.update_path_leaf_node().map(|leaf| {
            (credential_bytes(leaf.credential()), leaf.signature_key().as_slice().to_vec())
        });
        let (external, committer) = match sender {
            Sender::Member(index) => (false, member_leaf(group, *index)?),
            Sender::NewMemberCommit => {
                let index =
                    group.ext_commit_sender_index(staged).map_err(|e| Fault::from_mls(&e))?.u32();
                let (credential, signature_key) = path
                    .clone()
                    .ok_or_else(|| Fault::new(Code::RefusedProposal, "external without path"))?;
                (true, Leaf { index, credential, signature_key })
            }
            Sender::External(_) | Sender::NewMemberProposal => {
                return Err(Fault::new(Code::RefusedProposal, "sender"));
            }
        };
        let mut adds = Vec::new();
        let mut removes = Vec::new();
        let mut unlisted = Vec::new();
        for queued in staged.queued_proposals() {
            if queued.proposal_or_ref_type() == ProposalOrRefType::Reference {
                unlisted.push("by-reference");
            }
            match queued.proposal() {
                Proposal::Add(add) => adds.push(AddedLeaf::of(add.key_package())),
                Proposal::Remove(remove) => removes.push(member_leaf(group, remove.removed())?),
                Proposal::GroupContextExtensions(_) => {}
                Proposal::ExternalInit(_) if external => {}
                Proposal::ExternalInit(_) => unlisted.push("external-init"),
                Proposal::Update(_) => unlisted.push("update"),
                Proposal::PreSharedKey(_) => unlisted.push("psk"),
                Proposal::ReInit(_) => unlisted.push("reinit"),
                Proposal::SelfRemove => unlisted.push("self-remove"),
                Proposal::Custom(_) => unlisted.push("custom"),
            }
        }
        let before = group.extensions();
        let after = staged.group_context().extensions();
        if others(before) != others(after) {
            unlisted.push("other-extension");
        }
        Ok(Self {
            committer,
            external,
            aad: aad.to_vec(),
            epoch: staged.epoch().as_u64(),
            adds,
            removes,
            path,
            policy_before: policy_of(before),
            policy_after: policy_of(after),
            unlisted,
            removes_self: staged.self_removed(),
        })
    }
}

/// The extensions of a GroupContext that no rule of ours ever changes.
fn others(extensions: &Extensions<GroupContext>) -> Vec<&openmls::extensions::Extension> {
    use openmls::extensions::ExtensionType;
    extensions.iter().filter(|e| e.extension_type() != ExtensionType::Unknown(POLICY)).collect()
}

fn credential_bytes(credential: &Credential) -> Vec<u8> {
    credential.serialized_content().to_vec()
}

pub fn member_leaf(group: &MlsGroup, index: openmls::prelude::LeafNodeIndex) -> Result<Leaf> {
    group
        .member_at(index)
        .map(|member| Leaf::of(&member))
        .ok_or_else(|| Fault::new(Code::NotAMember, "no such leaf"))
}
