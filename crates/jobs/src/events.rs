//! Hints that something changed. The tables are the truth: a hint that is lost costs one poll, nothing else.

use access::Clock;
use serde_json::Value;
use std::{collections::HashMap, time::Duration};
use storage::{Signals, Storage, StorageError};
use tokio::sync::{broadcast, watch};
use types::{JobId, TenantId};

/// How far a job has come, as it runs in this process.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgressHint {
    pub tenant: TenantId,
    pub job: JobId,
    pub kind: String,
    /// What the job was enqueued with: tells which upload it is about.
    pub payload: Value,
    pub progress: Value,
}

/// Rung after each commit that appended events, and as jobs progress. Cheap to clone.
#[derive(Clone)]
pub struct Doorbell {
    storage: Storage,
    signals: Signals,
    progress: broadcast::Sender<ProgressHint>,
}

impl Doorbell {
    pub fn new(storage: &Storage) -> Self {
        Self {
            storage: storage.clone(),
            signals: storage.signals().clone(),
            progress: broadcast::channel(1024).0,
        }
    }

    /// (tenant, last seq). Who lags behind gets `Lagged`, and reads the events table from the seq last seen.
    pub fn subscribe(&self) -> broadcast::Receiver<(TenantId, i64)> {
        self.signals.events()
    }

    pub fn subscribe_progress(&self) -> broadcast::Receiver<ProgressHint> {
        self.progress.subscribe()
    }

    pub(crate) fn publish(&self, hint: ProgressHint) {
        // No listener is no failure.
        let _ = self.progress.send(hint);
    }

    /// Rings for what other processes committed (a command-line import, another replica), until `stop` turns true.
    pub async fn watch(
        &self,
        clock: &Clock,
        every: Duration,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), StorageError> {
        let mut heads = self.heads(clock).await?;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(every) => {}
            }
            match self.heads(clock).await {
                Ok(now) => {
                    for (tenant, seq) in &now {
                        if heads.get(tenant) != Some(seq) {
                            self.signals.ring(*tenant, *seq);
                        }
                    }
                    heads = now;
                }
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "events not polled"
                ),
            }
        }
    }

    async fn heads(&self, clock: &Clock) -> Result<HashMap<TenantId, i64>, StorageError> {
        let mut tx = self.storage.platform_read(clock).await?;
        let heads = tx.event_heads().await?;
        Ok(heads
            .into_iter()
            .map(|head| (head.tenant, head.seq))
            .collect())
    }
}
