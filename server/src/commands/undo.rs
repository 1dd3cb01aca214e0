use super::{Failed, ctx_of, open};
use crate::config::Config;
use backend::{
    command_line::{self, ImportError},
    storage::uploads::UploadState,
    uploads::{self, UploadError},
};
use clap::Args;
use types::UploadId;

/// Take an import back: the figures become what they would be without it.
///
/// The id is what `import` printed with --json. The raw file and its lines are kept.
#[derive(Clone, Debug, Args)]
pub struct Undo {
    #[arg(value_name = "UPLOAD")]
    upload: UploadId,
    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
}

pub async fn run(config: Config, options: Undo) -> Result<(), Failed> {
    let backend = open(&config).await?;
    let ctx = ctx_of(&backend, &options.tenant).await?;
    match command_line::undo(&backend, &ctx, options.upload).await {
        Ok(upload) => {
            println!("{} ({}) is undone", upload.id, upload.file_name);
            Ok(())
        }
        Err(ImportError::Upload(UploadError::State {
            state: UploadState::Split,
        })) => {
            let upload = uploads::get(&backend, &ctx, options.upload).await;
            let upload = upload.map_err(Failed::error)?;
            let pieces = uploads::pieces(&backend, &ctx, &upload).await;
            let pieces = pieces.map_err(Failed::error)?;
            let named = pieces.iter().map(|p| format!("{} ({})", p.id, p.file_name));
            Err(Failed::usage(format!(
                "{} was split into {} uploads; each is undone by itself: {}",
                upload.id,
                pieces.len(),
                named.collect::<Vec<_>>().join(", ")
            )))
        }
        Err(ImportError::Upload(error @ (UploadError::NotFound | UploadError::State { .. }))) => {
            Err(Failed::usage(error))
        }
        Err(error) => Err(Failed::error(error)),
    }
}
