//! The live connection: hints what to ask for again. It reconnects by itself and goes on after the
//! last hint it saw, so a gap in the network loses none.

use api::live::{Hint, News};
use leptos::prelude::*;
use std::collections::HashMap;
use types::UploadId;

#[derive(Clone, Copy)]
pub struct Live {
    /// Counts up when figures changed.
    pub figures: RwSignal<u32>,
    /// Counts up when any upload changed state.
    pub uploads: RwSignal<u32>,
    /// Last hint of each upload: how far it is.
    hints: RwSignal<HashMap<UploadId, Hint>>,
    /// Number of the last change of each upload's state.
    changes: RwSignal<HashMap<UploadId, i64>>,
    seen: StoredValue<i64>,
}

impl Live {
    fn new() -> Self {
        Self {
            figures: RwSignal::new(0),
            uploads: RwSignal::new(0),
            hints: RwSignal::new(HashMap::new()),
            changes: RwSignal::new(HashMap::new()),
            seen: StoredValue::new(0),
        }
    }

    /// The last hint about one upload. Tracks.
    pub fn of(self, upload: UploadId) -> Option<Hint> {
        self.hints.with(|h| h.get(&upload).cloned())
    }

    /// Number of the last change of one upload's state, 0 before the first. Tracks.
    pub fn version(self, upload: UploadId) -> i64 {
        self.changes.with(|c| c.get(&upload).copied().unwrap_or(0))
    }

    /// One hint from the connection.
    pub fn take(self, hint: Hint) {
        // Replayed after a reconnect, or out of order.
        if hint.seq <= self.seen.get_value() {
            return;
        }
        self.seen.set_value(hint.seq);
        match hint.news() {
            News::Figures => self.figures.update(|n| *n += 1),
            News::Upload(id) => {
                // Progress is in the hint itself; only a new state is worth asking for.
                if hint.kind == "upload.changed" {
                    self.uploads.update(|n| *n += 1);
                    self.changes.update(|c| {
                        c.insert(id, hint.seq);
                    });
                }
                self.hints.update(|h| {
                    h.insert(id, hint);
                });
            }
            News::Other => {}
        }
    }
}

pub fn use_live() -> Live {
    use_context().unwrap_or_else(Live::new)
}

/// Makes the signals; in the browser also the connection, from the event after `seen`.
pub fn provide_live(seen: i64) {
    let live = Live::new();
    live.seen.set_value(seen);
    provide_context(live);
    // Effects run in the browser only.
    Effect::new(move |_| connection::open(live));
}

#[cfg(not(target_arch = "wasm32"))]
mod connection {
    /// Only a browser connects.
    pub fn open(_: super::Live) {}
}

#[cfg(target_arch = "wasm32")]
mod connection {
    use super::Live;
    use crate::session::{Session, use_session};
    use api::live::{Hint, PATH};
    use leptos::prelude::*;
    use send_wrapper::SendWrapper;
    use std::{cell::RefCell, rc::Rc, time::Duration};
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{MessageEvent, WebSocket};

    const FIRST_WAIT: Duration = Duration::from_millis(500);
    const LONGEST_WAIT: Duration = Duration::from_secs(30);

    type Handler = Closure<dyn FnMut(MessageEvent)>;

    struct Connection {
        live: Live,
        session: Session,
        socket: RefCell<Option<WebSocket>>,
        // Kept alive as long as the socket may call them.
        handlers: RefCell<Vec<Handler>>,
        wait: RefCell<Duration>,
        closed: RefCell<bool>,
    }

    pub fn open(live: Live) {
        let connection = Rc::new(Connection {
            live,
            session: use_session(),
            socket: RefCell::new(None),
            handlers: RefCell::new(Vec::new()),
            wait: RefCell::new(FIRST_WAIT),
            closed: RefCell::new(false),
        });
        Rc::clone(&connection).connect();
        let held = SendWrapper::new(connection);
        on_cleanup(move || held.close());
    }

    impl Connection {
        fn connect(self: Rc<Self>) {
            if *self.closed.borrow() {
                return;
            }
            // While nobody is signed in every attempt would be refused.
            if self.session.ended.get_untracked() {
                self.again();
                return;
            }
            let location = window().location();
            let scheme = if location.protocol().is_ok_and(|p| p == "https:") {
                "wss"
            } else {
                "ws"
            };
            let host = location.host().unwrap_or_default();
            let after = self.live.seen.get_value();
            let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}{PATH}?after={after}"))
            else {
                self.again();
                return;
            };
            let message = {
                let this = Rc::clone(&self);
                Closure::new(move |event: MessageEvent| {
                    *this.wait.borrow_mut() = FIRST_WAIT;
                    let text = event.data().as_string().unwrap_or_default();
                    if let Ok(hint) = serde_json::from_str::<Hint>(&text) {
                        this.live.take(hint);
                    }
                })
            };
            let close = {
                let this = Rc::clone(&self);
                Closure::new(move |_: MessageEvent| Rc::clone(&this).again())
            };
            socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
            socket.set_onclose(Some(close.as_ref().unchecked_ref()));
            // The handlers of the socket before this one: it is closed and calls nothing any more. Not
            // dropped from within one of them, where this may run.
            let before = self.handlers.replace(vec![message, close]);
            set_timeout(move || drop(before), Duration::ZERO);
            self.socket.replace(Some(socket));
        }

        /// Waits, longer each time, and connects.
        fn again(self: Rc<Self>) {
            let wait = *self.wait.borrow();
            *self.wait.borrow_mut() = (wait * 2).min(LONGEST_WAIT);
            set_timeout(move || self.connect(), wait);
        }

        fn close(&self) {
            *self.closed.borrow_mut() = true;
            if let Some(socket) = self.socket.take() {
                socket.set_onclose(None);
                socket.set_onmessage(None);
                // A socket that is closed already: nothing to do.
                let _ = socket.close();
                // Not dropped from within one of them, where this may run.
                let handlers = self.handlers.take();
                set_timeout(move || drop(handlers), Duration::ZERO);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(seq: i64, kind: &str, upload: &str) -> Hint {
        let text = format!(r#"{{"seq":{seq},"kind":"{kind}","payload":{{"upload":"{upload}"}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_replayed_hint_changes_nothing() {
        Owner::new().with(|| {
            let id = "01890a5d-ac96-774b-bcce-b302099a8057";
            let live = Live::new();
            live.take(hint(1, "upload.changed", id));
            live.take(hint(2, "gold.changed", id));
            live.take(hint(1, "upload.changed", id));
            live.take(hint(2, "gold.changed", id));
            assert_eq!(live.uploads.get_untracked(), 1);
            assert_eq!(live.figures.get_untracked(), 1);
            assert_eq!(live.version(id.parse().unwrap()), 1);
        });
    }
}
