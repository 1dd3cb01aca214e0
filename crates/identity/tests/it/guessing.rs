//! Who does not know the password learns nothing, and is slowed.

use crate::world::{PASSWORD, World, from};
use identity::IdentityError;
use std::time::Instant;

on_both! {
    unknown_and_wrong_look_the_same
    guessing_is_slowed_and_ends
    guessing_at_once_gains_nothing
    one_address_trying_many_accounts_is_slowed
}

async fn unknown_and_wrong_look_the_same(w: World) {
    w.sign_up("Tea").await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..5 {
        // Neither delay nor lock may tell them apart either.
        w.pass(4000);
        for (times, email) in times
            .iter_mut()
            .zip(["owner@tea.example", "nobody@tea.example"])
        {
            let begun = Instant::now();
            let error = w.sign_in(email, "wrong password").await.unwrap_err();
            if round > 0 {
                times.push(begun.elapsed());
            }
            assert!(
                matches!(error, IdentityError::WrongCredentials),
                "{error:?}"
            );
            assert_eq!(error.key(), "wrong_email_or_password");
        }
    }
    // The quickest of each is the least disturbed.
    let [wrong, unknown] = times.map(|times| times.into_iter().min().unwrap().as_secs_f64());
    assert!(
        (0.6..1.6).contains(&(unknown / wrong)),
        "unknown {unknown} s, wrong {wrong} s"
    );

    let answers = async |email: &str| {
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(w.sign_in(email, "wrong").await.unwrap_err().to_string());
        }
        answers
    };
    w.pass(4000);
    let known = answers("owner@tea.example").await;
    w.pass(4000);
    assert_eq!(known, answers("nobody@tea.example").await);
    assert!(known.last().unwrap().contains("too many"), "{known:?}");
}

async fn guessing_is_slowed_and_ends(w: World) {
    w.sign_up("Tea").await;
    let email = "owner@tea.example";
    for _ in 0..5 {
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(matches!(error, IdentityError::WrongCredentials));
    }
    // Now even the right password has to wait: it is not looked at.
    let error = w.sign_in(email, PASSWORD).await.unwrap_err();
    let IdentityError::TooManyAttempts { retry_after } = error else {
        panic!("{error:?}");
    };
    assert!((1..=2).contains(&retry_after.as_secs()));
    w.clock.advance(retry_after);
    w.sign_in(email, PASSWORD).await.unwrap();
    // Success forgets.
    for _ in 0..5 {
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(matches!(error, IdentityError::WrongCredentials));
    }
    // However long somebody goes on, the owner waits a minute at most.
    for _ in 0..20 {
        w.pass(61);
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(
            matches!(error, IdentityError::WrongCredentials),
            "{error:?}"
        );
        w.pass(3000);
    }
    w.pass(61);
    w.sign_in(email, PASSWORD).await.unwrap();
}

async fn guessing_at_once_gains_nothing(w: World) {
    w.sign_up("Tea").await;
    let mut tasks = Vec::new();
    for n in 0..30 {
        let identity = w.identity.clone();
        tasks.push(tokio::spawn(async move {
            let guess = format!("guess {n}");
            let client = from(&format!("198.51.100.{n}"));
            identity.sign_in("owner@tea.example", &guess, &client).await
        }));
    }
    let mut looked_at = 0;
    for task in tasks {
        match task.await.unwrap().unwrap_err() {
            IdentityError::WrongCredentials => looked_at += 1,
            IdentityError::TooManyAttempts { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 5);
}

async fn one_address_trying_many_accounts_is_slowed(w: World) {
    w.sign_up("Tea").await;
    let attacker = from("2001:db8::1");
    let mut looked_at = 0;
    for n in 0..40 {
        let email = format!("nobody{n}@tea.example");
        // A new address of the same network each time.
        let attacker = from(&format!("2001:db8::{n:x}"));
        match w.identity.sign_in(&email, "wrong", &attacker).await {
            Err(IdentityError::WrongCredentials) => looked_at += 1,
            Err(IdentityError::TooManyAttempts { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 30);
    // An own account does not wash it off.
    w.pass(2);
    w.identity
        .sign_in("owner@tea.example", PASSWORD, &attacker)
        .await
        .unwrap();
    let error = w
        .identity
        .sign_in("x@tea.example", "wrong", &attacker)
        .await;
    assert!(matches!(error, Err(IdentityError::WrongCredentials)));
    let error = w
        .identity
        .sign_in("x@tea.example", "wrong", &attacker)
        .await;
    assert!(matches!(error, Err(IdentityError::TooManyAttempts { .. })));
    // Others are not disturbed.
    w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
}
