use super::{Failed, demo, open};
use crate::{
    config::Config,
    demo::DemoLink,
    drain::{self, Drain},
    router, site,
    web::Web,
};
use axum::Router;
use backend::Backend;
use clap::Args;
use std::{io::Write, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// With the sample store, and a link that signs in to it once
    #[arg(long)]
    demo: bool,
}

pub async fn run(config: Config, options: Serve) -> Result<(), Failed> {
    let backend = open(&config).await?;
    until_stopped(config, options, backend).await
}

/// Serves until the system asks to end, and then finishes what is under way.
pub async fn until_stopped(
    mut config: Config,
    options: Serve,
    backend: Arc<Backend>,
) -> Result<(), Failed> {
    site::settle(&mut config);
    if config.is_nameless() {
        tracing::warn!(
            names = config.hosts.join(", "),
            "other machines reach this server by names it does not answer to: set server.public_url or server.hosts"
        );
    }
    // Before anything is made or printed: a taken port is the likeliest failure.
    let listener = TcpListener::bind(config.addr)
        .await
        .map_err(|e| Failed::error(format!("{} cannot be listened on: {e}", config.addr)))?;
    let first_admin = backend
        .identity
        .issue_first_admin_token()
        .await
        .map_err(Failed::error)?;
    let link = if options.demo {
        demo::make(&backend).await?;
        Some(DemoLink::new(&backend).await.map_err(Failed::error)?)
    } else {
        None
    };
    let (stop, drain) = drain::channel();
    let web = Web::new(config, backend, drain.clone(), link);
    let router = router::build(&web).map_err(Failed::error)?;
    announce(&web, first_admin.as_deref());
    tokio::spawn(async move {
        drain::asked_by_system().await;
        tracing::info!("ending: requests under way are finished");
        stop.begin();
    });
    finish(listener, router, drain, &web).await
}

/// What a person needs to begin, on standard output.
fn announce(web: &Web, first_admin: Option<&str>) {
    let mut lines = vec![format!("SmartRetail360 is at {}", web.config.page("/"))];
    if let Some(link) = &web.demo {
        let link = web.config.page(&link.path());
        lines.push(format!("Sample store (signs in once): {link}"));
    }
    if let Some(token) = first_admin {
        let link = web.config.page(&format!("/sign-up?token={token}"));
        lines.push(format!(
            "First administrator (once, within 24 hours): {link}"
        ));
    }
    // Nobody may be reading: that is no reason not to serve.
    let _written = writeln!(std::io::stdout(), "{}", lines.join("\n"));
}

async fn finish(
    listener: TcpListener,
    router: Router,
    drain: Drain,
    web: &Web,
) -> Result<(), Failed> {
    let mut begun = drain.clone();
    let serving = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move { begun.begun().await });
    let mut begun = drain;
    let patience = web.config.drain;
    let all = async {
        serving.await?;
        web.connections.closed().await;
        Ok::<_, std::io::Error>(())
    };
    tokio::select! {
        ended = all => ended.map_err(Failed::error),
        () = async {
            begun.begun().await;
            tokio::time::sleep(patience).await;
        } => {
            tracing::warn!(seconds = patience.as_secs(), "requests were still under way");
            Ok(())
        }
    }
}
