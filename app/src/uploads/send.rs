//! Sends a file in chunks. It goes on while other pages are looked at, waits out a lost connection or
//! an ended session, and after a reload goes on with the same file where it was.

use crate::session::{Session, use_session};
use api::{ApiError, uploads::Part};
use leptos::prelude::*;
use types::UploadId;
use web_sys::File;

/// The files of one upload, sent as one stream of bytes. Never empty.
#[derive(Clone, Debug)]
pub struct Chosen(Vec<File>);

impl Chosen {
    /// In the order of their names, which is the same whatever order they were chosen in.
    pub fn of(mut files: Vec<File>) -> Option<Self> {
        files.sort_by_cached_key(File::name);
        (!files.is_empty()).then_some(Self(files))
    }

    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.0.iter().map(size).sum()
    }

    pub fn parts(&self) -> Vec<Part> {
        let part = |file: &File| Part {
            name: file.name(),
            size: size(file),
        };
        self.0.iter().map(part).collect()
    }

    /// As the server names an upload of these files.
    pub fn name(&self) -> String {
        let names: Vec<String> = self.0.iter().map(File::name).collect();
        names.join(", ")
    }

    /// When the latest was changed: milliseconds since 1970, as the device says.
    pub fn modified(&self) -> f64 {
        self.0.iter().map(File::last_modified).fold(0.0, f64::max)
    }
}

/// One file on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Sending {
    pub id: UploadId,
    /// Bytes.
    pub total: u64,
    /// Bytes the server has.
    pub sent: u64,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Running,
    /// The connection is lost; it is tried again by itself.
    Waiting,
    /// Someone has to sign in again; then it goes on.
    SignedOut,
    /// Another tab sends the same file: both go on, none is lost.
    AlsoElsewhere,
    Failed(ApiError),
    /// All bytes are there and the server looks at them.
    Done,
}

#[derive(Clone, Copy)]
pub struct Sender {
    pub sending: RwSignal<Option<Sending>>,
    pub session: Session,
}

impl Sender {
    /// What is known of this upload's sending, if it is the one on its way. Tracks.
    pub fn of(self, id: UploadId) -> Option<Sending> {
        self.sending.get().filter(|s| s.id == id)
    }

    /// Sends the files from `offset` on. One upload at a time: an earlier one stops and can be resumed.
    pub fn send(self, id: UploadId, files: Chosen, offset: u64) {
        self.sending.set(Some(Sending {
            id,
            total: files.size(),
            sent: offset,
            state: State::Running,
        }));
        transfer::run(self, id, files);
    }
}

pub fn provide_sender() {
    provide_context(Sender {
        sending: RwSignal::new(None),
        session: use_session(),
    });
}

pub fn use_sender() -> Sender {
    use_context().unwrap_or_else(|| Sender {
        sending: RwSignal::new(None),
        session: use_session(),
    })
}

/// Bytes of a file.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the platform counts bytes as a double: whole and never negative"
)]
fn size(file: &File) -> u64 {
    file.size() as u64
}

/// Remembers which files an upload takes, so that choosing the same ones again goes on.
pub mod memory {
    use serde::{Deserialize, Serialize};
    use types::UploadId;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Known {
        pub id: UploadId,
        pub name: String,
        pub size: u64,
        /// Milliseconds since 1970, as the device says.
        pub modified: f64,
    }

    impl Known {
        pub fn is_same_file(&self, name: &str, size: u64, modified: f64) -> bool {
            self.name == name && self.size == size && (self.modified - modified).abs() < 1.0
        }
    }

    /// As many as are kept.
    const MOST: usize = 20;

    /// `list` with `known` as the last, and the oldest dropped.
    pub fn with(mut list: Vec<Known>, known: Known) -> Vec<Known> {
        list.retain(|k| k.id != known.id);
        list.push(known);
        let extra = list.len().saturating_sub(MOST);
        list.drain(..extra);
        list
    }

    #[cfg(target_arch = "wasm32")]
    pub use browser::{find, forget, remember};

    #[cfg(target_arch = "wasm32")]
    mod browser {
        use super::{super::Chosen, Known, with};
        use types::UploadId;

        const KEY: &str = "sr360-uploads";

        // Storage may be refused (private windows) or hold what we cannot read: then nothing is known.
        fn storage() -> Option<web_sys::Storage> {
            web_sys::window()?.local_storage().ok()?
        }

        fn load() -> Vec<Known> {
            let text = storage().and_then(|s| s.get_item(KEY).ok()?);
            text.and_then(|t| serde_json::from_str(&t).ok())
                .unwrap_or_default()
        }

        fn save(list: &[Known]) {
            if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(list)) {
                let _ = storage.set_item(KEY, &text);
            }
        }

        pub fn remember(id: UploadId, files: &Chosen) {
            let known = Known {
                id,
                name: files.name(),
                size: files.size(),
                modified: files.modified(),
            };
            save(&with(load(), known));
        }

        pub fn forget(id: UploadId) {
            let mut list = load();
            list.retain(|k| k.id != id);
            save(&list);
        }

        /// The upload these files were last chosen for.
        pub fn find(files: &Chosen) -> Option<UploadId> {
            let (name, bytes, modified) = (files.name(), files.size(), files.modified());
            let found = load()
                .into_iter()
                .rev()
                .find(|k| k.is_same_file(&name, bytes, modified));
            found.map(|k| k.id)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn known(n: u8) -> Known {
            Known {
                id: format!("01890a5d-ac96-774b-bcce-b302099a80{n:02x}")
                    .parse()
                    .unwrap(),
                name: format!("{n}.csv"),
                size: 10,
                modified: 5.0,
            }
        }

        #[test]
        fn the_newest_are_kept_once() {
            let list = (0..30).fold(Vec::new(), |list, n: u8| with(list, known(n % 25)));
            assert_eq!(list.len(), MOST);
            assert_eq!(list.last(), Some(&known(4)));
            assert_eq!(list.iter().filter(|k| **k == known(4)).count(), 1);
        }

        #[test]
        fn another_version_of_the_file_is_another_file() {
            assert!(known(1).is_same_file("1.csv", 10, 5.0));
            assert!(!known(1).is_same_file("1.csv", 11, 5.0));
            assert!(!known(1).is_same_file("1.csv", 10, 5000.0));
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod transfer {
    /// Only a browser has files.
    pub fn run(_: super::Sender, _: types::UploadId, _: super::Chosen) {}
}

#[cfg(target_arch = "wasm32")]
mod transfer {
    use super::{Chosen, Sender, State, memory};
    use crate::uploads::api::complete;
    use api::{
        ApiError, Code,
        uploads::{CHUNK, OFFSET_HEADER},
    };
    use leptos::{prelude::*, task::spawn_local};
    use std::time::Duration;
    use types::UploadId;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Blob, Request, RequestInit, Response};

    const FIRST_WAIT: Duration = Duration::from_secs(1);
    const LONGEST_WAIT: Duration = Duration::from_secs(20);

    enum Answer {
        /// Bytes the server has.
        At(u64),
        /// The server has another number of bytes.
        Expected(u64),
        SignedOut,
        Refused(ApiError),
        /// Worth another try.
        Lost,
    }

    pub fn run(sender: Sender, id: UploadId, files: Chosen) {
        memory::remember(id, &files);
        spawn_local(async move {
            let total = files.size();
            let mut wait = FIRST_WAIT;
            loop {
                // Another file took its place, or the page was left for good.
                let Some(Some(now)) = sender.sending.try_get_untracked() else {
                    return;
                };
                if now.id != id {
                    return;
                }
                if now.sent >= total {
                    break;
                }
                match put(id, &files, now.sent).await {
                    Answer::At(sent) => {
                        wait = FIRST_WAIT;
                        step(sender, id, sent, |state| match state {
                            State::AlsoElsewhere => State::AlsoElsewhere,
                            _ => State::Running,
                        });
                    }
                    Answer::Expected(sent) => {
                        // Right after the start it is a resume; later someone else sends it too.
                        let moved_on = now.sent > 0 && sent > now.sent;
                        step(sender, id, sent, |state| {
                            if moved_on {
                                State::AlsoElsewhere
                            } else {
                                state
                            }
                        });
                        pause(Duration::from_millis(200)).await;
                    }
                    Answer::SignedOut => {
                        step(sender, id, now.sent, |_| State::SignedOut);
                        signed_in(sender).await;
                    }
                    Answer::Refused(error) => {
                        step(sender, id, now.sent, |_| State::Failed(error));
                        return;
                    }
                    Answer::Lost => {
                        step(sender, id, now.sent, |_| State::Waiting);
                        pause(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                }
            }
            finish(sender, id, total).await;
        });
    }

    /// Waits until somebody has signed in again.
    async fn signed_in(sender: Sender) {
        sender.session.end();
        let seen = sender.session.restored.get_untracked();
        while sender.session.restored.get_untracked() == seen {
            pause(Duration::from_millis(500)).await;
        }
    }

    async fn finish(sender: Sender, id: UploadId, total: u64) {
        let mut wait = FIRST_WAIT;
        loop {
            match complete(id).await {
                Ok(_) => {
                    memory::forget(id);
                    step(sender, id, total, |_| State::Done);
                    return;
                }
                Err(error) if error.is_transient() => {
                    pause(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) if error.code == Code::Unauthenticated => {
                    step(sender, id, total, |_| State::SignedOut);
                    signed_in(sender).await;
                    step(sender, id, total, |_| State::Running);
                }
                // Another tab was faster: the page shows what came of it.
                Err(error) if error.code == Code::Conflict => {
                    step(sender, id, total, |_| State::Done);
                    return;
                }
                Err(error) => {
                    sender.session.notice(&error);
                    step(sender, id, total, |_| State::Failed(error));
                    return;
                }
            }
        }
    }

    fn step(sender: Sender, id: UploadId, sent: u64, state: impl FnOnce(State) -> State) {
        sender.sending.update(|sending| {
            if let Some(s) = sending.as_mut().filter(|s| s.id == id) {
                s.sent = sent;
                s.state = state(s.state.clone());
            }
        });
    }

    async fn pause(time: Duration) {
        let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            let _ =
                window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        });
        // A promise that is only resolved.
        let _ = JsFuture::from(promise).await;
    }

    async fn put(id: UploadId, files: &Chosen, offset: u64) -> Answer {
        match attempt(id, files, offset).await {
            Ok(response) => read(&response),
            Err(_) if is_readable(files, offset).await => Answer::Lost,
            Err(_) => Answer::Refused(ApiError::new(Code::Invalid, "file_unreadable")),
        }
    }

    /// What cannot be read any more looks like a lost connection to who sends it.
    async fn is_readable(files: &Chosen, offset: u64) -> bool {
        let Ok(chunk) = piece(files, offset) else {
            return false;
        };
        JsFuture::from(chunk.array_buffer()).await.is_ok()
    }

    fn piece(files: &Chosen, offset: u64) -> Result<Blob, JsValue> {
        let end = (offset + CHUNK).min(files.size());
        // Exact: far below 2^53.
        joined(files)?.slice_with_f64_and_f64(offset as f64, end as f64)
    }

    /// One after the other as one piece: the browser reads from the disk what is sent, and no more.
    fn joined(files: &Chosen) -> Result<Blob, JsValue> {
        let parts: js_sys::Array = files.0.iter().collect();
        Blob::new_with_blob_sequence(&parts)
    }

    async fn attempt(id: UploadId, files: &Chosen, offset: u64) -> Result<Response, JsValue> {
        let chunk = piece(files, offset)?;
        let options = RequestInit::new();
        options.set_method("PUT");
        options.set_body(&chunk);
        let request = Request::new_with_str_and_init(&format!("/uploads/{id}/bytes"), &options)?;
        request.headers().set(OFFSET_HEADER, &offset.to_string())?;
        request
            .headers()
            .set("Content-Type", "application/octet-stream")?;
        let response = JsFuture::from(window().fetch_with_request(&request)).await?;
        response.dyn_into()
    }

    fn read(response: &Response) -> Answer {
        let offset = response.headers().get(OFFSET_HEADER).ok().flatten();
        let offset = offset.and_then(|text| text.parse().ok());
        match (response.status(), offset) {
            (200..=299, Some(sent)) => Answer::At(sent),
            (409, Some(expected)) => Answer::Expected(expected),
            (409, None) => Answer::Refused(ApiError::new(Code::Conflict, "upload_state")),
            (401, _) => Answer::SignedOut,
            (403, _) => Answer::Refused(ApiError::of(Code::Forbidden)),
            (404, _) => Answer::Refused(ApiError::of(Code::NotFound)),
            (413, _) => Answer::Refused(ApiError::of(Code::TooLarge)),
            (400..=499, _) => Answer::Refused(ApiError::of(Code::Invalid)),
            _ => Answer::Lost,
        }
    }
}
