//! Who asks, for which tenant, when, and what they may: the first argument of everything.

pub mod context;
pub mod policy;

pub use context::{Clock, Ctx, Principal, Randomness};
pub use policy::{Action, Denied, Resource, Role, authorize};
