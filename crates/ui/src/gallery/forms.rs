//! The gallery's controls.

use super::said;
use crate::{
    Button, ButtonKind, Card, Checkbox, Choice, ChoiceGroup, DateRangePicker, Dialog, DropZone,
    FormError, IconButton, IconName, LinkButton, Menu, MenuHeading, MenuLink, MenuSeparator,
    PasswordInput, Select, SelectOption, Size, Step, StepState, Stepper, TextInput,
};
use i18n::{I18nLocaleTrait, Locale, format, locale_name, t_string, use_i18n};
use leptos::prelude::*;

#[component]
pub(super) fn MainAction() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Button kind=ButtonKind::Primary icon=IconName::Upload>
            {move || t_string!(i18n, common.actions.upload_file)}
        </Button>
    }
}

#[component]
pub(super) fn Period() -> impl IntoView {
    let i18n = use_i18n();
    let period = |from, to| types::Period {
        from: types::Day(from),
        to: types::Day(to),
    };
    let presets = Signal::derive(move || {
        vec![
            SelectOption::new("last7", t_string!(i18n, common.period.last7)),
            SelectOption::new("last30", t_string!(i18n, common.period.last30)),
            SelectOption::new("last90", t_string!(i18n, common.period.last90)),
            SelectOption::new("month", t_string!(i18n, common.period.month_to_date)),
            SelectOption::new("year", t_string!(i18n, common.period.year_to_date)),
            SelectOption::new("all", t_string!(i18n, common.period.all)),
        ]
    });
    let comparisons = Signal::derive(move || {
        vec![
            SelectOption::new("previous", t_string!(i18n, common.comparison.previous)),
            SelectOption::new("last_year", t_string!(i18n, common.comparison.last_year)),
            SelectOption::new("none", t_string!(i18n, common.comparison.none)),
        ]
    });
    view! {
        <DateRangePicker
            action="/dev/ui"
            label=move || format::period(period(20_486, 20_515), i18n.get_locale())
            compared=move || format::period(period(20_456, 20_485), i18n.get_locale())
            presets=presets
            period="last30"
            from="2026-02-02"
            to="2026-03-03"
            comparisons=comparisons
            comparison="previous"
        />
    }
}

#[component]
pub(super) fn Menus() -> impl IntoView {
    let i18n = use_i18n();
    let languages: Vec<_> = Locale::get_all()
        .iter()
        .map(|locale| {
            let locale = *locale;
            view! {
                <MenuLink href="#" current=Signal::derive(move || i18n.get_locale() == locale)>
                    {locale_name(locale)}
                </MenuLink>
            }
        })
        .collect();
    view! {
        <Menu
            id="gallery-language"
            label=move || locale_name(i18n.get_locale())
            icon=IconName::Language
            align_end=true
        >
            <MenuHeading>{move || t_string!(i18n, common.language)}</MenuHeading>
            {languages}
            <MenuSeparator />
            <MenuLink href="#" icon=IconName::Moon>
                {move || t_string!(i18n, common.theme.dark)}
            </MenuLink>
        </Menu>
    }
}

#[component]
pub(super) fn Buttons() -> impl IntoView {
    let i18n = use_i18n();
    let save = move || t_string!(i18n, common.actions.save);
    let kinds = [
        ButtonKind::Primary,
        ButtonKind::Secondary,
        ButtonKind::Quiet,
        ButtonKind::Danger,
    ];
    let rows: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            view! {
                <div class="flex flex-wrap items-center gap-3">
                    <Button kind>{save}</Button>
                    <Button kind icon=IconName::Check>
                        {save}
                    </Button>
                    <Button kind busy=true>
                        {save}
                    </Button>
                    <Button kind disabled=true>
                        {save}
                    </Button>
                    <Button kind size=Size::Small>
                        {save}
                    </Button>
                    <LinkButton kind href="#">
                        {move || t_string!(i18n, common.actions.open)}
                    </LinkButton>
                    <IconButton
                        kind
                        icon=IconName::ArrowRight
                        label=move || t_string!(i18n, common.actions.go_on)
                    />
                </div>
            }
        })
        .collect();
    let open = RwSignal::new(false);
    view! {
        <Card>
            <div class="grid gap-3">
                {rows}
                <div>
                    <Button on:click=move |_| open.set(true)>"Dialog"</Button>
                </div>
            </div>
        </Card>
        <Dialog
            id="gallery-dialog"
            title=move || t_string!(i18n, common.actions.delete)
            open=open
            footer=move || {
                view! {
                    <Button on:click=move |_| {
                        open.set(false);
                    }>{move || t_string!(i18n, common.actions.cancel)}</Button>
                    <Button kind=ButtonKind::Danger>
                        {move || t_string!(i18n, common.actions.delete)}
                    </Button>
                }
            }
        >
            <p>{move || said::notice(i18n.get_locale())}</p>
        </Dialog>
    }
}

#[component]
pub(super) fn Fields() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let options = Signal::derive(move || {
        vec![
            SelectOption::new("net", said::net_sales(locale())).group(said::orders(locale())),
            SelectOption::new("orders", said::orders(locale())).group(said::orders(locale())),
            SelectOption::new("product", said::product(locale())).group(said::product(locale())),
        ]
    });
    let readings = Signal::derive(move || {
        let l = locale();
        let reading = |value: &str, label: &str, days: [i32; 2]| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            detail: ["03/04/2026", "07/04/2026"]
                .into_iter()
                .zip(days)
                .map(|(raw, day)| format!("{raw} = {}", format::day(types::Day(day), l)))
                .collect(),
        };
        vec![
            reading("dmy", said::day_first(l), [20_546, 20_550]),
            reading("mdy", said::month_first(l), [20_516, 20_638]),
        ]
    });
    let chosen = RwSignal::new("dmy".to_owned());
    view! {
        <Card>
            <div class="grid gap-5 md:grid-cols-2">
                <FormError text=Signal::derive(move || Some(
                    said::email_error(locale()).to_owned(),
                )) />
                <span></span>
                <TextInput
                    name="email"
                    type_="email"
                    label=move || said::email(locale())
                    hint=move || said::email_hint(locale())
                    placeholder="ana@example.com"
                    required=true
                />
                <TextInput
                    name="email-wrong"
                    type_="email"
                    label=move || said::email(locale())
                    value="ana@"
                    error=Signal::derive(move || Some(said::email_error(locale()).to_owned()))
                />
                <PasswordInput name="password" label=move || said::password(locale()) />
                <TextInput
                    name="off"
                    label=move || said::product(locale())
                    value="SKU-1204"
                    disabled=true
                />
                <Select
                    name="field"
                    label=move || said::state(locale())
                    options=options
                    value="orders"
                />
                <Checkbox
                    name="remember"
                    label=move || said::remember(locale())
                    hint=move || said::email_hint(locale())
                    checked=true
                />
                <div class="md:col-span-2">
                    <ChoiceGroup
                        name="dates"
                        legend=move || said::dates(locale())
                        choices=readings
                        value=chosen
                        on_change=Callback::new(move |value| chosen.set(value))
                    />
                </div>
            </div>
        </Card>
    }
}

#[component]
pub(super) fn Files() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let steps = Signal::derive(move || {
        let l = locale();
        let step = |label: &str, state| Step {
            label: label.to_owned(),
            state,
            href: None,
        };
        vec![
            step(t_string!(i18n, common.actions.upload_file), StepState::Done),
            step(said::dates(l), StepState::Current),
            step(said::running(l), StepState::Todo),
            step(said::done(l), StepState::Todo),
        ]
    });
    view! {
        <div class="grid gap-4">
            <Stepper label=move || said::history(locale()) steps=steps />
            <DropZone
                id="gallery-file"
                name="file"
                accept=".csv,.tsv,.txt,.gz"
                hint=move || format!("CSV, TSV · {}", format::bytes(2_000_000_000, locale()))
            />
        </div>
    }
}
