use super::{Failed, ctx_of, open};
use crate::config::Config;
use access::Role;
use backend::{
    Backend,
    identity::{IdentityError, NewAccount},
};
use clap::{Args, Subcommand};
use std::io::{BufRead, IsTerminal, Write};

/// People who may sign in.
///
/// Passwords are read from standard input, one line: never from the command line, which others on this
/// machine can see.
#[derive(Clone, Debug, Args)]
pub struct User {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Add a person to a tenant; the password is read from standard input
    Create {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// tenant_admin or analyst
        #[arg(long, default_value = "tenant_admin", value_parser = role)]
        role: Role,
        /// Also an administrator of the whole installation
        #[arg(long)]
        platform_admin: bool,
    },
    /// Set a person's password, read from standard input, and end all their sessions
    SetPassword {
        #[arg(long)]
        email: String,
    },
    /// The members of a tenant
    List {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    text.parse()
        .map_err(|_| "a role is tenant_admin or analyst".to_owned())
}

pub async fn run(config: Config, options: User) -> Result<(), Failed> {
    let backend = open(&config).await?;
    match options.verb {
        Verb::Create {
            tenant,
            email,
            name,
            role,
            platform_admin,
        } => {
            let tenant = ctx_of(&backend, &tenant).await?.tenant;
            let account = NewAccount {
                name,
                email,
                password: password()?,
                tenant,
                role,
                is_platform_admin: platform_admin,
            };
            let id = backend
                .identity
                .create_user(&account)
                .await
                .map_err(refused)?;
            println!("{id}");
            Ok(())
        }
        Verb::SetPassword { email } => backend
            .identity
            .set_password(&email, &password()?)
            .await
            .map_err(refused),
        Verb::List { tenant } => list(&backend, &tenant).await,
    }
}

async fn list(backend: &Backend, tenant: &str) -> Result<(), Failed> {
    let ctx = ctx_of(backend, tenant).await?;
    let mut tx = backend
        .storage
        .tenant_read(&ctx)
        .await
        .map_err(Failed::error)?;
    let members = tx.members().await.map_err(Failed::error)?;
    tx.commit().await.map_err(Failed::error)?;
    for member in members {
        println!("{}\t{}\t{}", member.email, member.role, member.name);
    }
    Ok(())
}

/// What a person can mend is a usage error, with the message keys of the forms in plain words.
fn refused(error: IdentityError) -> Failed {
    match error {
        IdentityError::Invalid(problems) => Failed::usage(
            problems
                .iter()
                .map(|p| format!("{}: {}", p.field, p.key.replace('_', " ")))
                .collect::<Vec<_>>()
                .join("; "),
        ),
        IdentityError::UnknownUser => Failed::usage(error),
        other => Failed::error(other),
    }
}

/// One line of standard input; on a terminal it is asked for, and not shown.
fn password() -> Result<String, Failed> {
    let terminal = std::io::stdin().is_terminal();
    if terminal {
        eprint!("Password: ");
        std::io::stderr().flush().map_err(Failed::error)?;
        echo("-echo");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if terminal {
        echo("echo");
        eprintln!();
    }
    read.map_err(Failed::error)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Switches what is typed on or off. Where it cannot be, the password is seen by who types it.
fn echo(setting: &str) {
    let _switched = std::process::Command::new("stty").arg(setting).status();
}
