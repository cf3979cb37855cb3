//! OpenMLS behind Quintet's MLS port (`packages/crypto/src/mls-engine.ts`).
//!
//! Everything but `binding` is plain Rust: an engine over rows that someone else keeps. Each call is
//! whole or not at all; the changed rows are handed out by `take`.

mod clock;
mod context;
pub mod engine;
pub mod fault;
pub mod group;
pub mod identity;
pub mod join;
pub mod message;
pub mod provider;
pub mod store;
mod tree;
pub mod view;

#[cfg(target_arch = "wasm32")]
mod binding;
