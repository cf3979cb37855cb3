//! The clock that OpenMLS reads on wasm32, in place of the crate `web-time`.
//!
//! It never looks at a clock of its own: the binding sets it before each call that judges a lifetime
//! (C10), so that a key package is judged at the time that the caller trusts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

static NOW: AtomicU64 = AtomicU64::new(0);

/// Sets the time that `SystemTime::now` gives, in Unix seconds.
pub fn set_now(seconds: u64) {
    NOW.store(seconds, Ordering::Relaxed);
}

/// See `std::time::SystemTime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SystemTime(Duration);

/// See `std::time::UNIX_EPOCH`.
pub const UNIX_EPOCH: SystemTime = SystemTime(Duration::ZERO);

impl SystemTime {
    /// See `std::time::SystemTime::UNIX_EPOCH`.
    pub const UNIX_EPOCH: Self = UNIX_EPOCH;

    /// The time that was set last.
    #[must_use]
    pub fn now() -> Self {
        Self(Duration::from_secs(NOW.load(Ordering::Relaxed)))
    }

    /// See `std::time::SystemTime::duration_since`.
    pub fn duration_since(&self, earlier: Self) -> Result<Duration, SystemTimeError> {
        self.0.checked_sub(earlier.0).ok_or(SystemTimeError)
    }
}

/// See `std::time::SystemTimeError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTimeError;

impl std::fmt::Display for SystemTimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("second time provided was later than self")
    }
}

impl std::error::Error for SystemTimeError {}
