//! How far an import is, on a terminal only: a log is no place for it.

use super::Failed;
use backend::command_line::Step;
use indicatif::{ProgressBar, ProgressStyle};
use std::{io::IsTerminal, path::PathBuf, time::Duration};

/// Counts bytes of the files, where some are named.
pub fn bar(files: &[PathBuf]) -> Result<ProgressBar, Failed> {
    let mut size = 0;
    for file in files {
        let about = std::fs::metadata(file);
        size += about
            .map_err(|e| Failed::usage(format!("{}: {e}", file.display())))?
            .len();
    }
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template(
        "{msg:10} {bar:40} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
    )
    .map_err(Failed::error)?;
    let bar = ProgressBar::new(size).with_style(style);
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
