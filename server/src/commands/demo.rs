use super::{Failed, open, progress};
use crate::{
    config::Config,
    demo::{EMAIL, secret},
};
use access::Role;
use backend::{
    Backend,
    identity::{IdentityError, NewAccount},
    sample_store,
};
use clap::Args;
use std::sync::Arc;

/// The sample store: two years of a made-up shop, made once, in the tenant `demo`.
///
/// It is labelled as a sample on every page. Made again, nothing changes. `smartretail360 serve --demo`
/// prints a link that signs in to it.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {}

pub async fn run(config: Config, _options: Demo) -> Result<(), Failed> {
    let backend = open(&config).await?;
    make(&backend).await?;
    println!(
        "The sample store is in the tenant `{}`.",
        sample_store::SLUG
    );
    Ok(())
}

/// The store and its user, as far as they are not there.
pub async fn make(backend: &Arc<Backend>) -> Result<(), Failed> {
    let bar = progress::bar(&[])?;
    let tenant = sample_store::ensure(backend, |step| progress::show(&bar, step)).await;
    bar.finish_and_clear();
    let tenant = tenant.map_err(Failed::error)?;
    let account = NewAccount {
        name: "Demo".to_owned(),
        email: EMAIL.to_owned(),
        // Nobody knows it: the link sets another.
        password: secret(backend),
        tenant: tenant.id,
        role: Role::TenantAdmin,
        is_platform_admin: false,
    };
    match backend.identity.create_user(&account).await {
        Ok(_) => Ok(()),
        Err(IdentityError::Invalid(problems))
            if problems.iter().all(|p| p.key == "email_taken") =>
        {
            Ok(())
        }
        Err(error) => Err(Failed::error(error)),
    }
}
