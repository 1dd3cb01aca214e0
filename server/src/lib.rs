//! The composition root: commands, configuration, the router and what stands before it.
//!
//! Architecture Invariant: no business logic. What a request means is decided in `app` and below; here is
//! decided whether it reaches them.

// The types of whole pages are deep.
#![recursion_limit = "512"]

pub mod commands;
pub mod config;
pub mod csv;
pub mod demo;
pub mod drain;
pub mod health;
pub mod intake;
pub mod lines;
pub mod live;
pub mod original;
pub mod rejects;
mod rendering;
pub mod router;
pub mod security;
pub mod site;
pub mod transfer;
pub mod web;
