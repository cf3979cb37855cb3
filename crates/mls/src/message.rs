//! Messages: sealing one's own, opening others'.

use openmls::prelude::{
    ContentType, HpkePrivateKey, MlsGroup, MlsMessageBodyIn, ProcessedMessageContent,
    ProtocolMessage, Sender, VLBytes, tls_codec::Serialize,
};
use serde::Deserialize;

use crate::{
    clock,
    engine::{Engine, Staged},
    fault::{Code, Fault, Result},
    group::{active, named},
    identity::parse,
    provider::Provider,
    store::{Id, Kind, encode, epoch_id},
    view::{CommitView, Leaf, member_leaf},
};

pub enum Opened {
    Application { sender: Leaf, aad: Vec<u8>, plaintext: Vec<u8>, epoch: u64 },
    Commit { staged: u32, view: CommitView },
}

impl Engine {
    pub fn encrypt(&mut self, group: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        self.group_call(group, |engine, id| {
            engine.load(group, id)?;
            let sent = engine.generation(id)?;
            let (group, provider, identity) = engine.parts(id)?;
            active(group)?;
            let identity = named(identity)?;
            group.set_aad(aad.to_vec());
            let message = group
                .create_message(provider, &identity.signer, plaintext)
                .map_err(|e| Fault::from_mls(&e))?;
            let epoch = group.epoch().as_u64();
            provider.store.put(Kind::Generation, id, &(epoch, sent + 1))?;
            message.tls_serialize_detached().map_err(|e| Fault::from_mls(&e))
        })
    }

    pub fn own_generation(&mut self, group: &[u8]) -> Result<u32> {
        self.group_call(group, |engine, id| {
            engine.load(group, id)?;
            engine.generation(id)
        })
    }

    /// How many messages this device has sealed in the current epoch; OpenMLS keeps its own count to
    /// itself, and each message takes one step of it.
    fn generation(&mut self, id: Id) -> Result<u32> {
        let row: Option<(u64, u32)> = self.store().get(Kind::Generation, id)?;
        let (group, _, _) = self.parts(id)?;
        let epoch = group.epoch().as_u64();
        Ok(row.filter(|(of, _)| *of == epoch).map_or(0, |(_, count)| count))
    }

    pub fn open(&mut self, group: &[u8], message: &[u8], now: u64) -> Result<Opened> {
        let message = match parse(message)? {
            MlsMessageBodyIn::PublicMessage(message) => ProtocolMessage::from(message),
            MlsMessageBodyIn::PrivateMessage(message) => ProtocolMessage::from(message),
            MlsMessageBodyIn::Welcome(_)
            | MlsMessageBodyIn::GroupInfo(_)
            | MlsMessageBodyIn::KeyPackage(_) => {
                return Err(Fault::new(Code::Malformed, "no message of a group"));
            }
        };
        clock::set(now);
        let (opened, commit) = self.gentle_call(group, |engine, id| {
            engine.load(group, id)?;
            let (group, provider, identity) = engine.parts(id)?;
            active(group)?;
            if message.group_id() != group.group_id() {
                return Err(Fault::new(Code::WrongGroup, "message of another group"));
            }
            if message.epoch() != group.epoch() {
                return Err(Fault::new(Code::WrongEpoch, "message of another epoch"));
            }
            let is_commit = message.content_type() == ContentType::Commit;
            let processed = match group.process_message(provider, message) {
                Ok(processed) => processed,
                Err(error) => {
                    let fault = Fault::from_mls(&error);
                    if is_commit && !has_own_key(group, provider, id)? {
                        return Err(Fault { code: Code::StateDamaged, ..fault });
                    }
                    return Err(fault);
                }
            };
            let sender = processed.sender().clone();
            let aad = processed.aad().to_vec();
            match processed.into_content() {
                ProcessedMessageContent::ApplicationMessage(message) => {
                    let Sender::Member(index) = sender else {
                        return Err(Fault::new(Code::NotAMember, "sender is no leaf"));
                    };
                    let opened = Opened::Application {
                        sender: member_leaf(group, index)?,
                        aad,
                        plaintext: message.into_bytes(),
                        epoch: group.epoch().as_u64(),
                    };
                    Ok((opened, None))
                }
                ProcessedMessageContent::StagedCommitMessage(commit) => {
                    let view = CommitView::of(group, &commit, &sender, &aad)?;
                    // One's own external commit, back while the live state is still the old one (C9).
                    if view.external
                        && named(identity)?.signer.public() == view.committer.signature_key
                    {
                        return Err(Fault::new(Code::OwnMessage, "one's own external commit"));
                    }
                    Ok((Opened::Commit { staged: 0, view }, Some(*commit)))
                }
                ProcessedMessageContent::OwnPendingCommit
                | ProcessedMessageContent::OwnPrivateMessage => {
                    Err(Fault::new(Code::OwnMessage, "one's own message came back"))
                }
                ProcessedMessageContent::ProposalMessage(_)
                | ProcessedMessageContent::ExternalJoinProposalMessage(_) => {
                    Err(Fault::new(Code::RefusedProposal, "a proposal outside a commit"))
                }
            }
        })?;
        match (opened, commit) {
            (Opened::Commit { view, .. }, Some(commit)) => {
                let staged = self.handle();
                self.staged.insert(staged, Staged { group: group.to_vec(), commit });
                Ok(Opened::Commit { staged, view })
            }
            (opened, _) => Ok(opened),
        }
    }
}

/// A key pair as OpenMLS stores it.
#[derive(Deserialize)]
struct KeyPair {
    public: VLBytes,
    _private: HpkePrivateKey,
}

/// Whether the rows hold the key of the device's own leaf: that a commit does not fit a device
/// without is no fault of the commit's.
fn has_own_key(group: &MlsGroup, provider: &Provider, id: Id) -> Result<bool> {
    let Some(leaf) = group.own_leaf_node() else {
        return Ok(false);
    };
    let pairs = epoch_id(id, &group.epoch(), group.own_leaf_index().u32())?;
    let pairs: Vec<KeyPair> = provider.store.get(Kind::EpochKeyPairs, pairs)?.unwrap_or_default();
    let own = encode(leaf.encryption_key())?;
    Ok(pairs.iter().any(|pair| encode(&pair.public).as_ref() == Ok(&own)))
}
