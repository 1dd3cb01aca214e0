//! How a file is read: what was found out about its form, and choices about it as a whole.

use crate::uploads::texts as words;
use ::api::uploads::{FormSetting, HowRead};
use i18n::{t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};
use ui::{Card, Fact, FactList, Select, SelectOption, TextInput};

/// Choices about the file as a whole.
#[component]
pub fn HowItIsRead(read: HowRead, header_line: Option<u64>) -> impl IntoView {
    let i18n = use_i18n();
    let HowRead {
        form,
        drop_duplicates,
        non_product_lines,
        test_orders,
        currency,
    } = read;
    // Each a choice of two.
    let kept = move |drop: bool| match drop {
        true => ("true", t_string!(i18n, uploads.how.drop).to_string()),
        false => ("false", t_string!(i18n, uploads.how.keep).to_string()),
    };
    let counted = move |count: bool| match count {
        true => ("include", t_string!(i18n, uploads.how.include).to_string()),
        false => ("exclude", t_string!(i18n, uploads.how.exclude).to_string()),
    };
    view! {
        <Card title=move || t_string!(i18n, uploads.how.title) attr:data-testid="how-read">
            <div class="grid gap-4">
            <FormOfFile settings=form header_line />
            // Empty as long as something is asked.
            <div class="grid gap-3 empty:hidden sm:grid-cols-2">
                <EitherWay
                    id="drop_duplicates"
                    label=move || t_string!(i18n, uploads.how.duplicates)
                    ways=kept
                    way=drop_duplicates
                />
                <EitherWay
                    id="non_product_lines"
                    label=move || t_string!(i18n, uploads.how.non_product_lines)
                    ways=counted
                    way=non_product_lines
                />
                <EitherWay
                    id="test_orders"
                    label=move || t_string!(i18n, uploads.how.test_orders)
                    ways=counted
                    way=test_orders
                />
                {currency
                    .map(|currency| {
                        view! {
                            <TextInput
                                name="decisions[currency]"
                                id="currency"
                                label=move || t_string!(i18n, uploads.how.currency)
                                value=Signal::stored(currency.to_string())
                            />
                        }
                    })}
            </div>
            </div>
        </Card>
    }
}

/// A choice of two; `way` is absent where it makes no difference.
#[component]
fn EitherWay(
    id: &'static str,
    #[prop(into)] label: TextProp,
    ways: impl Fn(bool) -> (&'static str, String) + Copy + Send + Sync + 'static,
    way: Option<bool>,
) -> impl IntoView {
    way.map(|way| {
        let option = move |way: bool| {
            let (value, label) = ways(way);
            SelectOption::new(value, label)
        };
        let options = Signal::derive(move || vec![option(false), option(true)]);
        let value = Signal::stored(option(way).value);
        view! {
            <Select
                name=format!("decisions[{id}]")
                id=id.replace('_', "-")
                label
                options
                value
            />
        }
    })
}

/// In one line what the file is like; opened, what of it can be said otherwise.
#[component]
fn FormOfFile(settings: Vec<FormSetting>, header_line: Option<u64>) -> impl IntoView {
    let i18n = use_i18n();
    let (open, fixed): (Vec<_>, Vec<_>) = settings.iter().cloned().partition(FormSetting::is_open);
    let all = StoredValue::new(settings);
    let line = move || {
        let said = |set: &FormSetting| words::form_value(i18n, set, &set.value, header_line);
        all.with_value(|all| all.iter().map(said).collect::<Vec<_>>().join(" · "))
    };
    let fixed = Signal::derive(move || {
        fixed
            .iter()
            .map(|set| Fact {
                label: words::form_setting(i18n, &set.id),
                value: words::form_value(i18n, set, &set.value, header_line),
            })
            .collect::<Vec<_>>()
    });
    (!all.with_value(Vec::is_empty)).then(|| {
        view! {
            <details data-testid="form-of-file">
                <summary class="cursor-pointer text-sm text-muted">{line}</summary>
                <div class="grid gap-3 pt-3 sm:grid-cols-2">
                    {open
                        .into_iter()
                        .map(|setting| view! { <FormField setting header_line /> })
                        .collect_view()}
                </div>
                {move || {
                    (!fixed.with(Vec::is_empty))
                        .then(|| {
                            view! {
                                <div class="pt-3">
                                    <FactList items=fixed />
                                </div>
                            }
                        })
                }}
            </details>
        }
    })
}

#[component]
fn FormField(setting: FormSetting, header_line: Option<u64>) -> impl IntoView {
    let i18n = use_i18n();
    let name = format!("decisions[{}]", setting.id);
    let id = format!("form-{}", setting.id);
    let (key, value) = (setting.id.clone(), setting.value.clone());
    let label = move || words::form_setting(i18n, &key);
    let sure = setting.confidence;
    let setting = StoredValue::new(setting);
    let hint = move || {
        let percent =
            sure.map(|percent| t_string!(i18n, uploads.sure, percent = percent).to_string());
        percent.unwrap_or_default()
    };
    if setting.with_value(|set| set.choices.is_empty()) {
        let hint = move || t_string!(i18n, uploads.how.timezone_hint);
        return view! { <TextInput name id label hint value=Signal::stored(value) /> }.into_any();
    }
    let options = Signal::derive(move || {
        setting.with_value(|set| {
            let option = |choice: &String| {
                SelectOption::new(
                    choice.clone(),
                    words::form_value(i18n, set, choice, header_line),
                )
            };
            set.choices.iter().map(option).collect::<Vec<_>>()
        })
    });
    let value = Signal::stored(value);
    view! { <Select name id label hint options value /> }.into_any()
}
