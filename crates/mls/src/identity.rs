//! The device's signature key, its credential and its key packages (D4, C3, K1, K4).

use openmls::prelude::{
    BasicCredential, Capabilities, CredentialType, CredentialWithKey, Extension, ExtensionType,
    Extensions, KeyPackage, KeyPackageVerifyError, Lifetime, MlsMessageBodyIn, MlsMessageIn,
    MlsMessageOut, OpenMlsProvider, ProtocolVersion, RequiredCapabilitiesExtension,
    UnknownExtension,
    tls_codec::{DeserializeBytes, Serialize},
};
use openmls::{group::GroupContext, treesync::errors::LifetimeError};
use openmls_basic_credential::SignatureKeyPair;
use openmls_traits::types::SignatureScheme;

use crate::{
    clock,
    engine::Engine,
    fault::{Code, Fault, Result},
    store::{Kind, id_of, namespaced_key},
    view::{AddedLeaf, Suite},
};

/// The type of the `quintet.policy` GroupContext extension (C1), in the private range.
pub const POLICY: u16 = 0xF0A1;

/// How far a lifetime reaches into the past, for clocks that are slow (C10).
const MARGIN_SECONDS: u64 = 3600;

pub struct Identity {
    pub signer: SignatureKeyPair,
    pub credential: CredentialWithKey,
}

pub struct NewKeyPackage {
    pub bytes: Vec<u8>,
    pub reference: Vec<u8>,
}

/// What each leaf of ours says that it can do.
pub fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[Suite::Base.ciphersuite(), Suite::Hybrid.ciphersuite()]),
        Some(&[ExtensionType::LastResort, ExtensionType::Unknown(POLICY)]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

/// The GroupContext extensions of a group with that policy.
pub fn group_extensions(policy: &[u8]) -> Result<Extensions<GroupContext>> {
    let required = RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(POLICY)],
        &[],
        &[CredentialType::Basic],
    );
    Extensions::from_vec(vec![Extension::RequiredCapabilities(required), policy_extension(policy)])
        .map_err(|e| Fault::from_mls(&e))
}

pub fn policy_extension(policy: &[u8]) -> Extension {
    Extension::Unknown(POLICY, UnknownExtension(policy.to_vec()))
}

pub fn lifetime(now: u64, seconds: u64) -> Lifetime {
    Lifetime::init(now.saturating_sub(MARGIN_SECONDS), now.saturating_add(seconds))
}

/// Reads any MLSMessage; bytes left over are as malformed as bytes missing.
pub fn parse(bytes: &[u8]) -> Result<MlsMessageBodyIn> {
    MlsMessageIn::tls_deserialize_exact_bytes(bytes)
        .map(MlsMessageIn::extract)
        .map_err(|_| Fault::new(Code::Malformed, "not an MLS message"))
}

/// Checks a key package whole, its lifetime at `now` included.
pub fn parse_key_package(engine: &Engine, bytes: &[u8], now: u64) -> Result<KeyPackage> {
    let MlsMessageBodyIn::KeyPackage(key_package) = parse(bytes)? else {
        return Err(Fault::new(Code::Malformed, "not a key package"));
    };
    clock::set(now);
    key_package.validate(engine.provider.crypto(), ProtocolVersion::Mls10).map_err(|error| {
        let mut fault = Fault::from_mls(&error);
        fault.code = Code::KeyPackageInvalid;
        fault
    })
}

impl Engine {
    pub fn create_signer(&mut self) -> Result<Vec<u8>> {
        self.call(|engine| {
            let pair = SignatureKeyPair::new(SignatureScheme::ED25519)
                .map_err(|_| Fault::new(Code::Engine, "no signature key could be made"))?;
            pair.store(engine.store())?;
            Ok(pair.to_public_vec())
        })
    }

    pub fn use_identity(&mut self, signature_key: &[u8], credential: &[u8]) -> Result<()> {
        let signer = SignatureKeyPair::read(self.store(), signature_key, SignatureScheme::ED25519)
            .ok_or_else(|| Fault::new(Code::Engine, "no such signer"))?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(credential.to_vec()).into(),
            signature_key: signature_key.into(),
        };
        self.identity = Some(Identity { signer, credential });
        Ok(())
    }

    pub fn create_key_packages(
        &mut self,
        suite: Suite,
        count: u32,
        lifetime_seconds: u64,
        last_resort: bool,
        now: u64,
    ) -> Result<Vec<NewKeyPackage>> {
        self.call(|engine| {
            let identity = engine.identity()?;
            let mut made = Vec::new();
            for _ in 0..count {
                let builder = KeyPackage::builder()
                    .key_package_lifetime(lifetime(now, lifetime_seconds))
                    .leaf_node_capabilities(capabilities());
                let builder = if last_resort { builder.mark_as_last_resort() } else { builder };
                let bundle = builder
                    .build(
                        suite.ciphersuite(),
                        &engine.provider,
                        &identity.signer,
                        identity.credential.clone(),
                    )
                    .map_err(|e| Fault::from_mls(&e))?;
                let key_package = bundle.into_key_package();
                let reference = key_package
                    .hash_ref(engine.provider.crypto())
                    .map_err(|e| Fault::from_mls(&e))?
                    .as_slice()
                    .to_vec();
                let bytes = MlsMessageOut::from(key_package)
                    .tls_serialize_detached()
                    .map_err(|e| Fault::from_mls(&e))?;
                made.push(NewKeyPackage { bytes, reference });
            }
            Ok(made)
        })
    }

    pub fn forget_key_packages(&mut self, references: &[Vec<u8>]) -> Result<()> {
        self.call(|engine| {
            for reference in references {
                let key = key_package_key(reference)?;
                if engine.store().read(&key)?.is_some() {
                    engine.store().set(key, None);
                }
            }
            Ok(())
        })
    }

    /// A key package's content, its signatures checked, whether or not its lifetime holds.
    pub fn inspect_key_package(&mut self, bytes: &[u8]) -> Result<(AddedLeaf, Suite, bool)> {
        let MlsMessageBodyIn::KeyPackage(claimed) = parse(bytes)? else {
            return Err(Fault::new(Code::Malformed, "not a key package"));
        };
        // The lifetime is checked last: judged at the dawn of time, it names its own beginning, and
        // judged there, what is left to fail is everything else.
        clock::set(0);
        let began = match claimed.validate(self.provider.crypto(), ProtocolVersion::Mls10) {
            Err(KeyPackageVerifyError::LifetimeError(LifetimeError::NotValidYet {
                not_before,
                ..
            })) => not_before,
            _ => 0,
        };
        let key_package = parse_key_package(self, bytes, began)?;
        let suite = Suite::of(key_package.ciphersuite())
            .ok_or_else(|| Fault::new(Code::KeyPackageInvalid, "suite"))?;
        Ok((AddedLeaf::of(&key_package), suite, key_package.last_resort()))
    }
}

/// The row of a key package's private keys.
pub fn key_package_key(reference: &[u8]) -> Result<Vec<u8>> {
    // A reference is stored as its bytes, as any vector is.
    let id = id_of(&reference)?;
    Ok(namespaced_key(Kind::KeyPackage, id, false))
}
