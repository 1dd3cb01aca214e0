use super::{
    Session,
    api::{SignIn, SignOut, sign_out},
};
use crate::{browser, errors::use_tell, forms};
use ::api::{ApiError, Code, session::Viewer};
use i18n::{t, t_string, use_i18n};
use leptos::{
    ev,
    form::ActionForm,
    prelude::*,
    server_fn::ServerFn,
    task::spawn_local,
    wasm_split::{SplitLoaderError, wasm_split},
};
use ui::{
    Banner, Button, ButtonKind, Dialog, FormError, IconName, MenuButton, PasswordInput, TextInput,
    Tone,
};

/// IANA name of the device's timezone; `UTC` where it is not told.
pub fn timezone_of_device() -> String {
    #[cfg(target_arch = "wasm32")]
    {
        let options =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new())
                .resolved_options();
        js_sys::Reflect::get(&options, &"timeZone".into())
            .ok()
            .and_then(|zone| zone.as_string())
            .unwrap_or_else(|| "UTC".to_owned())
    }
    #[cfg(not(target_arch = "wasm32"))]
    "UTC".to_owned()
}

/// E-mail and password. `on_done` runs in the browser with the path to go on to; without WASM the
/// server redirects.
#[component]
pub fn SignInForm(
    #[prop(into)] next: Signal<String>,
    #[prop(into)] on_done: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<SignIn>::new();
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(target)) = value.get() {
            on_done.run(target);
        }
    });
    let failed = forms::failed(move || value.get());
    view! {
        <ActionForm action attr:class="grid gap-4" attr:data-testid="sign-in-form">
            <FormError text=failed />
            <TextInput
                name="email"
                label=move || t_string!(i18n, session.email)
                type_="email"
                autocomplete="username"
                required=true
            />
            <PasswordInput
                name="password"
                label=move || t_string!(i18n, session.password)
                autocomplete="current-password"
                required=true
            />
            <input type="hidden" name="next" value=next />
            <Button kind=ButtonKind::Primary type_="submit" full=true busy=action.pending() attr:data-testid="sign-in">
                {t!(i18n, session.sign_in)}
            </Button>
        </ActionForm>
    }
}

/// Shown over the page when the session ends: nothing that was typed is lost.
#[component]
pub fn SessionEnded() -> impl IntoView {
    let i18n = use_i18n();
    let session = super::use_session();
    let before = use_context::<Viewer>();
    let restore = Callback::new(move |_: String| go_on(session, before.clone()));
    let tell = use_tell();
    // Without a connection there is no form: the page says that the session ended, and opens this again.
    let not_there = move || {
        session.ended.set(false);
        tell(&ApiError::of(Code::Network));
        ().into_any()
    };
    view! {
        <Dialog id="session-ended" title=move || t_string!(i18n, session.ended_title) open=session.ended>
            <div class="grid gap-4" data-testid="session-ended">
                <p>{t!(i18n, session.ended_body)}</p>
                {move || {
                    session
                        .ended
                        .get()
                        .then(|| {
                            let form = async move {
                                let fetched = sign_in_again(restore).await;
                                fetched.unwrap_or_else(|_| not_there())
                            };
                            view! { <Suspense>{Suspend::new(form)}</Suspense> }
                        })
                }}
            </div>
        </Dialog>
    }
}

// In the file of the pages to sign in: few pages see their session end.
#[wasm_split(session_pages, wasm_split_path = leptos::wasm_split, fallible)]
fn sign_in_again(restore: Callback<String>) -> Result<AnyView, SplitLoaderError> {
    let form = view! { <SignInForm next=Signal::stored("/".to_owned()) on_done=restore /> };
    Ok(form.into_any())
}

/// The page goes on for who opened it; for anybody else it is opened anew.
fn go_on(session: Session, before: Option<Viewer>) {
    #[cfg(target_arch = "wasm32")]
    leptos::task::spawn_local(async move {
        let now = super::api::viewer().await;
        let another = match (&before, &now) {
            (Some(before), Ok(Some(now))) => {
                (before.user, &before.tenant_slug) != (now.user, &now.tenant_slug)
            }
            _ => false,
        };
        if another {
            browser::reload();
        } else {
            session.restore();
        }
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (session, before);
}

/// Says that the session ended where sign-in was closed, and opens it again.
#[component]
pub fn SignedOutBanner() -> impl IntoView {
    let i18n = use_i18n();
    let session = super::use_session();
    let shown = Memo::new(move |_| session.lost.get() && !session.ended.get());
    move || {
        shown.get().then(|| {
            view! {
                <div data-testid="signed-out">
                    <Banner
                        tone=Tone::Warn
                        title=move || t_string!(i18n, session.ended_title)
                        actions=move || {
                            view! {
                                <Button
                                    kind=ButtonKind::Primary
                                    on:click=move |_| session.end()
                                    attr:data-testid="sign-in-again"
                                >
                                    {t!(i18n, session.sign_in)}
                                </Button>
                            }
                        }
                    >
                        {t!(i18n, session.ended_body)}
                    </Banner>
                </div>
            }
        })
    }
}

#[component]
pub fn SignOutButton() -> impl IntoView {
    let i18n = use_i18n();
    let tell = use_tell();
    let sign_out = move |event: ev::SubmitEvent| {
        event.prevent_default();
        leave(tell);
    };
    view! {
        <form method="post" action=SignOut::PATH on:submit=sign_out>
            <MenuButton icon=IconName::SignOut type_="submit" attr:data-testid="sign-out">
                {t!(i18n, session.sign_out)}
            </MenuButton>
        </form>
    }
}

/// Ends the session and leaves the page; `tell` is told where that fails.
pub fn leave(tell: impl Fn(&ApiError) + 'static) {
    spawn_local(async move {
        match sign_out().await {
            Ok(()) => browser::load("/sign-in"),
            Err(error) => tell(&error),
        }
    });
}
