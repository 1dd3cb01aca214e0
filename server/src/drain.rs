//! One signal that the server goes down: it stops listening, live connections close, requests finish.
//! A connection that has become a WebSocket is no request any more: those are counted here.

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub struct Drain(watch::Receiver<bool>);

/// Held by whoever may end the server.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

pub fn channel() -> (Stop, Drain) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Drain(receiver))
}

impl Stop {
    pub fn begin(&self) {
        self.0.send_replace(true);
    }
}

impl Drain {
    /// Returns once the server goes down (or nobody is left who could say so).
    pub async fn begun(&mut self) {
        // An error means that the sender is gone, which ends the server as well.
        let _ended = self.0.wait_for(|begun| *begun).await;
    }

    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }
}

/// How many connections outlive the requests that they began with. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Connections(watch::Sender<usize>);

/// One of [`Connections`], for as long as it is held.
#[derive(Debug)]
pub struct Connection(watch::Sender<usize>);

impl Connections {
    pub fn open(&self) -> Connection {
        self.0.send_modify(|open| *open += 1);
        Connection(self.0.clone())
    }

    /// Returns once none is open.
    pub async fn closed(&self) {
        let mut open = self.0.subscribe();
        // An error would mean that the sender is gone, and it is held here.
        let _ended = open.wait_for(|open| *open == 0).await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// Ctrl-C or SIGTERM.
pub async fn asked_by_system() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be listened to");
            std::future::pending::<()>().await;
        }
    };
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be listened to");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
