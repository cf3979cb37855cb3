//! The time at which lifetimes are judged. On wasm32 OpenMLS reads what is set here; elsewhere, where
//! only this crate's own tests run, it reads the system's clock.

pub fn set(seconds: u64) {
    web_time::set_now(seconds);
}
