//! While bytes arrive, while the file is looked at, while it is imported.

use crate::{
    live::use_live,
    uploads::{
        api::Cancel,
        send::{Chosen, State as Sent, use_sender},
        texts as words,
    },
};
use ::api::uploads::Upload;
use i18n::{format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use ui::{Banner, Button, ButtonKind, Card, DropZone, Fact, FactList, FormError, Progress, Tone};
use web_sys::File;

/// Bytes arrive from this page, or wait for the same file to be chosen again.
#[component]
pub fn Receiving(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let sender = use_sender();
    // Compared, so that progress does not rebuild what is shown.
    let here = Memo::new(move |_| {
        let sending = upload
            .with(|u| u.as_ref().map(|u| u.id))
            .and_then(|id| sender.of(id));
        sending.is_some_and(|s| !matches!(s.state, Sent::Failed(_)))
    });
    view! {
        {move || {
            if here.get() {
                view! { <OnItsWay upload /> }.into_any()
            } else {
                view! { <Interrupted upload /> }.into_any()
            }
        }}
        <CancelForm upload changed />
    }
}

#[component]
fn OnItsWay(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let sender = use_sender();
    let sending = Memo::new(move |_| {
        upload
            .with(|u| u.as_ref().map(|u| u.id))
            .and_then(|id| sender.of(id))
    });
    let part = Signal::derive(move || sending.get().map(|s| fraction(s.sent, s.total)));
    let detail = move || {
        let locale = i18n.get_locale();
        sending.get().map_or_else(String::new, |s| {
            t_string!(
                i18n,
                uploads.sent_of,
                sent = format::bytes(s.sent, locale),
                total = format::bytes(s.total, locale)
            )
            .to_string()
        })
    };
    let state = Memo::new(move |_| sending.get().map(|s| s.state));
    view! {
        <Card attr:data-testid="sending">
            <div class="grid gap-4">
                <Progress value=part label=move || t_string!(i18n, uploads.sending) detail=detail />
                <p class="text-sm text-muted">{t!(i18n, uploads.may_leave)}</p>
                {move || {
                    match state.get() {
                        Some(Sent::Waiting) => {
                            view! { <Banner tone=Tone::Warn>{t!(i18n, uploads.connection_lost)}</Banner> }
                                .into_any()
                        }
                        Some(Sent::SignedOut) => {
                            view! { <Banner tone=Tone::Warn>{t!(i18n, uploads.signed_out)}</Banner> }
                                .into_any()
                        }
                        Some(Sent::AlsoElsewhere) => {
                            view! { <Banner tone=Tone::Neutral>{t!(i18n, uploads.also_elsewhere)}</Banner> }
                                .into_any()
                        }
                        _ => ().into_any(),
                    }
                }}
            </div>
        </Card>
    }
}

/// The page was reloaded or left: the same file goes on where it was.
#[component]
fn Interrupted(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let sender = use_sender();
    let wrong = RwSignal::new(false);
    let failed = Signal::derive(move || {
        let sending = upload
            .with(|u| u.as_ref().map(|u| u.id))
            .and_then(|id| sender.of(id));
        match sending.map(|s| s.state) {
            Some(Sent::Failed(error)) => Some(words::message(i18n, &error)),
            _ if wrong.get() => Some(
                t_string!(
                    i18n,
                    uploads.other_file,
                    name = upload
                        .with(|u| u.as_ref().map(|u| u.file_name.clone()).unwrap_or_default())
                )
                .to_string(),
            ),
            _ => None,
        }
    });
    let choose = Callback::new(move |files: Vec<File>| {
        let Some((upload, files)) = upload.get_untracked().zip(Chosen::of(files)) else {
            return;
        };
        let same = files.name() == upload.file_name && files.size() == upload.size;
        wrong.set(!same);
        if same {
            sender.send(upload.id, files, upload.received);
        }
    });
    let body = move || {
        let locale = i18n.get_locale();
        upload.with(|u| {
            u.as_ref().map_or_else(String::new, |u| {
                t_string!(
                    i18n,
                    uploads.interrupted,
                    name = u.file_name.clone(),
                    sent = format::bytes(u.received, locale),
                    total = format::bytes(u.size, locale)
                )
                .to_string()
            })
        })
    };
    view! {
        <div class="grid gap-4" data-testid="interrupted">
            <Banner tone=Tone::Warn>{body}</Banner>
            <FormError text=failed />
            <DropZone
                id="file"
                name="file"
                title=move || t_string!(i18n, uploads.resume_title)
                multiple=true
                on_files=choose
            />
            <super::NeedsScript />
        </div>
    }
}

/// Gives the upload up. Nothing of it is in the figures.
#[component]
pub fn CancelForm(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<Cancel>::new();
    let id = super::id_of(upload);
    crate::forms::refresh_after(move || action.value().get(), changed);
    view! {
        <ActionForm action>
            <input type="hidden" name="id" value=id />
            <Button kind=ButtonKind::Quiet type_="submit" busy=action.pending() attr:data-testid="cancel">
                {t!(i18n, uploads.give_up)}
            </Button>
        </ActionForm>
    }
}

#[component]
pub fn Looking(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let size = move || {
        let locale = i18n.get_locale();
        upload.with(|u| {
            u.as_ref()
                .map_or_else(String::new, |u| format::bytes(u.size, locale))
        })
    };
    view! {
        <Card attr:data-testid="looking">
            <Progress value=Signal::stored(None::<f64>) label=move || t_string!(i18n, uploads.looking) detail=size />
        </Card>
        <CancelForm upload changed />
    }
}

/// Live counts. The import goes on without the page.
#[component]
pub fn Importing(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    // A hint is newer than the answer it leads to.
    let count = move |name: &str| -> Option<u64> {
        let id = upload.with(|u| u.as_ref().map(|u| u.id))?;
        live.of(id)?.payload.get(name)?.as_u64()
    };
    let rows = move || count("records").max(upload.with(|u| u.as_ref().map(|u| u.rows_done)));
    let bytes = move || count("bytes").max(upload.with(|u| u.as_ref().map(|u| u.bytes_done)));
    let part = Signal::derive(move || {
        let size = upload.with(|u| u.as_ref().map(|u| u.size))?;
        bytes().filter(|b| *b > 0).map(|b| fraction(b, size))
    });
    let number = move |n: Option<u64>| {
        n.map_or_else(
            || format::DASH.to_owned(),
            |n| format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale()),
        )
    };
    let facts = Signal::derive(move || {
        let mut facts = vec![Fact {
            label: t_string!(i18n, uploads.rows).to_string(),
            value: number(rows()),
        }];
        if let Some(accepted) = count("accepted") {
            facts.push(Fact {
                label: t_string!(i18n, uploads.accepted).to_string(),
                value: number(Some(accepted)),
            });
        }
        if let Some(rejected) = count("rejected") {
            facts.push(Fact {
                label: t_string!(i18n, uploads.rejected).to_string(),
                value: number(Some(rejected)),
            });
        }
        facts
    });
    // As text: what is inside <noscript> is none of hydration's business.
    let again = move || format!("<a href=\"\">{}</a>", t_string!(i18n, uploads.look_again));
    view! {
        <Card attr:data-testid="importing">
            <div class="grid gap-4">
                <Progress value=part label=move || t_string!(i18n, uploads.importing) />
                <FactList items=facts />
                <p class="text-sm text-muted">{t!(i18n, uploads.may_leave_import)}</p>
                <noscript inner_html=again></noscript>
            </div>
        </Card>
        <CancelForm upload changed />
    }
}

/// 0 to 1; a file of no bytes is all there.
fn fraction(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 1.0;
    }
    // Lossy only beyond 2^53 bytes.
    (part as f64 / whole as f64).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_stays_within_its_bar() {
        for (part, whole, expected) in [(0, 10, 0.0), (5, 10, 0.5), (12, 10, 1.0), (0, 0, 1.0)] {
            assert!((fraction(part, whole) - expected).abs() < 1e-9);
        }
    }
}
