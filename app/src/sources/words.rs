//! What went wrong with places and with work, in the reader's language.

use crate::uploads::texts as uploads;
use api::uploads::Failure;
use i18n::{Locale, t_string};
use leptos_i18n::I18nContext;

/// What is said of files as of every upload; a code of a newer server is shown as the server words it.
pub fn problem(i18n: I18nContext<Locale>, problem: &Failure) -> String {
    let about = |name: &str| problem.params.get(name).cloned().unwrap_or_default();
    match problem.code.as_str() {
        "work_database" => t_string!(i18n, sources.work.database).to_string(),
        "work_files" => t_string!(i18n, sources.work.files).to_string(),
        "work_file_gone" => t_string!(i18n, sources.work.file_gone).to_string(),
        "work_disk_full" => t_string!(i18n, sources.work.disk_full).to_string(),
        "work_file" => t_string!(i18n, sources.work.file).to_string(),
        "work_outdated" => t_string!(i18n, sources.work.outdated).to_string(),
        "work_state" => t_string!(i18n, sources.work.state).to_string(),
        "work_vanished" => t_string!(i18n, sources.work.vanished).to_string(),
        "work_internal" => t_string!(i18n, sources.work.internal).to_string(),
        "place_url" => t_string!(i18n, sources.wrong.url, place = about("place")).to_string(),
        "place_not_allowed" => {
            t_string!(i18n, sources.wrong.not_allowed, place = about("place")).to_string()
        }
        "place_missing" => {
            t_string!(i18n, sources.wrong.missing, place = about("place")).to_string()
        }
        "place_closed" => t_string!(i18n, sources.wrong.closed, place = about("place")).to_string(),
        "place_link" => t_string!(i18n, sources.wrong.link, file = about("file")).to_string(),
        "place_unreadable" => {
            t_string!(i18n, sources.wrong.unreadable, file = about("file")).to_string()
        }
        "place_changing" => {
            t_string!(i18n, sources.wrong.changing, file = about("file")).to_string()
        }
        "place_store" => t_string!(i18n, sources.wrong.store).to_string(),
        _ => uploads::failure(i18n, problem),
    }
}
