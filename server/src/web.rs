//! What every handler of the server shares.

use crate::{
    config::Config,
    demo::DemoLink,
    drain::{Connections, Drain},
};
use axum::extract::FromRef;
use backend::Backend;
use leptos::config::LeptosOptions;
use std::{ops::Deref, sync::Arc};

/// Cheap to clone: one per request.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub backend: Arc<Backend>,
    pub drain: Drain,
    pub connections: Connections,
    pub demo: Option<DemoLink>,
}

impl Web {
    pub fn new(
        config: Config,
        backend: Arc<Backend>,
        drain: Drain,
        demo: Option<DemoLink>,
    ) -> Self {
        Self(Arc::new(Parts {
            config,
            backend,
            drain,
            connections: Connections::default(),
            demo,
        }))
    }
}

impl Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.config.leptos.clone()
    }
}
