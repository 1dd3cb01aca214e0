//! What an import would bring is what it brings.

use crate::shop::{Shop, orders};
use backend::lake::Changes;
use backend::uploads;

fn changes(added: u64, changed: u64, unchanged: u64) -> Changes {
    Changes {
        added,
        changed,
        unchanged,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_new_change_or_stay_is_said_before() {
    let shop = Shop::new().await;
    let first = [
        (1, "2026-01-10", 1_000),
        (2, "2026-01-11", 2_000),
        (3, "2026-01-12", 3_000),
    ];
    let before = shop.send("first.csv", orders(&first)).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, before.id)
        .await
        .unwrap();
    assert_eq!(preview.effect.orders, changes(3, 0, 0));
    assert_eq!(preview.effect.customers, changes(3, 0, 0));
    assert_eq!(preview.effect.products, changes(1, 0, 0));
    assert_eq!(
        (preview.days, preview.records, preview.complete),
        (3, 3, true)
    );
    shop.start(before.id).await;

    // 2 has another price, 3 is as it was, 4 is new; the lamp has another name.
    let second = [
        (2, "2026-01-11", 2_500),
        (3, "2026-01-12", 3_000),
        (4, "2026-01-13", 400),
    ];
    let again = shop.send("second.csv", orders(&second)).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, again.id)
        .await
        .unwrap();
    assert_eq!(preview.effect.orders, changes(1, 1, 1));
    assert_eq!(preview.effect.lines, changes(1, 1, 1));
    assert_eq!(preview.effect.products, changes(0, 0, 1));
    assert!(preview.effect.complete);

    let renamed = orders(&[(3, "2026-01-12", 3_000)]).replace("Lamp", "Lantern");
    let renamed = shop.send("renamed.csv", renamed).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, renamed.id)
        .await
        .unwrap();
    assert_eq!(preview.effect.products, changes(0, 1, 0));

    // Undone, nothing is there to change: what was found out before is not shown again.
    shop.undo(before.id).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, again.id)
        .await
        .unwrap();
    assert_eq!(preview.effect.orders, changes(3, 0, 0));
}

/// Lines that an export no longer has are gone with it, on whichever day they stood, and that is said.
#[tokio::test(flavor = "multi_thread")]
async fn lines_that_would_be_lost_are_counted_before() {
    let shop = Shop::new().await;
    let head =
        "Name,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n";
    let first = format!(
        "{head}#1,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1\n#1,,,1,Cup,20.00,C1\n#2,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1\n#2,,,1,Pot,5.00,P1\n"
    );
    shop.import("first.csv", first).await;
    let again = format!(
        "{head}#1,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1\n#2,GBP,2026-04-01 10:00:00 +0000,1,Mug,10.00,M1\n"
    );
    let again = shop.send("again.csv", again).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, again.id)
        .await
        .unwrap();
    assert_eq!(preview.effect.lines, changes(0, 1, 1));
    assert_eq!(preview.effect.lost, 2);
    // Two months of one sheet whose rows stand by themselves: neither takes anything from the other.
    let rows = [(1, "2026-05-01", 1_000), (1, "2026-05-01", 2_000)];
    let sheet = shop.import("sheet.csv", orders(&rows)).await;
    let more = shop
        .send("more.csv", orders(&[(2, "2026-05-02", 1_000)]))
        .await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, more.id)
        .await
        .unwrap();
    assert_eq!(
        (sheet.data_set.as_str(), preview.effect.lost),
        ("orders", 0)
    );
}

/// An order that the same days' later export lacks is no proof of anything: it stays, and is counted before.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_a_later_export_lacks_are_counted_and_stay() {
    let shop = Shop::new().await;
    let first = [
        (1, "2026-01-10", 1_000),
        (2, "2026-01-11", 2_000),
        (3, "2026-01-12", 3_000),
        (4, "2026-02-20", 4_000),
    ];
    shop.import("first.csv", orders(&first)).await;
    // 5 stands on two days, the later upload's counts.
    shop.import("moved.csv", orders(&[(5, "2026-01-11", 100)]))
        .await;
    shop.import("moved2.csv", orders(&[(5, "2026-03-11", 100)]))
        .await;
    let later = [(1, "2026-01-10", 1_000), (6, "2026-01-12", 600)];
    let later = shop.send("later.csv", orders(&later)).await;
    let absent = async |id| {
        let preview = uploads::preview(&shop.backend, &shop.ctx, id).await;
        preview.unwrap().effect.absent
    };
    // 2 and 3; 4 and 5 are of other days.
    assert_eq!(absent(later.id).await, 2);
    let before = shop.figures().await;
    shop.start(later.id).await;
    let after = shop.figures().await;
    for day in before {
        let now = after.iter().find(|now| now.0 == day.0).unwrap();
        assert!(now.1 >= day.1, "{day:?}: {now:?}");
    }
    let none = shop
        .send("new.csv", orders(&[(7, "2026-06-01", 100)]))
        .await;
    assert_eq!(absent(none.id).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_is_looked_at_as_far_as_the_time_goes_and_says_so() {
    let shop = Shop::without_workers().await;
    let mut text = orders(&[]);
    for n in 0..310_000 {
        text.push_str(&format!("{n},2026-01-10,S1,Lamp,1,1.00,EUR,C1\n"));
    }
    let upload = shop.send("long.csv", text).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, upload.id)
        .await
        .unwrap();
    assert!(!preview.complete);
    assert!(
        preview.share > 0.0 && preview.share < 1.0,
        "{}",
        preview.share
    );
    assert!(preview.records < 310_000);
    assert_eq!(preview.effect.orders.added, preview.orders);
}
