//! Every component in all its states, on one page: what is looked at before a change is called done.

mod data;
mod forms;
mod said;

use crate::{BottomBar, Frame, IconName, NavGroup, NavItem, PageHeader, Sidebar, TopBar};
use i18n::{t_string, use_i18n};
use leptos::prelude::*;

/// A chart drawn by the server, to be shown in the gallery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GalleryChart {
    pub title: String,
    pub svg: String,
    pub option_json: String,
}

/// One group of components under its name.
#[component]
fn Shelf(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="mb-8">
            <h2 class="mb-3 text-xs font-medium text-muted">{name}</h2>
            {children()}
        </section>
    }
}

#[component]
pub fn Gallery(#[prop(optional)] charts: Vec<GalleryChart>) -> impl IntoView {
    let i18n = use_i18n();
    let items = move || {
        let item = |label: String, icon, current, badge: Option<&str>| NavItem {
            href: "#".into(),
            label,
            icon,
            current,
            badge: badge.map(str::to_owned),
        };
        let locale = i18n.get_locale();
        vec![
            item(
                said::dashboard(locale).into(),
                IconName::Dashboard,
                true,
                None,
            ),
            item(
                t_string!(i18n, common.actions.upload_file).into(),
                IconName::Upload,
                false,
                Some("3"),
            ),
            item(said::history(locale).into(), IconName::History, false, None),
            item(
                t_string!(i18n, common.language).into(),
                IconName::Language,
                false,
                None,
            ),
        ]
    };
    let groups = Signal::derive(move || {
        vec![NavGroup {
            label: None,
            items: items(),
        }]
    });
    let bottom = Signal::derive(items);
    let label = move || t_string!(i18n, ui.main_navigation);
    let charts = StoredValue::new(charts);
    view! {
        <Frame
            sidebar=move || {
                view! {
                    <Sidebar
                        label=label
                        brand=|| view! { <span>"SmartRetail360"</span> }
                        groups=groups
                        footer=|| view! { <span class="text-sm text-muted">"Demo store"</span> }
                    />
                }
            }
            topbar=move || {
                view! {
                    <TopBar start=|| view! { <forms::Period /> }>
                        <forms::Menus />
                    </TopBar>
                }
            }
            bottombar=move || view! { <BottomBar label=label items=bottom /> }
        >
            <PageHeader
                title=move || said::dashboard(i18n.get_locale())
                subtitle="Every component, in all its states"
                actions=|| view! { <forms::MainAction /> }
            />
            <Shelf name="Figures">
                <data::Figures />
            </Shelf>
            <Shelf name="Charts">
                <data::Charts charts=charts.get_value() />
            </Shelf>
            <Shelf name="Tables">
                <data::Tables />
            </Shelf>
            <Shelf name="Buttons">
                <forms::Buttons />
            </Shelf>
            <Shelf name="Fields">
                <forms::Fields />
            </Shelf>
            <Shelf name="Files and steps">
                <forms::Files />
            </Shelf>
            <Shelf name="Notices">
                <data::Notices />
            </Shelf>
            <Shelf name="Nothing to show, and failures">
                <data::Empties />
            </Shelf>
            <Shelf name="Waiting">
                <data::Waiting />
            </Shelf>
            <Shelf name="Small things">
                <data::Small />
            </Shelf>
        </Frame>
    }
}
