use api::{ApiError, sources::Sources};
use leptos::{prelude::*, server_fn::codec::Json};

#[server(name = ReadSources, endpoint = "sources/all", input = Json)]
pub async fn sources() -> Result<Sources, ApiError> {
    let on = crate::entry::enter("sources/all")?;
    let found = native::sources(&on).await;
    on.answer(found, |found| found)
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
mod native {
    use crate::entry::{Entered, IntoApi, moment};
    use access::{Action, Resource, authorize};
    use api::{
        ApiError, Code,
        sources::{FailedFile, GivenUp, Sources, Watch},
    };
    use backend::{
        storage::{Job, Watch as Stored, WatchedObject, WatchedState},
        uploads::UploadError,
        watches::{self, WatchError},
        work,
    };
    use jiff::tz::TimeZone;

    impl IntoApi for WatchError {
        fn into_api(self) -> ApiError {
            match self {
                Self::Denied(denied) => denied.into_api(),
                Self::NotFound => ApiError::of(Code::NotFound),
                Self::Known => ApiError::of(Code::Conflict),
                Self::Place(_) => ApiError::of(Code::Invalid),
                Self::Upload(error) => error.into_api(),
                Self::Storage(error) => error.into_api(),
                Self::Json(_) => ApiError::of(Code::Internal),
            }
        }
    }

    pub async fn sources(on: &Entered) -> Result<Sources, WatchError> {
        let mut tx = on.backend.storage.tenant_read(&on.ctx).await?;
        let tenant = tx.own_tenant().await?;
        tx.commit().await?;
        let zone = TimeZone::get(&tenant.timezone).unwrap_or(TimeZone::UTC);
        let may = |resource| authorize(&on.ctx, Action::Update, resource).is_ok();
        let watches = match watches::list(&on.backend, &on.ctx).await {
            // Who may not see settings still sees what was given up.
            Err(WatchError::Denied(_)) => Vec::new(),
            found => found?,
        };
        let given_up = work::dead(&on.backend, &on.ctx).await?;
        Ok(Sources {
            watches: watches
                .into_iter()
                .map(|(stored, objects)| watch(stored, objects, &zone))
                .collect(),
            given_up: given_up.into_iter().map(|job| dead(job, &zone)).collect(),
            may_change: may(Resource::Settings),
            may_retry: may(Resource::Uploads),
        })
    }

    fn watch(stored: Stored, objects: Vec<WatchedObject>, zone: &TimeZone) -> Watch {
        let count = |state| objects.iter().filter(|o| o.state == state).count() as u64;
        Watch {
            id: stored.id.to_string(),
            url: stored.url,
            pattern: stored.pattern,
            looked: stored.looked_at.map(|at| moment(at, zone)),
            problem: stored.last_error,
            taken: count(WatchedState::Taken),
            waiting: count(WatchedState::Seen),
            failed: objects
                .into_iter()
                .filter(|o| o.state == WatchedState::Failed)
                .map(|o| FailedFile {
                    name: o.name,
                    problem: o.error.unwrap_or_default(),
                })
                .collect(),
        }
    }

    fn dead(job: Job, zone: &TimeZone) -> GivenUp {
        GivenUp {
            id: job.id.to_string(),
            kind: job.kind,
            attempts: u64::from(job.attempts),
            at: moment(job.updated_at, zone),
            problem: job.last_error.unwrap_or_default(),
        }
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
