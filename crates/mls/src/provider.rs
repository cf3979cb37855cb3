//! What OpenMLS is given to work with: RustCrypto's primitives and this engine's rows.

use openmls::{
    group::MlsGroupJoinConfig,
    prelude::{
        GroupEpoch, GroupId, LeafNodeIndex, PURE_PLAINTEXT_WIRE_FORMAT_POLICY,
        SenderRatchetConfiguration,
    },
};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::{
    OpenMlsProvider,
    storage::{CURRENT_VERSION, StorageProvider, traits},
};
use serde::de::DeserializeOwned;

use crate::store::{Kind, Store, StoreError, epoch_id, id_of};

type Done = Result<(), StoreError>;
type Found<T> = Result<Option<T>, StoreError>;
const V: u16 = CURRENT_VERSION;

pub struct Provider {
    crypto: RustCrypto,
    pub store: Store,
}

impl Provider {
    pub fn new(store: Store) -> Self {
        Self { crypto: RustCrypto::default(), store }
    }
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }
    fn crypto(&self) -> &RustCrypto {
        &self.crypto
    }
    fn rand(&self) -> &RustCrypto {
        &self.crypto
    }
}

/// How every group of ours is run (C4, P1). Padding is the caller's, inside the plaintext (R7).
pub fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchet_config())
        .build()
}

pub fn ratchet_config() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(5, 1000)
}

/// The configuration is code, not state: no row holds it, and a new version of it holds at once.
///
/// It passes through CBOR because its type at this place is only known as "something deserializable"
/// and its own decoder asks for a format that describes itself.
fn stored_config<T: DeserializeOwned>() -> Result<T, StoreError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&join_config(), &mut bytes).map_err(|_| StoreError::Damaged)?;
    ciborium::from_reader(bytes.as_slice()).map_err(|_| StoreError::Damaged)
}

/// Storage keys of types that this crate names itself.
pub fn group_key(group: &[u8]) -> Result<crate::store::Id, StoreError> {
    id_of(&GroupId::from_slice(group))
}

impl Store {
    /// The epoch and leaf under which a group's private keys are stored, in the namespace of the call.
    pub fn position(&self, group: crate::store::Id) -> Found<(GroupEpoch, u32)> {
        let context: Option<openmls::group::GroupContext> = self.get(Kind::Context, group)?;
        let leaf: Option<LeafNodeIndex> = self.get(Kind::OwnLeafIndex, group)?;
        Ok(context.zip(leaf).map(|(context, leaf)| (context.epoch(), leaf.u32())))
    }
}

/// Rows of one group: `$write` `$read` `$delete` under one kind.
macro_rules! group_row {
    ($kind:ident, $trait:ident, $write:ident, $read:ident, $delete:ident) => {
        fn $write<G: traits::GroupId<V>, T: traits::$trait<V>>(
            &self,
            group: &G,
            value: &T,
        ) -> Done {
            self.put(Kind::$kind, id_of(group)?, value)
        }
        fn $read<G: traits::GroupId<V>, T: traits::$trait<V>>(&self, group: &G) -> Found<T> {
            self.get(Kind::$kind, id_of(group)?)
        }
        group_row!($kind, $delete);
    };
    ($kind:ident, $delete:ident) => {
        fn $delete<G: traits::GroupId<V>>(&self, group: &G) -> Done {
            self.delete(Kind::$kind, id_of(group)?);
            Ok(())
        }
    };
}

impl StorageProvider<V> for Store {
    type Error = StoreError;

    group_row!(Tree, TreeSync, write_tree, tree, delete_tree);
    group_row!(Context, GroupContext, write_context, group_context, delete_context);
    group_row!(
        InterimTranscriptHash,
        InterimTranscriptHash,
        write_interim_transcript_hash,
        interim_transcript_hash,
        delete_interim_transcript_hash
    );
    group_row!(
        ConfirmationTag,
        ConfirmationTag,
        write_confirmation_tag,
        confirmation_tag,
        delete_confirmation_tag
    );
    group_row!(
        MessageSecrets,
        MessageSecrets,
        write_message_secrets,
        message_secrets,
        delete_message_secrets
    );
    group_row!(
        ResumptionPsks,
        ResumptionPskStore,
        write_resumption_psk_store,
        resumption_psk_store,
        delete_all_resumption_psk_secrets
    );
    group_row!(
        OwnLeafIndex,
        LeafNodeIndex,
        write_own_leaf_index,
        own_leaf_index,
        delete_own_leaf_index
    );
    group_row!(
        EpochSecrets,
        GroupEpochSecrets,
        write_group_epoch_secrets,
        group_epoch_secrets,
        delete_group_epoch_secrets
    );
    group_row!(GroupState, delete_group_state);

    fn write_group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(
        &self,
        group: &G,
        state: &T,
    ) -> Done {
        self.put(Kind::GroupState, id_of(group)?, state)
    }
    fn group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(&self, group: &G) -> Found<T> {
        self.get(Kind::GroupState, id_of(group)?)
    }

    fn write_mls_join_config<G: traits::GroupId<V>, T: traits::MlsGroupJoinConfig<V>>(
        &self,
        _group: &G,
        _config: &T,
    ) -> Done {
        Ok(())
    }
    fn mls_group_join_config<G: traits::GroupId<V>, T: traits::MlsGroupJoinConfig<V>>(
        &self,
        _group: &G,
    ) -> Found<T> {
        stored_config().map(Some)
    }
    fn delete_group_config<G: traits::GroupId<V>>(&self, _group: &G) -> Done {
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        group: &G,
        epoch: &E,
        leaf: u32,
        pairs: &[T],
    ) -> Done {
        self.put(Kind::EpochKeyPairs, epoch_id(id_of(group)?, epoch, leaf)?, &pairs)
    }
    fn encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        group: &G,
        epoch: &E,
        leaf: u32,
    ) -> Result<Vec<T>, StoreError> {
        let id = epoch_id(id_of(group)?, epoch, leaf)?;
        Ok(self.get(Kind::EpochKeyPairs, id)?.unwrap_or_default())
    }
    fn delete_encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>>(
        &self,
        group: &G,
        epoch: &E,
        leaf: u32,
    ) -> Done {
        self.delete(Kind::EpochKeyPairs, epoch_id(id_of(group)?, epoch, leaf)?);
        Ok(())
    }

    fn write_key_package<R: traits::HashReference<V>, T: traits::KeyPackage<V>>(
        &self,
        reference: &R,
        key_package: &T,
    ) -> Done {
        self.put(Kind::KeyPackage, id_of(reference)?, key_package)
    }
    fn key_package<R: traits::HashReference<V>, T: traits::KeyPackage<V>>(
        &self,
        reference: &R,
    ) -> Found<T> {
        self.get(Kind::KeyPackage, id_of(reference)?)
    }
    fn delete_key_package<R: traits::HashReference<V>>(&self, reference: &R) -> Done {
        self.delete(Kind::KeyPackage, id_of(reference)?);
        Ok(())
    }

    fn write_signature_key_pair<
        K: traits::SignaturePublicKey<V>,
        T: traits::SignatureKeyPair<V>,
    >(
        &self,
        public_key: &K,
        pair: &T,
    ) -> Done {
        self.put(Kind::Signer, id_of(public_key)?, pair)
    }
    fn signature_key_pair<K: traits::SignaturePublicKey<V>, T: traits::SignatureKeyPair<V>>(
        &self,
        public_key: &K,
    ) -> Found<T> {
        self.get(Kind::Signer, id_of(public_key)?)
    }
    fn delete_signature_key_pair<K: traits::SignaturePublicKey<V>>(&self, public_key: &K) -> Done {
        self.delete(Kind::Signer, id_of(public_key)?);
        Ok(())
    }

    // Proposals travel in commits by value only and a leaf changes by commit only (C4): there is no
    // queue of proposals, no leaf of an update proposal, no key pair of one and no pre-shared key.

    fn append_own_leaf_node<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        _group: &G,
        _leaf: &T,
    ) -> Done {
        Err(StoreError::Unsupported)
    }
    fn own_leaf_nodes<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        _group: &G,
    ) -> Result<Vec<T>, StoreError> {
        Ok(Vec::new())
    }
    fn delete_own_leaf_nodes<G: traits::GroupId<V>>(&self, _group: &G) -> Done {
        Ok(())
    }

    fn queue_proposal<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        T: traits::QueuedProposal<V>,
    >(
        &self,
        _group: &G,
        _reference: &R,
        _proposal: &T,
    ) -> Done {
        Err(StoreError::Unsupported)
    }
    fn queued_proposal_refs<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _group: &G,
    ) -> Result<Vec<R>, StoreError> {
        Ok(Vec::new())
    }
    fn queued_proposals<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        T: traits::QueuedProposal<V>,
    >(
        &self,
        _group: &G,
    ) -> Result<Vec<(R, T)>, StoreError> {
        Ok(Vec::new())
    }
    fn remove_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _group: &G,
        _reference: &R,
    ) -> Done {
        Ok(())
    }
    fn clear_proposal_queue<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _group: &G,
    ) -> Done {
        Ok(())
    }

    fn write_encryption_key_pair<K: traits::EncryptionKey<V>, T: traits::HpkeKeyPair<V>>(
        &self,
        _public_key: &K,
        _pair: &T,
    ) -> Done {
        Err(StoreError::Unsupported)
    }
    fn encryption_key_pair<T: traits::HpkeKeyPair<V>, K: traits::EncryptionKey<V>>(
        &self,
        _public_key: &K,
    ) -> Found<T> {
        Ok(None)
    }
    fn delete_encryption_key_pair<K: traits::EncryptionKey<V>>(&self, _public_key: &K) -> Done {
        Ok(())
    }

    fn write_psk<P: traits::PskId<V>, T: traits::PskBundle<V>>(&self, _id: &P, _psk: &T) -> Done {
        Err(StoreError::Unsupported)
    }
    fn psk<T: traits::PskBundle<V>, P: traits::PskId<V>>(&self, _id: &P) -> Found<T> {
        Ok(None)
    }
    fn delete_psk<P: traits::PskId<V>>(&self, _id: &P) -> Done {
        Ok(())
    }
}
