//! The frame of every page for people who are signed in: navigation, top bar, bottom bar on phones.

use crate::{
    browser,
    commands::{CommandDialogs, Commands, provide_commands},
    errors::{Failed, use_tell},
    live::provide_live,
    preferences,
    scope::use_scope,
    session::{
        api::{SetLanguage, SetTheme},
        parts::{SessionEnded, SignOutButton, SignedOutBanner},
        use_session,
    },
};
use ::api::session::{Theme, Viewer};
use i18n::{I18nLocaleTrait, Locale, locale_name, t, t_string, use_i18n};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
};
use ui::{
    Banner, BottomBar, ButtonKind, Frame, IconButton, IconName, Menu, MenuButton, MenuHeading,
    MenuSeparator, NavGroup, NavItem, Sidebar, SidebarToggle, Tone, TopBar,
};

/// Shows its pages to who is signed in; others are sent to sign-in and come back.
#[component]
pub fn Workspace() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    // Compared, so that a refetch with the same answer leaves the open page alone.
    let here = move || {
        let (path, query) = (
            location.pathname.get_untracked(),
            location.search.get_untracked(),
        );
        let here = if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        };
        format!("/sign-in?next={}", ::api::escape(&here))
    };
    view! {
        <Suspense>
            {
                let viewer = Memo::new(move |_| session.viewer.get());
                move || {
                    viewer
                        .get()
                        .map(|found| match found {
                            Ok(Some(viewer)) => view! { <SignedIn viewer /> }.into_any(),
                            Ok(None) => view! { <Redirect path=here() /> }.into_any(),
                            Err(error) => {
                                view! {
                                    <main class="mx-auto max-w-xl p-8">
                                        <Failed error retry=move || session.viewer.refetch() />
                                    </main>
                                }
                                    .into_any()
                            }
                        })
                }
            }
        </Suspense>
    }
}

/// Places in the bar at the bottom of a phone. Sources, the sixth, are reached from the uploads.
const WITHIN_REACH: usize = 5;

/// Places of the navigation. Only pages that exist; at most eight groups.
fn places(
    i18n: leptos_i18n::I18nContext<Locale>,
    here: &str,
    link: &dyn Fn(&str) -> String,
) -> Vec<NavGroup> {
    let item = |path: &str, label: String, icon, current| NavItem {
        href: link(path),
        label,
        icon,
        current,
        badge: None,
    };
    let upload = here.strip_prefix("/uploads");
    vec![
        NavGroup {
            label: None,
            items: vec![item(
                "/",
                t_string!(i18n, shell.nav_dashboard).to_string(),
                IconName::Dashboard,
                here == "/",
            )],
        },
        NavGroup {
            label: Some(t_string!(i18n, shell.nav_data).to_string()),
            items: vec![
                item(
                    "/uploads/new",
                    t_string!(i18n, shell.nav_upload).to_string(),
                    IconName::Upload,
                    upload == Some("/new"),
                ),
                item(
                    "/uploads",
                    t_string!(i18n, shell.nav_history).to_string(),
                    IconName::History,
                    upload.is_some_and(|rest| rest != "/new"),
                ),
                item(
                    "/tables",
                    t_string!(i18n, shell.nav_tables).to_string(),
                    IconName::Table,
                    here == "/tables",
                ),
                item(
                    "/quality",
                    t_string!(i18n, shell.nav_quality).to_string(),
                    IconName::CheckCircle,
                    here == "/quality",
                ),
                item(
                    "/sources",
                    t_string!(i18n, shell.nav_sources).to_string(),
                    IconName::Inbox,
                    here == "/sources",
                ),
            ],
        },
    ]
}

#[component]
fn SignedIn(viewer: Viewer) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let here = use_location().pathname;
    provide_live(viewer.live_seq);
    provide_context(viewer.clone());
    let commands = provide_commands();
    // The date range goes with every link: it is the same on every page.
    let groups = Signal::derive(move || places(i18n, &here.get(), &|path| scope.get().link(path)));
    let items = Signal::derive(move || {
        groups
            .get()
            .into_iter()
            .flat_map(|group| group.items)
            .take(WITHIN_REACH)
            .collect::<Vec<_>>()
    });
    let tenant = StoredValue::new(viewer.tenant_name.clone());
    let is_sample = viewer.is_sample;
    let viewer = StoredValue::new(viewer);
    view! {
        <Frame
            sidebar=move || {
                view! {
                    <Sidebar
                        label=move || t_string!(i18n, shell.navigation)
                        brand=move || view! { <Brand /> }
                        groups=groups
                        footer=move || {
                            view! {
                                <SidebarToggle
                                    narrow=commands.narrow
                                    on_toggle=move |narrow| commands.set_narrow(narrow)
                                />
                            }
                        }
                    />
                }
            }
            topbar=move || {
                view! {
                    <TopBar start=move || {
                        view! {
                            <span class="truncate font-medium" dir="auto" data-testid="tenant-name">
                                {tenant.get_value()}
                            </span>
                        }
                    }>
                        <IconButton
                            icon=IconName::Search
                            label=move || t_string!(i18n, commands.title)
                            kind=ButtonKind::Quiet
                            on:click=move |_| commands.palette.set(true)
                            attr:aria-haspopup="dialog"
                            attr:aria-keyshortcuts="Control+K Meta+K"
                            attr:data-testid="open-palette"
                        />
                        <LanguageMenu />
                        <ThemeMenu />
                        <UserMenu viewer=viewer.get_value() commands />
                    </TopBar>
                }
            }
            bottombar=move || {
                view! { <BottomBar label=move || t_string!(i18n, shell.navigation) items=items /> }
            }
        >
            {is_sample
                .then(|| {
                    view! {
                        <div data-testid="sample-banner">
                            <Banner tone=Tone::Accent>{t!(i18n, shell.sample_store)}</Banner>
                        </div>
                    }
                })}
            <SignedOutBanner />
            <Outlet />
        </Frame>
        <SessionEnded />
        <CommandDialogs commands />
    }
}

#[component]
fn Brand() -> impl IntoView {
    view! {
        <img src="/favicon.svg" alt="" width="24" height="24" />
        <span class="text-lg font-semibold">"SmartRetail360"</span>
    }
}

#[component]
pub fn LanguageMenu() -> impl IntoView {
    let i18n = use_i18n();
    let tell = use_tell();
    view! {
        <Menu
            id="language-menu"
            label=move || t_string!(i18n, common.language)
            icon=IconName::Globe
            kind=ButtonKind::Quiet
            align_end=true
        >
            <form
                method="post"
                action=SetLanguage::PATH
                on:submit=|event| event.prevent_default()
                data-testid="language-form"
            >
                {Locale::get_all()
                    .iter()
                    .map(|locale| {
                        let locale = *locale;
                        view! {
                            <MenuButton
                                type_="submit"
                                name="language"
                                value=locale.as_str().to_owned()
                                current=Signal::derive(move || i18n.get_locale() == locale)
                                on:click=move |_| {
                                    i18n.set_locale(locale);
                                    preferences::keep_language(locale, tell);
                                }
                                attr:data-testid=format!("language-{}", locale.as_str())
                                attr:lang=locale.as_str()
                            >
                                {locale_name(locale)}
                            </MenuButton>
                        }
                    })
                    .collect_view()}
            </form>
        </Menu>
    }
}

#[component]
pub fn ThemeMenu() -> impl IntoView {
    let i18n = use_i18n();
    let tell = use_tell();
    // In a frame the palette changes it too.
    let chosen = use_context::<Commands>().map_or_else(
        || RwSignal::new(browser::theme()),
        |commands| commands.theme,
    );
    let name = move |theme: Theme| match theme {
        Theme::Light => t_string!(i18n, common.theme.light).to_string(),
        Theme::Dark => t_string!(i18n, common.theme.dark).to_string(),
        Theme::System => t_string!(i18n, common.theme.system).to_string(),
    };
    let icon = |theme: Theme| match theme {
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
        Theme::System => IconName::Monitor,
    };
    view! {
        <Menu
            id="theme-menu"
            label=move || t_string!(i18n, common.theme.label)
            icon=IconName::Sun
            kind=ButtonKind::Quiet
            align_end=true
        >
            <form
                method="post"
                action=SetTheme::PATH
                on:submit=|event| event.prevent_default()
                data-testid="theme-form"
            >
                {Theme::ALL
                    .into_iter()
                    .map(|theme| {
                        view! {
                            <MenuButton
                                icon=icon(theme)
                                type_="submit"
                                name="theme"
                                value=theme.as_str().to_owned()
                                current=Signal::derive(move || chosen.get() == theme)
                                on:click=move |_| {
                                    chosen.set(theme);
                                    browser::set_theme(theme);
                                    preferences::keep_theme(theme, tell);
                                }
                                attr:data-testid=format!("theme-{}", theme.as_str())
                            >
                                {move || name(theme)}
                            </MenuButton>
                        }
                    })
                    .collect_view()}
            </form>
        </Menu>
    }
}

#[component]
fn UserMenu(viewer: Viewer, commands: Commands) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Menu
            id="user-menu"
            label=move || t_string!(i18n, shell.account)
            icon=IconName::User
            kind=ButtonKind::Quiet
            align_end=true
        >
            <MenuHeading>
                <span class="block font-medium" data-testid="user-name">
                    {viewer.name.clone()}
                </span>
                <span class="block text-muted">{viewer.email.clone()}</span>
                <span class="block text-muted">{viewer.tenant_name.clone()}</span>
            </MenuHeading>
            <MenuSeparator />
            <MenuButton
                icon=IconName::Help
                on:click=move |_| commands.shortcuts.set(true)
                attr:data-testid="open-shortcuts"
            >
                {t!(i18n, commands.shortcuts)}
            </MenuButton>
            <SignOutButton />
        </Menu>
    }
}
