//! Files that came as one upload and have nothing to do with one another.

use crate::{scope::use_scoped, uploads::texts as words};
use ::api::uploads::{Piece, Upload};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use ui::{Banner, Card, Cell, Column, DataTable, Row, Tone};

/// What the upload was split into.
#[component]
pub fn Pieces(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let scoped = use_scoped();
    let pieces = Memo::new(move |_| {
        upload.with(|u| u.as_ref().map(|u| u.pieces.clone()).unwrap_or_default())
    });
    let title = move || {
        let n = i64::try_from(pieces.with(Vec::len)).unwrap_or(i64::MAX);
        t_string!(
            i18n,
            uploads.split.title,
            n = format::count(n, i18n.get_locale())
        )
        .to_string()
    };
    let row = move |piece: &Piece| {
        Row::new(
            piece.id.to_string(),
            vec![
                Cell::link(
                    scoped(&format!("/uploads/{}", piece.id)),
                    piece.file_name.clone(),
                ),
                Cell::badge(words::tone(piece.state), words::state(i18n, piece.state)),
            ],
        )
    };
    let rows = Signal::derive(move || pieces.with(|p| p.iter().map(row).collect::<Vec<_>>()));
    let columns = move || {
        vec![
            Column::new("file", t_string!(i18n, uploads.file).to_string()),
            Column::new("state", t_string!(i18n, uploads.state_label).to_string()),
        ]
    };
    view! {
        <div class="grid gap-4" data-testid="pieces">
            <Banner tone=Tone::Accent title=title>
                {t!(i18n, uploads.split.body)}
            </Banner>
            <Card title=move || t_string!(i18n, uploads.split.caption) flush=true>
                {move || {
                    view! {
                        <DataTable
                            caption=move || t_string!(i18n, uploads.split.caption)
                            columns=columns()
                            rows=rows
                        />
                    }
                }}
            </Card>
        </div>
    }
}

/// The upload that this one's files came as, together with others.
#[component]
pub fn CameAs(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let scoped = use_scoped();
    let from = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.taken_from.clone())));
    view! {
        {move || {
            from.get()
                .map(|from| {
                    let href = scoped(&format!("/uploads/{}", from.id));
                    let name = from.file_name;
                    view! {
                        <p class="text-sm" data-testid="came-as">
                            <a class="link" href=href>
                                {move || {
                                    t_string!(i18n, uploads.split.came_as, file = name.clone()).to_string()
                                }}
                            </a>
                        </p>
                    }
                })
        }}
    }
}
