use api::{ApiError, sources::Sources};
use leptos::{prelude::*, server_fn::codec::Json};

#[server(name = ReadSources, endpoint = "sources/all", input = Json)]
pub async fn sources() -> Result<Sources, ApiError> {
    let on = crate::entry::enter("sources/all")?;
    let found = native::sources(&on).await;
    on.answer(found, |found| Sources {
        issued: once::take(&on),
        ..found
    })
}

/// Watches a place from now on.
#[server(name = AddWatch, endpoint = "sources/watch")]
pub async fn watch(url: String, #[server(default)] pattern: String) -> Result<(), ApiError> {
    let on = crate::entry::enter("sources/watch")?;
    let added = native::watch_place(&on, &url, &pattern).await;
    on.answer(added, |()| ())
}

/// A new key: this answer is its only copy. `days` is empty for one that is good until it is revoked.
#[server(name = IssueKey, endpoint = "sources/issue-key")]
pub async fn issue_key(name: String, #[server(default)] days: String) -> Result<String, ApiError> {
    let on = crate::entry::enter("sources/issue-key")?;
    let issued = native::issue_key(&on, &name, &days).await;
    let key = on.answer(issued, |key| key)?;
    once::keep(&on, &key);
    Ok(key)
}

/// Ends a key at once.
#[server(name = RevokeKey, endpoint = "sources/revoke-key")]
pub async fn revoke_key(id: String) -> Result<(), ApiError> {
    let on = crate::entry::enter("sources/revoke-key")?;
    let revoked = native::revoke_key(&on, &id).await;
    on.answer(revoked, |()| ())
}

/// Ends a watch; what was imported stays.
#[server(name = RemoveWatch, endpoint = "sources/remove")]
pub async fn remove(id: String) -> Result<(), ApiError> {
    let on = crate::entry::enter("sources/remove")?;
    let removed = native::remove(&on, &id).await;
    on.answer(removed, |()| ())
}

/// Gives work that was given up another set of attempts.
#[server(name = RetryJob, endpoint = "sources/retry")]
pub async fn retry(id: String) -> Result<(), ApiError> {
    let on = crate::entry::enter("sources/retry")?;
    let tried = native::retry(&on, &id).await;
    on.answer(tried, |()| ())
}

#[cfg(not(target_arch = "wasm32"))]
mod once;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::entry::{Entered, IntoApi, moment};
    use access::{Action, Resource, authorize};
    use api::{
        ApiError, Code,
        sources::{FailedFile, GivenUp, Key, KeyState, Sources, Watch},
        uploads::Failure,
    };
    use backend::{
        identity::IdentityError,
        ingest::Decisions,
        objects::PlaceError,
        storage::{ApiKey, Job, Problem, Watch as Stored, WatchedObject, WatchedState},
        uploads::UploadError,
        watches::{self, WatchError},
        work,
    };
    use jiff::{SignedDuration, Timestamp, tz::TimeZone};
    use std::collections::HashMap;
    use types::UserId;

    impl IntoApi for WatchError {
        fn into_api(self) -> ApiError {
            let on_url = |key: &str| ApiError::new(Code::Invalid, key).on_field("url", key);
            match self {
                Self::Denied(denied) => denied.into_api(),
                Self::NotFound => ApiError::of(Code::NotFound),
                Self::Known => on_url("place_watched"),
                Self::Place(PlaceError::Url(_)) => on_url("place_invalid"),
                Self::Place(PlaceError::NotAllowed(_)) => on_url("place_not_allowed"),
                Self::Place(_) => on_url("place_unreachable"),
                Self::Upload(error) => error.into_api(),
                Self::Storage(error) => error.into_api(),
                Self::Json(_) => ApiError::of(Code::Internal),
            }
        }
    }

    pub async fn sources(on: &Entered) -> Result<Sources, WatchError> {
        let may = |action, resource| authorize(&on.ctx, action, resource).is_ok();
        let mut tx = on.backend.storage.tenant_read(&on.ctx).await?;
        let tenant = tx.own_tenant().await?;
        let people = tx.members().await?;
        let keys = match may(Action::Read, Resource::Settings) {
            true => tx.api_keys().await?,
            false => Vec::new(),
        };
        tx.commit().await?;
        let around = Around {
            zone: TimeZone::get(&tenant.timezone).unwrap_or(TimeZone::UTC),
            people: people.into_iter().map(|m| (m.id, m.name)).collect(),
            now: on.ctx.now(),
        };
        let watches = match watches::list(&on.backend, &on.ctx).await {
            // Who may not see settings still sees what was given up.
            Err(WatchError::Denied(_)) => Vec::new(),
            found => found?,
        };
        let given_up = work::dead(&on.backend, &on.ctx).await?;
        let roots = &on.backend.config.watch.roots;
        let may_change = may(Action::Update, Resource::Settings);
        Ok(Sources {
            watches: watches
                .into_iter()
                .map(|(stored, objects)| around.watch(stored, objects))
                .collect(),
            given_up: given_up.into_iter().map(|job| around.dead(job)).collect(),
            keys: keys.into_iter().map(|key| around.key(key)).collect(),
            roots: match may_change {
                true => roots.iter().map(ToString::to_string).collect(),
                false => Vec::new(),
            },
            issued: None,
            may_change,
            may_retry: may(Action::Update, Resource::Uploads),
        })
    }

    /// What is needed to show who and when.
    struct Around {
        zone: TimeZone,
        people: HashMap<UserId, String>,
        now: Timestamp,
    }

    impl Around {
        fn who(&self, id: Option<UserId>) -> Option<String> {
            self.people.get(&id?).cloned()
        }

        fn watch(&self, stored: Stored, objects: Vec<WatchedObject>) -> Watch {
            let count = |state| objects.iter().filter(|o| o.state == state).count() as u64;
            Watch {
                id: stored.id.to_string(),
                url: stored.url,
                pattern: stored.pattern,
                created_by: self.who(stored.created_by),
                created: moment(stored.created_at, &self.zone),
                looked: stored.looked_at.map(|at| moment(at, &self.zone)),
                problem: stored.last_error.map(failure),
                taken: count(WatchedState::Taken),
                waiting: count(WatchedState::Seen),
                failed: objects
                    .into_iter()
                    .filter(|o| o.state == WatchedState::Failed)
                    .map(|o| FailedFile {
                        name: o.name,
                        problem: failure(o.error.unwrap_or_default()),
                    })
                    .collect(),
            }
        }

        fn key(&self, key: ApiKey) -> Key {
            let expired = key.expires_at.is_some_and(|at| at <= self.now);
            Key {
                id: key.id.to_string(),
                name: key.name,
                created_by: self.who(key.created_by),
                created: moment(key.created_at, &self.zone),
                expires: key.expires_at.map(|at| moment(at, &self.zone)),
                used: key.used_at.map(|at| moment(at, &self.zone)),
                state: match (key.revoked_at, expired) {
                    (Some(_), _) => KeyState::Revoked,
                    (None, true) => KeyState::Expired,
                    (None, false) => KeyState::Good,
                },
            }
        }

        fn dead(&self, job: Job) -> GivenUp {
            GivenUp {
                id: job.id.to_string(),
                kind: job.kind,
                attempts: u64::from(job.attempts),
                at: moment(job.updated_at, &self.zone),
                next: job.schedule.map(|_| moment(job.run_at, &self.zone)),
                problem: Failure {
                    code: job.last_error_code.unwrap_or_default(),
                    message: job.last_error.unwrap_or_default(),
                    params: Default::default(),
                },
            }
        }
    }

    fn failure(problem: Problem) -> Failure {
        Failure {
            code: problem.code,
            message: problem.message,
            params: problem.params,
        }
    }

    pub async fn watch_place(on: &Entered, url: &str, pattern: &str) -> Result<(), WatchError> {
        let pattern = match pattern.trim() {
            "" => "*",
            pattern => pattern,
        };
        let none = Decisions::new();
        watches::add(&on.backend, &on.ctx, url.trim(), pattern, &none).await?;
        Ok(())
    }

    pub async fn issue_key(on: &Entered, name: &str, days: &str) -> Result<String, IdentityError> {
        // What is no number is no limit that anybody meant: the shortest is the safest.
        let days = match days.trim() {
            "" => None,
            text => Some(text.parse::<u16>().unwrap_or(1).max(1)),
        };
        let lifetime = days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        let issued = on.backend.identity.issue_api_key(&on.ctx, name, lifetime);
        Ok(issued.await?.1)
    }

    pub async fn revoke_key(on: &Entered, id: &str) -> Result<(), IdentityError> {
        // Revoked already, or never there: it opens nothing.
        if let Ok(id) = id.parse() {
            on.backend.identity.revoke_api_key(&on.ctx, id).await?;
        }
        Ok(())
    }

    pub async fn remove(on: &Entered, id: &str) -> Result<(), WatchError> {
        let id = id.parse().map_err(|_| WatchError::NotFound)?;
        watches::remove(&on.backend, &on.ctx, id).await
    }

    pub async fn retry(on: &Entered, id: &str) -> Result<(), UploadError> {
        let id = id.parse().map_err(|_| UploadError::NotFound)?;
        work::retry(&on.backend, &on.ctx, id).await
    }
}
