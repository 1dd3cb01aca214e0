//! What happened, per tenant, numbered without gaps. The table is the truth for live pages and doubles as the outbox.

use crate::{PlatformTx, StorageError, TenantTx, convert::*};
use jiff::Timestamp;
use serde_json::Value;
use types::TenantId;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub tenant: TenantId,
    /// From 1, in the order of commits.
    pub seq: i64,
    pub kind: String,
    pub payload: Value,
    pub created_at: Timestamp,
}

/// How far a tenant's events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHead {
    pub tenant: TenantId,
    pub seq: i64,
}

type Row = (Uuid, i64, String, String, i64);

fn event(row: Row) -> Result<Event, StorageError> {
    let (tenant, seq, kind, payload, created_at) = row;
    Ok(Event {
        tenant: TenantId(tenant),
        seq,
        kind,
        payload: json(&payload)?,
        created_at: time(created_at)?,
    })
}

impl TenantTx {
    /// Appends an event and returns its seq. From here to commit other appenders of this tenant wait: append last.
    pub async fn append_event(&mut self, kind: &str, payload: &Value) -> Result<i64, StorageError> {
        let seq = self.count("events").await?;
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into events (tenant_id, seq, kind, payload, created_at) values ($1, $2, $3, $4, $5)",
            self.tenant.0, seq, kind, payload.to_string(), now)?;
        self.effects.events.insert(self.tenant, seq);
        Ok(seq)
    }

    /// Events with a seq above this one, in order.
    pub async fn events_after(&mut self, seq: i64, limit: u32) -> Result<Vec<Event>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select tenant_id, seq, kind, payload, created_at from events
             where tenant_id = $1 and seq > $2 order by seq limit $3",
            self.tenant.0, seq, i64::from(limit))?
        .into_iter()
        .map(event)
        .collect()
    }

    /// 0 where nothing has happened yet.
    pub async fn last_event_seq(&mut self) -> Result<i64, StorageError> {
        Ok(sql!(self.connection => fetch_optional (i64,),
            "select value from counters where tenant_id = $1 and name = 'events'", self.tenant.0)?
        .map_or(0, |(seq,)| seq))
    }
}

impl PlatformTx {
    /// The last seq of every tenant that has events: what a doorbell polls, to hear other processes.
    pub async fn event_heads(&mut self) -> Result<Vec<EventHead>, StorageError> {
        Ok(sql!(self.connection => fetch_all (Uuid, i64),
            "select tenant_id, value from counters where name = 'events'")?
        .into_iter()
        .map(|(tenant, seq)| EventHead {
            tenant: TenantId(tenant),
            seq,
        })
        .collect())
    }

    /// Events not yet relayed, the oldest first; each tenant's in order.
    pub async fn events_to_relay(&mut self, limit: u32) -> Result<Vec<Event>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select tenant_id, seq, kind, payload, created_at from events
             where relayed_at is null order by created_at, tenant_id, seq limit $1",
            i64::from(limit))?
        .into_iter()
        .map(event)
        .collect()
    }

    pub async fn mark_relayed(&mut self, tenant: TenantId, seq: i64) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "update events set relayed_at = $3 where tenant_id = $1 and seq = $2 and relayed_at is null",
            tenant.0, seq, now)?;
        Ok(())
    }
}
