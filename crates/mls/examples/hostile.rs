//! Writes what a member that does not run our engine can send, for the tests of packages/crypto:
//! `cargo run --example hostile > packages/crypto/test/hostile.json` (in crates/mls).
//!
//! The victim is our engine, its rows are written out with it. The attacker is OpenMLS as it comes.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::SystemTime};

use openmls::{
    prelude::{tls_codec::*, *},
    schedule::{PreSharedKeyId, Psk, psk::ExternalPsk},
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use quintet_mls::{
    engine::Engine,
    group::CommitPlan,
    identity::{POLICY, capabilities, group_extensions},
    provider::join_config,
    store::{Rows, StoreError},
    view::Suite,
};

const GROUP: &[u8] = b"chat-1";

#[derive(Clone, Default)]
struct Memory(Rc<RefCell<HashMap<Vec<u8>, Vec<u8>>>>);

impl Rows for Memory {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().get(key).cloned())
    }
}

struct Attacker {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
}

fn attacker(name: &str) -> Attacker {
    let signer = SignatureKeyPair::new(SignatureScheme::ED25519).unwrap();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(name.into()).into(),
        signature_key: signer.public().into(),
    };
    Attacker { provider: OpenMlsRustCrypto::default(), signer, credential }
}

impl Attacker {
    fn key_package(&self, capabilities: Capabilities) -> KeyPackage {
        KeyPackage::builder()
            .leaf_node_capabilities(capabilities)
            .build(Suite::Base.ciphersuite(), &self.provider, &self.signer, self.credential.clone())
            .unwrap()
            .into_key_package()
    }

    fn join(&self, welcome: &[u8]) {
        let MlsMessageBodyIn::Welcome(welcome) =
            MlsMessageIn::tls_deserialize_exact_bytes(welcome).unwrap().extract()
        else {
            unreachable!()
        };
        StagedWelcome::new_from_welcome(&self.provider, &join_config(), welcome, None)
            .unwrap()
            .into_group(&self.provider)
            .unwrap();
    }

    fn group(&self) -> MlsGroup {
        let id = GroupId::from_slice(GROUP);
        let mut group = MlsGroup::load(self.provider.storage(), &id).unwrap().unwrap();
        group.clear_pending_commit(self.provider.storage()).unwrap();
        group.clear_pending_proposals(self.provider.storage()).unwrap();
        group
    }

    fn commit(&self, proposal: Proposal) -> Vec<u8> {
        let mut group = self.group();
        let builder = group.commit_builder().force_self_update(true).add_proposal(proposal);
        self.finish(builder)
    }

    fn change_context(&self, extensions: Extensions<GroupContext>) -> Vec<u8> {
        let mut group = self.group();
        let builder = group.commit_builder().force_self_update(true);
        self.finish(builder.propose_group_context_extensions(extensions).unwrap())
    }

    fn finish(&self, builder: CommitBuilder<'_, Initial, &mut MlsGroup>) -> Vec<u8> {
        let bundle = builder
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        bundle.into_commit().tls_serialize_detached().unwrap()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let (eve, bob) = (attacker("eve"), attacker("bob"));
    let wide = Capabilities::new(
        None,
        None,
        Some(&[ExtensionType::Unknown(POLICY)]),
        Some(&[ProposalType::SelfRemove]),
        None,
    );

    let rows = Memory::default();
    let mut victim = Engine::new(Box::new(rows.clone()), usize::MAX);
    let key = victim.create_signer().unwrap();
    victim.use_identity(&key, b"victim").unwrap();
    victim.create_group(GROUP, Suite::Base, b"policy", now).unwrap();
    let added = [&eve, &bob].map(|one| {
        MlsMessageOut::from(one.key_package(wide.clone())).tls_serialize_detached().unwrap()
    });
    let plan = CommitPlan {
        add_key_packages: added.to_vec(),
        remove_leaves: vec![],
        policy: None,
        aad: vec![],
    };
    let made = victim.commit(GROUP, plan, now).unwrap();
    victim.merge_pending(GROUP).unwrap();
    for one in [&eve, &bob] {
        one.join(made.welcome.as_ref().unwrap());
    }
    for (key, value) in victim.store().take() {
        match value {
            Some(value) => rows.0.borrow_mut().insert(key, value),
            None => rows.0.borrow_mut().remove(&key),
        };
    }

    let mut messages: Vec<(&str, Vec<u8>)> = Vec::new();

    let external = Psk::External(ExternalPsk::new(b"psk".to_vec()));
    let psk =
        PreSharedKeyId::new(Suite::Base.ciphersuite(), eve.provider.rand(), external).unwrap();
    psk.store(&eve.provider, b"shared with nobody").unwrap();
    let psk = Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(psk)));
    messages.push(("psk", eve.commit(psk)));

    let senders = vec![ExternalSender::new(
        eve.signer.public().into(),
        BasicCredential::new(b"relay".to_vec()).into(),
    )];
    let mut extensions = group_extensions(b"policy").unwrap();
    extensions.add(Extension::ExternalSenders(senders)).unwrap();
    messages.push(("external-sender", eve.change_context(extensions)));

    let loose = RequiredCapabilitiesExtension::new(&[ExtensionType::Unknown(POLICY)], &[], &[]);
    let mut extensions = group_extensions(b"policy of eve").unwrap();
    extensions.add_or_replace(Extension::RequiredCapabilities(loose)).unwrap();
    messages.push(("requirements-changed", eve.change_context(extensions)));

    let required = group_extensions(b"").unwrap();
    let only_required = required.required_capabilities().unwrap().clone();
    let no_policy = Extensions::single(Extension::RequiredCapabilities(only_required)).unwrap();
    messages.push(("policy-dropped", eve.change_context(no_policy)));

    let guest = attacker("guest");
    let add = |leaf: Capabilities| {
        let mut group = eve.group();
        let builder = group.commit_builder().propose_adds([guest.key_package(leaf)]);
        eve.finish(builder.force_self_update(false))
    };
    messages.push(("add-without-path", add(capabilities())));

    let mut group = bob.group();
    let (proposal, _) =
        group.propose_remove_member(&bob.provider, &bob.signer, LeafNodeIndex::new(0)).unwrap();
    let proposal = proposal.tls_serialize_detached().unwrap();
    messages.push(("proposal-alone", proposal.clone()));
    let mut group = eve.group();
    let heard = MlsMessageIn::tls_deserialize_exact_bytes(&proposal).unwrap();
    let heard =
        group.process_message(&eve.provider, heard.try_into_protocol_message().unwrap()).unwrap();
    let ProcessedMessageContent::ProposalMessage(heard) = heard.into_content() else {
        unreachable!()
    };
    group.store_pending_proposal(eve.provider.storage(), *heard).unwrap();
    messages.push(("by-reference", eve.finish(group.commit_builder())));

    let mut group = bob.group();
    let leaving = group.leave_group_via_self_remove(&bob.provider, &bob.signer).unwrap();
    messages.push(("self-remove-alone", leaving.tls_serialize_detached().unwrap()));

    let mut group = eve.group();
    let sealed = MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .build();
    group.set_configuration(eve.provider.storage(), &sealed).unwrap();
    messages.push(("sealed-commit", eve.finish(group.commit_builder().force_self_update(true))));
    group.set_configuration(eve.provider.storage(), &join_config()).unwrap();

    let mut group = eve.group();
    let posing = CredentialWithKey {
        credential: BasicCredential::new(b"victim".to_vec()).into(),
        signature_key: eve.signer.public().into(),
    };
    let leaf = LeafNodeParameters::builder().with_credential_with_key(posing).build();
    let builder = group.commit_builder().force_self_update(true).leaf_node_parameters(leaf);
    messages.push(("other-credential", eve.finish(builder)));

    let poor = Capabilities::new(None, None, Some(&[]), None, None);
    let poor = MlsMessageOut::from(guest.key_package(poor)).tls_serialize_detached().unwrap();
    messages.push(("key-package-without-policy", poor));

    println!("{{\n  \"at\": {now},\n  \"key\": \"{}\",\n  \"rows\": [", hex(&key));
    let rows = rows.0.borrow();
    let lines: Vec<_> =
        rows.iter().map(|(k, v)| format!("    [\"{}\", \"{}\"]", hex(k), hex(v))).collect();
    println!("{}\n  ],\n  \"messages\": {{", lines.join(",\n"));
    let lines: Vec<_> =
        messages.iter().map(|(name, m)| format!("    \"{name}\": \"{}\"", hex(m))).collect();
    println!("{}\n  }}\n}}", lines.join(",\n"));
}
