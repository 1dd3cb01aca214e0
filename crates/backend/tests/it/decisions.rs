//! Answers: the newer one counts, what makes no sense changes nothing, and what is remembered has to fit.

use crate::shop::{Shop, day, orders};
use backend::{
    ingest::{DataSet, Decisions, Inspection, NotImportable},
    lake::quality::{Check, Number, Rule, Severity},
    quality,
    storage::uploads::UploadState,
    uploads::{self, Upload, UploadError},
};
use types::Micros;

/// Two columns of dates that can be read in one way only.
const TWO_DATES: &str = "\
Order ID,Order Date,Shipped,SKU,Quantity,Unit Price,Currency
1,2026-01-10,2026-02-10,S1,1,10.00,EUR
2,2026-01-11,2026-02-11,S2,2,5.00,EUR
";

fn answers(pairs: &[(&str, &str)]) -> Decisions {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn field(upload: &Upload, column: usize) -> Option<&'static str> {
    let inspection = uploads::inspection(upload).unwrap().unwrap();
    inspection.columns[column].field.map(|f| f.id())
}

async fn decide(
    shop: &Shop,
    upload: &Upload,
    pairs: &[(&str, &str)],
) -> Result<Upload, UploadError> {
    uploads::decide(&shop.backend, &shop.ctx, upload.id, answers(pairs)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_answer_takes_the_field() {
    let shop = Shop::new().await;
    let sent = shop.send("a.csv", TWO_DATES).await;
    assert_eq!(
        (sent.state, field(&sent, 1)),
        (UploadState::Ready, Some("date"))
    );
    let shipped = decide(&shop, &sent, &[("map.2", "date")]).await.unwrap();
    assert_eq!(
        (field(&shipped, 1), field(&shipped, 2)),
        (None, Some("date"))
    );
    let ordered = decide(&shop, &sent, &[("map.1", "date")]).await.unwrap();
    assert_eq!(
        (field(&ordered, 1), field(&ordered, 2)),
        (Some("date"), None)
    );
    assert_eq!(ordered.state, UploadState::Ready);
    assert_eq!(
        uploads::decisions(&ordered).unwrap(),
        answers(&[("map.1", "date")])
    );
    shop.start(sent.id).await;
    let expected = [day("2026-01-10", 1_000, 1), day("2026-01-11", 1_000, 1)];
    assert_eq!(shop.figures().await, expected);
    // The answers about another data set go with it.
    let products = [("data_set", "products")];
    let sent = shop
        .send("b.csv", TWO_DATES.replace("10.00", "11.00"))
        .await;
    assert_eq!(
        uploads::decisions(&sent).unwrap(),
        answers(&[("map.1", "date")])
    );
    let switched = decide(&shop, &sent, &products).await.unwrap();
    assert_eq!(uploads::decisions(&switched).unwrap(), answers(&products));
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_changes_nothing() {
    let shop = Shop::without_workers().await;
    let sent = shop.send("a.csv", TWO_DATES).await;
    let sent = decide(&shop, &sent, &[("map.2", "date")]).await.unwrap();
    for (wrong, code) in [
        (
            &[("map.1", "date"), ("map.2", "date")][..],
            "column_mapped_twice",
        ),
        (&[("map.1", "no_such_field")], "bad_decision"),
        (&[("map.99", "date")], "bad_decision"),
    ] {
        let refused = decide(&shop, &sent, wrong).await.unwrap_err();
        let UploadError::Decision(refused) = refused else {
            panic!("{refused}");
        };
        assert_eq!(refused.code(), code);
        let now = shop.get(sent.id).await;
        assert_eq!(
            (now.state, &now.decisions, &now.plan_hash, &now.error),
            (UploadState::Ready, &sent.decisions, &sent.plan_hash, &None),
            "{wrong:?}"
        );
    }
    // Nor is it remembered.
    let next = shop
        .send("b.csv", TWO_DATES.replace("10.00", "11.00"))
        .await;
    assert_eq!(next.decisions, sent.decisions);
    // Who cannot be asked once more is told by the upload, which can be read again.
    let twice = answers(&[("map.1", "date"), ("map.2", "date")]);
    let failed = uploads::decide_for_good(&shop.backend, &shop.ctx, next.id, twice).await;
    let failed = failed.unwrap();
    assert_eq!(failed.state, UploadState::Failed);
    assert_eq!(failed.error.unwrap().code, "column_mapped_twice");
    let again = uploads::rerun(&shop.backend, &shop.ctx, next.id)
        .await
        .unwrap();
    assert_eq!(again.state, UploadState::Ready, "{:?}", again.error);
    let refused = decide(&shop, &again, &[("map.1", "date"), ("map.2", "date")]).await;
    assert!(matches!(
        refused,
        Err(UploadError::Decision(
            NotImportable::ColumnMappedTwice { .. }
        ))
    ));
}

/// Of two orders on these days.
fn dated(first: &str, second: &str, price: &str) -> String {
    format!(
        "Order ID,Order Date,SKU,Quantity,Unit Price,Currency\n1,{first},S1,1,{price},EUR\n2,{second},S2,1,{price},EUR\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_has_to_fit_and_can_be_forgotten() {
    let shop = Shop::new().await;
    let asked = shop
        .send("a.csv", dated("03/04/2026", "05/06/2026", "1.00"))
        .await;
    assert_eq!(asked.state, UploadState::Question);
    let ready = decide(&shop, &asked, &[("date_order", "mdy")])
        .await
        .unwrap();
    let seen = uploads::inspection(&ready).unwrap().unwrap();
    assert_eq!(
        (seen.answered[0].value.as_str(), seen.remembered.len()),
        ("mdy", 0)
    );
    assert_eq!(seen.answered[0].question.options.len(), 2);

    // The next one is read alike, and says so.
    let next = shop
        .send("b.csv", dated("03/04/2026", "05/06/2026", "2.00"))
        .await;
    assert_eq!(next.state, UploadState::Ready);
    let seen = uploads::inspection(&next).unwrap().unwrap();
    assert_eq!(seen.remembered, ["date_order"]);
    assert_eq!(seen.answered[0].value, "mdy");

    // One that says itself how it is written is not read against itself.
    let plain = shop
        .import("c.csv", dated("13/04/2026", "05/06/2026", "4.00"))
        .await;
    assert_eq!(plain.state, UploadState::Done);
    let expected = [day("2026-04-13", 400, 1), day("2026-06-05", 400, 1)];
    assert_eq!(shop.figures().await, expected);
    shop.undo(plain.id).await;

    // An answer for this file alone.
    let other = decide(&shop, &next, &[("date_order", "dmy")])
        .await
        .unwrap();
    let seen = uploads::inspection(&other).unwrap().unwrap();
    assert_eq!(seen.remembered, [""; 0]);
    assert_eq!(seen.answered[0].value, "dmy");

    let open = uploads::ask_again(&shop.backend, &shop.ctx, next.id)
        .await
        .unwrap();
    assert_eq!(open.state, UploadState::Question);
    let unknown = shop
        .send("d.csv", dated("03/04/2026", "05/06/2026", "3.00"))
        .await;
    assert_eq!(unknown.state, UploadState::Question);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_refused_records_can_be_mended() {
    let shop = Shop::new().await;
    let text = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                536365,85001,CUP,one,2011-02-03 10:00:00,1.00,12001,France\n";
    let sent = shop.import("a.csv", text).await;
    assert_eq!(sent.state, UploadState::Failed);
    assert_eq!(sent.error.as_ref().unwrap().code, "nothing_accepted");
    let result = uploads::result(&sent).unwrap().unwrap();
    assert_eq!((result.rows, result.accepted, result.rejected), (1, 0, 1));
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let refused = uploads::rejects(backend, ctx, sent.id, 0, 10)
        .await
        .unwrap();
    assert_eq!(refused.total, 1);
    let correction = backend::ingest::Correction {
        column: 3,
        record: None,
        from: "one".to_owned(),
        to: "1".to_owned(),
    };
    let ready = uploads::correct(backend, ctx, sent.id, &[correction])
        .await
        .unwrap();
    assert_eq!(ready.state, UploadState::Ready, "{:?}", ready.error);
    let done = shop.start(sent.id).await;
    assert_eq!(done.state, UploadState::Done);
    let left = uploads::rejects(backend, ctx, sent.id, 0, 10)
        .await
        .unwrap();
    assert_eq!(left.total, 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_stands_beside_what_counts() {
    let shop = Shop::new().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let rows = orders(&[(1, "2026-01-10", 1_000), (2, "2026-01-11", 2_000)]);
    let done = shop
        .import("a.csv", format!("{rows}3,soon,S1,Lamp,1,1.00,EUR,C0\n"))
        .await;
    assert_eq!(done.state, UploadState::Done, "{:?}", done.error);
    let before = (shop.figures().await, uploads::result(&done).unwrap());
    let dear = Rule {
        id: "nothing above 50".to_owned(),
        severity: Severity::Critical,
        check: Check::Range {
            column: Number::UnitPrice,
            min: None,
            max: Some(Micros(50_000_000)),
            max_share: 0.0,
        },
    };
    quality::add_rule(backend, ctx, DataSet::Orders, &dear)
        .await
        .unwrap();
    // Read again with a price that is refused, and a record that is not.
    let correction = |column, from: &str, to: &str| backend::ingest::Correction {
        column,
        record: None,
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let corrections = [
        correction(5, "20.00", "99.00"),
        correction(1, "soon", "2026-01-12"),
    ];
    let held = async || {
        uploads::correct(backend, ctx, done.id, &corrections)
            .await
            .unwrap();
        let held = shop.start(done.id).await;
        assert_eq!((held.state, held.live_run), (UploadState::Held, Some(1)));
        let shown = uploads::shown_result(&held).unwrap().unwrap();
        assert_eq!((shown.accepted, shown.rejected), (3, 0));
        let refused = uploads::rejects(backend, ctx, done.id, 0, 10)
            .await
            .unwrap();
        assert_eq!(refused.total, 0);
        assert_eq!(shop.figures().await, before.0);
    };
    held().await;
    let kept = uploads::abandon(backend, ctx, done.id).await.unwrap();
    assert_eq!((kept.state, kept.live_run), (UploadState::Done, Some(1)));
    assert_eq!(uploads::result(&kept).unwrap(), before.1);
    let refused = uploads::rejects(backend, ctx, done.id, 0, 10)
        .await
        .unwrap();
    assert_eq!(refused.total, 1);
    assert_eq!(shop.figures().await, before.0);
    let undone = shop.undo(done.id).await;
    assert_eq!(
        (undone.state, shop.figures().await),
        (UploadState::Undone, Vec::new())
    );
    uploads::redo(backend, ctx, done.id).await.unwrap();
    shop.settled(done.id).await;
    assert_eq!(shop.figures().await, before.0);

    held().await;
    uploads::publish_anyway(backend, ctx, done.id)
        .await
        .unwrap();
    let published = shop.settled(done.id).await;
    let result = uploads::result(&published).unwrap().unwrap();
    assert_eq!((result.accepted, result.rejected), (3, 0));
    assert_eq!(result.totals[0].gross_sales, Micros(110_000_000));
    let refused = uploads::rejects(backend, ctx, done.id, 0, 10)
        .await
        .unwrap();
    assert_eq!(refused.total, 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_mended_among_their_columns() {
    let shop = Shop::new().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let good: Vec<_> = (11..31).map(|n| (n, "2026-01-10", 100)).collect();
    let text = orders(&good)
        + "2,2026-01-11,S1,Lamp,one,1.00,EUR,C1\n\
           3,2026-01-12,S1,Lamp,one,1.00,EUR,C1\n\
           4,2026-01-13,S1,Lamp,two,1.00,EUR,C1\n";
    let done = shop.import("a.csv", text).await;
    assert_eq!(done.state, UploadState::Done, "{:?}", done.error);
    let table = async |offset| {
        let found = uploads::mendable(backend, ctx, done.id, offset, 2).await;
        found.unwrap().unwrap()
    };
    let first = table(0).await;
    assert_eq!(first.columns[4], ("Quantity".to_owned(), true));
    assert_eq!((first.rows.total, first.rows.items.len()), (3, 2));
    let row = &first.rows.items[0];
    assert_eq!(
        (row.record, row.line_no, row.text.as_deref()),
        (21, 22, None)
    );
    assert_eq!(
        (row.cells[0].raw.as_str(), row.cells[4].raw.as_str()),
        ("2", "one")
    );
    assert_eq!(row.faults[0].column.as_deref(), Some("Quantity"));
    assert_eq!(row.faults[0].code, "bad_number");
    assert_eq!(table(2).await.rows.items[0].cells[4].raw, "two");

    let edit = |record, column, to: &str, everywhere| uploads::Edit {
        record,
        column,
        to: to.to_owned(),
        everywhere,
    };
    // Cells that say what they said change nothing.
    let same = [edit(21, 0, "2", false), edit(21, 4, "one", true)];
    let untouched = uploads::mend(backend, ctx, done.id, &same).await.unwrap();
    assert_eq!(
        (untouched.state, untouched.decisions),
        (UploadState::Done, done.decisions)
    );
    let edits = [edit(21, 4, " 1 ", true), edit(23, 5, "2.00", false)];
    let ready = uploads::mend(backend, ctx, done.id, &edits).await.unwrap();
    assert_eq!(ready.state, UploadState::Ready, "{:?}", ready.error);
    assert_eq!(
        uploads::decisions(&ready).unwrap(),
        answers(&[("correct.4.*.one", "1"), ("correct.5.23.1.00", "2.00")])
    );
    shop.start(done.id).await;
    let left = table(0).await;
    assert_eq!(left.rows.total, 1);
    let row = &left.rows.items[0];
    assert_eq!(
        (row.cells[5].raw.as_str(), row.cells[5].read.as_str()),
        ("1.00", "2.00")
    );
    uploads::mend(backend, ctx, done.id, &[edit(23, 4, "2", false)])
        .await
        .unwrap();
    shop.start(done.id).await;
    assert_eq!(table(0).await.rows.total, 0);
    assert_eq!(shop.figures().await.len(), 4);
    assert_eq!(shop.figures().await[3], day("2026-01-13", 400, 1));
    shop.stop().await;
}

const UNNAMED: &str = "c1;c2;c3\n2024-03-04;2;4,50\n2024-03-05;1;3,25\n2024-03-06;3;12,00\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_nobody_knows_is_mapped_and_remembered() {
    let shop = Shop::new().await;
    let asked = shop.send("a.csv", UNNAMED).await;
    assert_eq!((asked.state, &asked.error), (UploadState::Question, &None));
    let by_hand = [
        ("map.0", "date"),
        ("map.1", "quantity"),
        ("map.2", "unit_price"),
    ];
    let ready = decide(&shop, &asked, &by_hand).await.unwrap();
    assert_eq!(ready.state, UploadState::Ready);
    shop.start(ready.id).await;
    let expected = [
        day("2024-03-04", 900, 1),
        day("2024-03-05", 325, 1),
        day("2024-03-06", 3_600, 1),
    ];
    assert_eq!(shop.figures().await, expected);
    let next = shop.send("b.csv", UNNAMED.replace("2024", "2025")).await;
    assert_eq!(next.state, UploadState::Ready);
    assert_eq!(uploads::decisions(&next).unwrap(), answers(&by_hand));
    // Said to be something else, it is asked what that needs.
    let products = [("data_set", "products")];
    let switched = decide(&shop, &next, &products).await.unwrap();
    assert_eq!(switched.state, UploadState::Question);
    assert_eq!(switched.data_set, DataSet::Products.id());
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_the_form_is_remembered_of_files_that_look_alike() {
    let shop = Shop::without_workers().await;
    for (key, value) in [("header", "no"), ("encoding", "windows-1251")] {
        let asked = shop.send("a.csv", TWO_DATES).await;
        let said = decide(&shop, &asked, &[(key, value)]).await.unwrap();
        let before = uploads::inspection(&asked).unwrap().unwrap();
        let after = uploads::inspection(&said).unwrap().unwrap();
        assert_eq!(before.fingerprint, after.fingerprint, "{key}");
        let next = shop
            .send("b.csv", TWO_DATES.replace("10.00", "12.00"))
            .await;
        assert_eq!(uploads::decisions(&next).unwrap(), answers(&[(key, value)]));
        let inspection = uploads::inspection(&next).unwrap().unwrap();
        assert_eq!(inspection.remembered, [key]);
        let names = |of: &Inspection| {
            of.columns
                .iter()
                .map(|c| c.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&inspection), names(&after));
        assert_eq!(inspection.encoding, after.encoding);
        uploads::ask_again(&shop.backend, &shop.ctx, next.id)
            .await
            .unwrap();
        let forgotten = shop
            .send("c.csv", TWO_DATES.replace("10.00", "13.00"))
            .await;
        assert!(uploads::decisions(&forgotten).unwrap().is_empty(), "{key}");
    }
}
