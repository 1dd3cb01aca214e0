//! How far an import is, on a terminal only: a log is no place for it.

use super::Failed;
use backend::command_line::Step;
use indicatif::{ProgressBar, ProgressStyle};
use std::{io::IsTerminal, path::Path, time::Duration};

/// Counts bytes of `file`, where one is named.
pub fn bar(file: Option<&Path>) -> Result<ProgressBar, Failed> {
    let size = file
        .map(|file| {
            std::fs::metadata(file)
                .map(|about| about.len())
                .map_err(|e| Failed::usage(format!("{}: {e}", file.display())))
        })
        .transpose()?;
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template(
        "{msg:10} {bar:40} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
    )
    .map_err(Failed::error)?;
    let bar = ProgressBar::new(size.unwrap_or(0)).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

pub fn show(bar: &ProgressBar, step: Step) {
    let (message, position) = match step {
        Step::Copying { bytes, of } => ("copying", Some((bytes, of))),
        Step::Reading { bytes, of, .. } => ("reading", Some((bytes, of))),
        Step::Publishing { .. } => ("publishing", None),
    };
    bar.set_message(message);
    if let Some((bytes, of)) = position {
        bar.set_length(of);
        bar.set_position(bytes);
    }
}
