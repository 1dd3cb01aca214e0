//! What can be done to an upload whose import is over.

use crate::{
    forms,
    uploads::{api::ChangeUpload, parts::id_of, texts as words},
};
use ::api::uploads::{Change, State, Upload};
use i18n::{t, t_string, use_i18n};
use leptos::prelude::*;
use ui::{Button, ButtonKind, Card, FormError, IconName, LinkButton};

/// What makes sense in a state, the likeliest first. `gave_up`: another try may succeed.
fn changes(state: State, gave_up: bool) -> &'static [Change] {
    match state {
        State::Done => &[Change::Undo, Change::Rerun],
        State::Held => &[Change::Publish, Change::Abandon, Change::Rerun],
        State::Undone => &[Change::Redo, Change::Rerun],
        State::Failed if gave_up => &[Change::Retry, Change::Rerun],
        State::Failed => &[Change::Rerun],
        State::Cancelled => &[Change::Rerun],
        _ => &[],
    }
}

/// Code of an import that failed for no fault of its file.
const GAVE_UP: &str = "gave_up";

/// One form with a button for each change, and the file as it was sent.
#[component]
pub fn Changes(
    state: State,
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<ChangeUpload>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = words::failed(move || action.value().get());
    let id = id_of(upload);
    let undoing = Memo::new(move |_| upload.with(|u| u.as_ref().is_some_and(|u| u.undoing)));
    let live = Memo::new(move |_| upload.with(|u| u.as_ref().is_some_and(|u| u.live)));
    let whole = Memo::new(move |_| {
        upload.with(|u| {
            u.as_ref()
                .is_some_and(|u| u.size > 0 && u.received == u.size)
        })
    });
    let original = Signal::derive(move || format!("/uploads/{}/original", id()));
    let label = move |what: Change| match what {
        Change::Undo if undoing.get() => t_string!(i18n, uploads.change.undoing),
        Change::Undo => t_string!(i18n, uploads.change.undo),
        Change::Redo => t_string!(i18n, uploads.change.redo),
        Change::Rerun => t_string!(i18n, uploads.change.rerun),
        Change::Retry => t_string!(i18n, uploads.change.retry),
        Change::Publish => t_string!(i18n, uploads.change.publish),
        Change::Abandon if live.get() => t_string!(i18n, uploads.change.abandon_live),
        Change::Abandon => t_string!(i18n, uploads.change.abandon),
        Change::AskAgain => t_string!(i18n, uploads.ask_again),
    };
    let hint = move || match state {
        State::Done => Some(t_string!(i18n, uploads.change.done_hint).to_string()),
        // The page says above what happened.
        _ => None,
    };
    let gave_up = upload.with_untracked(|u| {
        let failure = u.as_ref().and_then(|u| u.failure.as_ref());
        failure.is_some_and(|failure| failure.code == GAVE_UP)
    });
    let buttons = changes(state, gave_up)
        .iter()
        .enumerate()
        .map(|(n, &what)| {
            let kind =
                if n == 0 && matches!(state, State::Undone | State::Failed | State::Cancelled) {
                    ButtonKind::Primary
                } else {
                    ButtonKind::Secondary
                };
            view! {
                <Button
                    kind=kind
                    type_="submit"
                    name="what"
                    value=what.as_str()
                    busy=Signal::derive(move || action.pending().get() || undoing.get())
                    attr:data-testid=format!("change-{}", what.as_str())
                >
                    {move || label(what).to_string()}
                </Button>
            }
        })
        .collect_view();
    view! {
        <Card attr:data-testid="changes">
            <div class="grid gap-3">
                {move || hint().map(|hint| view! { <p class="text-muted">{hint}</p> })}
                <FormError text=failed />
                <div class="flex flex-wrap gap-2">
                    <ActionForm action attr:class="flex flex-wrap gap-2">
                        <input type="hidden" name="id" value=id />
                        {buttons}
                    </ActionForm>
                    {move || {
                        whole
                            .get()
                            .then(|| {
                                view! {
                                    <LinkButton
                                        href=original
                                        download=true
                                        kind=ButtonKind::Quiet
                                        icon=IconName::Download
                                        attr:data-testid="original"
                                    >
                                        {t!(i18n, uploads.change.original)}
                                    </LinkButton>
                                }
                            })
                    }}
                </div>
            </div>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_try_is_offered_where_it_can_succeed() {
        assert!(changes(State::Failed, true).contains(&Change::Retry));
        for state in State::ALL {
            assert!(!changes(state, false).contains(&Change::Retry), "{state}");
        }
    }
}
