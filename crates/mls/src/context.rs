//! Message secrets are stored without the GroupContext inside them.
//!
//! They are written with every message and hold the whole GroupContext, the chat's policy of up to
//! 32 KiB included (C1), which its own row holds already. A stored row is `0 ‖ bytes`, or
//! `1 ‖ check ‖ at ‖ bytes without the context`, with four bytes of hash to tell a context that is
//! not the one it was stored with.

use openmls::{group::GroupContext, prelude::tls_codec::Serialize};
use sha2::{Digest, Sha256};

use crate::store::StoreError;

const WHOLE: u8 = 0;
const SPLIT: u8 = 1;
const HEAD: usize = 9;

fn check(context: &[u8]) -> [u8; 4] {
    let hash = Sha256::digest(context);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The context as the message secrets hold it.
pub fn wire_context(context: &GroupContext) -> Result<Vec<u8>, StoreError> {
    context.tls_serialize_detached().map_err(|_| StoreError::Damaged)
}

pub fn split(secrets: &[u8], context: Option<&[u8]>) -> Vec<u8> {
    let found = context.and_then(|context| {
        let at = secrets.windows(context.len()).position(|window| window == context)?;
        Some((context, at, u32::try_from(at).ok()?))
    });
    let Some((context, at, marked)) = found else {
        return [&[WHOLE], secrets].concat();
    };
    let rest = &secrets[at + context.len()..];
    [&[SPLIT], &check(context)[..], &marked.to_be_bytes()[..], &secrets[..at], rest].concat()
}

pub fn join(stored: &[u8], context: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    match stored {
        [WHOLE, secrets @ ..] => Ok(secrets.to_vec()),
        [SPLIT, a, b, c, d, e, f, g, h, ..] => {
            let context = context.ok_or(StoreError::Damaged)?;
            let at = u32::from_be_bytes([*e, *f, *g, *h]) as usize;
            let rest = &stored[HEAD..];
            if check(context) != [*a, *b, *c, *d] || at > rest.len() {
                return Err(StoreError::Damaged);
            }
            Ok([&rest[..at], context, &rest[at..]].concat())
        }
        _ => Err(StoreError::Damaged),
    }
}
