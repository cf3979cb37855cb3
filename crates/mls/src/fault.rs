//! Why a call failed, in the words of the port.

/// The codes of `MlsErrorCode` in `packages/crypto/src/mls-engine.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Malformed,
    WrongGroup,
    WrongEpoch,
    UnknownGroup,
    Replayed,
    TooFar,
    NotAMember,
    BadSignature,
    BadConfirmation,
    RefusedProposal,
    KeyPackageInvalid,
    KeyPackageUsed,
    GroupExists,
    PendingCommit,
    OwnMessage,
    StateDamaged,
    Engine,
}

impl Code {
    /// The code's name across the boundary.
    pub fn name(self) -> &'static str {
        match self {
            Code::Malformed => "malformed",
            Code::WrongGroup => "wrong-group",
            Code::WrongEpoch => "wrong-epoch",
            Code::UnknownGroup => "unknown-group",
            Code::Replayed => "replayed",
            Code::TooFar => "too-far",
            Code::NotAMember => "not-a-member",
            Code::BadSignature => "bad-signature",
            Code::BadConfirmation => "bad-confirmation",
            Code::RefusedProposal => "refused-proposal",
            Code::KeyPackageInvalid => "key-package-invalid",
            Code::KeyPackageUsed => "key-package-used",
            Code::GroupExists => "group-exists",
            Code::PendingCommit => "pending-commit",
            Code::OwnMessage => "own-message",
            Code::StateDamaged => "state-damaged",
            Code::Engine => "engine",
        }
    }
}

/// A failed call: a code to act on, and a detail that never holds message bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: Code,
    pub detail: String,
}

pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub fn new(code: Code, detail: &str) -> Self {
        Self { code, detail: detail.to_owned() }
    }

    /// Names an OpenMLS error by its variants, outermost first, without their payload.
    ///
    /// OpenMLS nests its errors up to five deep over types that are partly private; their variant
    /// names are the one thing that all of them show.
    pub fn from_mls(error: &impl std::fmt::Debug) -> Self {
        let shape = shape(&format!("{error:?}"));
        Self { code: code_of(&shape), detail: shape }
    }

    /// Like `from_mls`, with `fallback` where the variants say nothing of the port's.
    pub fn from_mls_or(fallback: Code) -> impl Fn(&dyn std::fmt::Debug) -> Fault {
        move |error| {
            let mut fault = Fault::from_mls(&error);
            if fault.code == Code::Engine {
                fault.code = fallback;
            }
            fault
        }
    }
}

/// `ValidationError(UnableToDecrypt(AeadError))` becomes `ValidationError.UnableToDecrypt.AeadError`.
fn shape(debug: &str) -> String {
    debug
        .split(|c: char| !(c.is_ascii_alphabetic() || c == '('))
        .next()
        .unwrap_or_default()
        .split('(')
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(".")
}

/// Pinned to OpenMLS 0.9.2; the first name that occurs in the shape decides.
const CODES: &[(&str, Code)] = &[
    ("Damaged", Code::StateDamaged),
    ("StorageError", Code::Engine),
    ("WrongGroupId", Code::WrongGroup),
    ("WrongEpoch", Code::WrongEpoch),
    ("EpochMismatch", Code::WrongEpoch),
    ("NoPastEpochData", Code::WrongEpoch),
    ("TooDistantInTheFuture", Code::TooFar),
    ("TooDistantInThePast", Code::Replayed),
    ("SecretReuseError", Code::Replayed),
    ("GenerationOutOfBound", Code::Replayed),
    ("OwnCommitMismatch", Code::OwnMessage),
    ("UseAfterEviction", Code::NotAMember),
    ("ProposalValidationError", Code::RefusedProposal),
    ("ExternalCommitValidation", Code::RefusedProposal),
    ("GroupContextExtensionsProposalValidationError", Code::RefusedProposal),
    ("LeafNodeValidation", Code::RefusedProposal),
    ("MissingProposal", Code::RefusedProposal),
    ("AttemptedSelfRemoval", Code::RefusedProposal),
    ("CommitterIncludedOwnUpdate", Code::RefusedProposal),
    ("PskError", Code::RefusedProposal),
    ("DuplicatePskId", Code::RefusedProposal),
    ("RequiredPathNotFound", Code::RefusedProposal),
    ("UnsupportedProposalType", Code::RefusedProposal),
    ("CannotRemoveSelf", Code::RefusedProposal),
    ("UnauthorizedExternal", Code::RefusedProposal),
    ("NoExternalSendersExtension", Code::RefusedProposal),
    ("IncompatibleWireFormat", Code::RefusedProposal),
    ("KeyPackageVerifyError", Code::KeyPackageInvalid),
    ("InvalidAddProposalCiphersuite", Code::KeyPackageInvalid),
    ("ConfirmationTagMismatch", Code::BadConfirmation),
    ("ConfirmationTagMissing", Code::BadConfirmation),
    ("MissingConfirmationTag", Code::BadConfirmation),
    ("UpdatePathError", Code::BadConfirmation),
    ("MissingDecryptionKey", Code::BadConfirmation),
    ("OwnKeyNotFound", Code::BadConfirmation),
    ("PublicKeyMismatch", Code::BadConfirmation),
    ("InvalidSignature", Code::BadSignature),
    ("InvalidLeafNodeSignature", Code::BadSignature),
    ("InvalidMembershipTag", Code::BadSignature),
    ("MissingMembershipTag", Code::BadSignature),
    ("InvalidGroupInfoSignature", Code::BadSignature),
    ("LeafNodeVerificationFailure", Code::BadSignature),
    ("AeadError", Code::BadSignature),
    ("UnknownMember", Code::NotAMember),
    ("UnknownSender", Code::NotAMember),
    ("IndexOutOfBounds", Code::NotAMember),
    ("NoMatchingKeyPackage", Code::KeyPackageUsed),
    ("JoinerSecretNotFound", Code::KeyPackageUsed),
    ("GroupAlreadyExists", Code::GroupExists),
    ("PendingCommit", Code::PendingCommit),
    ("MalformedContent", Code::Malformed),
    ("UnableToDecrypt", Code::BadSignature),
    ("TreeSyncError", Code::BadSignature),
    ("TreeHashMismatch", Code::BadSignature),
    ("PublicGroupError", Code::BadSignature),
    ("PublicTreeError", Code::BadSignature),
    ("ValidationError", Code::Malformed),
    ("InvalidCommit", Code::RefusedProposal),
];

fn code_of(shape: &str) -> Code {
    CODES.iter().find(|(name, _)| shape.contains(name)).map_or(Code::Engine, |(_, code)| *code)
}
