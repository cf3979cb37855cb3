//! Message secrets are stored without the GroupContext inside them.
//!
//! They are written with every message and hold the whole GroupContext, the chat's policy of up to
//! 32 KiB included (C1), which its own row holds already. A stored row is `0 ‖ bytes`, or
//! `1 ‖ check ‖ at ‖ bytes without the context`, with four bytes of hash to tell a context that is
//! not the one it was stored with.

use std::rc::Rc;

use openmls::{group::GroupContext, prelude::tls_codec::Serialize};
use sha2::{Digest, Sha256};

use crate::store::StoreError;

const WHOLE: u8 = 0;
const SPLIT: u8 = 1;
const HEAD: usize = 9;

/// A GroupContext as the message secrets hold it.
#[derive(Clone)]
pub struct WireContext {
    bytes: Rc<[u8]>,
    check: [u8; 4],
}

impl WireContext {
    pub fn of(context: &GroupContext) -> Result<Self, StoreError> {
        let bytes = context.tls_serialize_detached().map_err(|_| StoreError::Damaged)?;
        let hash = Sha256::digest(&bytes);
        Ok(Self { bytes: bytes.into(), check: [hash[0], hash[1], hash[2], hash[3]] })
    }
}

pub fn split(secrets: &[u8], context: Option<&WireContext>) -> Vec<u8> {
    let found = context.and_then(|context| {
        let at =
            secrets.windows(context.bytes.len()).position(|window| *window == *context.bytes)?;
        Some((context, at, u32::try_from(at).ok()?))
    });
    let Some((context, at, marked)) = found else {
        return [&[WHOLE], secrets].concat();
    };
    let rest = &secrets[at + context.bytes.len()..];
    [&[SPLIT], &context.check[..], &marked.to_be_bytes()[..], &secrets[..at], rest].concat()
}

pub fn join(stored: &[u8], context: Option<&WireContext>) -> Result<Vec<u8>, StoreError> {
    match stored {
        [WHOLE, secrets @ ..] => Ok(secrets.to_vec()),
        [SPLIT, a, b, c, d, e, f, g, h, ..] => {
            let context = context.ok_or(StoreError::Damaged)?;
            let at = u32::from_be_bytes([*e, *f, *g, *h]) as usize;
            let rest = &stored[HEAD..];
            if context.check != [*a, *b, *c, *d] || at > rest.len() {
                return Err(StoreError::Damaged);
            }
            Ok([&rest[..at], &context.bytes[..], &rest[at..]].concat())
        }
        _ => Err(StoreError::Damaged),
    }
}
