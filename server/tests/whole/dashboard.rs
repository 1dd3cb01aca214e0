//! The dashboard's figures as its page asks for them: compared, unfinished, unknown, and with a part that fails.

use crate::house::House;
use backend::{command_line::import_files, ingest::Decisions};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Two orders in two days, and one in the two days before. Nobody is named.
const ORDERS: &str = "Order,Date,Product,Category,Quantity,Price,Currency\n\
    A1,2025-03-01,Mug,Kitchen,1,5.00,EUR\n\
    A2,2025-03-03,Mug,Kitchen,2,5.00,EUR\n\
    A3,2025-03-04,Lamp,Light,1,20.00,EUR\n";

struct Shop {
    house: House,
    cookies: String,
}

impl Shop {
    async fn new(orders: &str) -> Self {
        let house = House::new().await;
        let cookies = house.sign_up("shop").await;
        let backend = house.backend();
        let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
        let ctx = backend.system_ctx(tenant.id, "test");
        let file = house.web.config.data_dir.join("orders.csv");
        fs::write(&file, orders).unwrap();
        import_files(backend, &ctx, &[file], &Decisions::new(), |_| ())
            .await
            .unwrap();
        Self { house, cookies }
    }

    async fn figures(&self, period: &str, comparison: &str) -> Value {
        let scope = json!({
            "period": period,
            "comparison": comparison,
            "currency": null,
            "by": null,
        });
        let body = json!({ "scope": scope, "language": "en" }).to_string();
        let path = "/api/dashboard/figures";
        let answer = self.house.call(path, &self.cookies, &body).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }
}

fn card<'a>(figures: &'a Value, metric: &str) -> &'a Value {
    let cards = figures["cards"]["Ok"].as_array().unwrap();
    cards.iter().find(|card| card["metric"] == metric).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_stand_beside_those_they_are_compared_with() {
    let shop = Shop::new(ORDERS).await;
    let figures = shop.figures("2025-03-03..2025-03-04", "Previous").await;
    assert_eq!(figures["comparison"]["from"], "2025-03-01");
    let net = card(&figures, "net_sales");
    let micros = |euros: i64| json!({ "micros": euros * 1_000_000 });
    assert_eq!((&net["value"], &net["before"]), (&micros(30), &micros(5)));
    let trend = &figures["trend"]["Ok"];
    assert_eq!(
        trend["headings"],
        json!(["Day", "Net sales", "Comparison", "Orders"])
    );
    assert_eq!(
        trend["rows"],
        json!([
            ["3 Mar 2025", "€10.00", "€5.00", "1"],
            ["4 Mar 2025", "€20.00", "€0.00", "1"]
        ])
    );
    let svg = trend["svg"].as_str().unwrap();
    assert!(
        svg.contains("chart-dashed"),
        "the comparison is drawn: {svg}"
    );
    let alone = shop.figures("2025-03-03..2025-03-04", "None").await;
    assert_eq!(card(&alone, "net_sales")["before"], Value::Null);
    let svg = alone["trend"]["Ok"]["svg"].as_str().unwrap();
    assert!(!svg.contains("chart-dashed"));
}

/// However the file writes it.
#[tokio::test(flavor = "multi_thread")]
async fn countries_are_called_by_their_names_in_the_readers_language() {
    let orders = "Order,Date,Product,Quantity,Price,Currency,Country\n\
        A1,2025-03-01,Mug,4,5.00,EUR,DE\n\
        A2,2025-03-01,Mug,2,5.00,EUR,Deutschland\n\
        A3,2025-03-01,Mug,2,5.00,EUR,Reino Unido\n\
        A4,2025-03-01,Mug,1,5.00,EUR,Atlantis\n";
    let shop = Shop::new(orders).await;
    for (language, germany, kingdom) in [
        ("en", "Germany", "United Kingdom"),
        ("zh", "德国", "英国"),
        ("es", "Alemania", "Reino Unido"),
        ("ar", "ألمانيا", "المملكة المتحدة"),
    ] {
        let scope =
            json!({ "period": "all", "comparison": "None", "currency": null, "by": "country" });
        let body = json!({ "scope": scope, "language": language }).to_string();
        let path = "/api/dashboard/figures";
        let answer = shop.house.call(path, &shop.cookies, &body).await;
        let figures: Value = serde_json::from_slice(&answer.body).unwrap();
        let rows = figures["breakdown"]["Ok"]["rows"].as_array().unwrap();
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
        assert_eq!(names, [germany, kingdom, "Atlantis"], "{language}");
        let svg = figures["breakdown"]["Ok"]["svg"].as_str().unwrap();
        assert!(svg.contains(germany), "{language}: {svg}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_files_do_not_say_is_said_to_be_absent() {
    let shop = Shop::new(ORDERS).await;
    let figures = shop.figures("all", "None").await;
    let customers = card(&figures, "customers");
    assert_eq!(customers["value"], "unknown");
    assert_eq!(customers["is_not_in_source"], true);
    assert_eq!(card(&figures, "net_sales")["is_not_in_source"], false);
    // Four days, of which one has no orders: no bar of zero customers is drawn.
    let panel = &figures["customers"]["Ok"];
    assert_eq!(panel["rows"].as_array().unwrap().len(), 4);
    assert_eq!(panel["lacks_column"], true);
    // Nobody bought: that is nothing to be absent.
    let none = shop.figures("2025-03-02..2025-03-02", "None").await;
    assert_eq!(card(&none, "customers")["is_not_in_source"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_month_is_unfinished_and_mistyped_years_end_near_the_data() {
    let orders = format!("{ORDERS}A4,2023-11-14,Lamp,Light,1,20.00,EUR\n");
    let shop = Shop::new(&orders).await;
    let figures = shop.figures("all", "None").await;
    assert_eq!(figures["unfinished"], "month");
    let svg = figures["trend"]["Ok"]["svg"].as_str().unwrap();
    assert!(svg.contains("chart-incomplete"), "{svg}");
    let few = shop.figures("2025-03-03..2025-03-04", "None").await;
    assert_eq!(few["unfinished"], Value::Null);
    let absurd = shop.figures("0001-01-01..9999-12-31", "Previous").await;
    assert_eq!(absurd["period"]["from"], "2022-11-13");
    assert_eq!(absurd["period"]["to"], "2026-03-05");
    let rows = absurd["trend"]["Ok"]["rows"].as_array().unwrap();
    assert!(rows.len() < 60, "{} months", rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_panel_leaves_the_others_alone() {
    let shop = Shop::new(ORDERS).await;
    // The table that figures by product are read from.
    let table = find(&shop.house.web.config.data_dir.join("lake"), "products");
    let away = table.with_extension("away");
    fs::rename(&table, &away).unwrap();
    fs::create_dir(&table).unwrap();
    copy_log(&away, &table);

    let figures = shop.figures("all", "Previous").await;
    let failed = &figures["products"]["Err"];
    assert_eq!(failed["code"], "internal", "{figures}");
    assert!(failed["id"].as_str().is_some_and(|id| id.len() == 12));
    assert!(
        !failed.to_string().contains("parquet"),
        "nothing of the inside"
    );
    assert!(figures["trend"]["Ok"]["svg"].is_string());
    assert!(figures["cards"]["Ok"].is_array());
    // The page has it all: the figures, and in one place the error's id and a way to try again.
    let page = shop.house.get("/?period=all", &shop.cookies).await.text();
    assert!(page.contains("panel-products") && page.contains("Error id"));
    assert!(page.contains("data-value=\"35\""));

    // It comes back by itself: what failed was not kept.
    fs::remove_dir_all(&table).unwrap();
    fs::rename(&away, &table).unwrap();
    let figures = shop.figures("all", "Previous").await;
    assert!(figures["products"]["Ok"].is_object(), "{figures}");
}

/// The folder `gold/<name>` of the only tenant.
fn find(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if folder.ends_with(Path::new("gold").join(name)) {
            return folder;
        }
        let inside = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path());
        folders.extend(inside.filter(|path| path.is_dir()));
    }
    panic!("no table `{name}` in {}", folder.display());
}

/// What the table says of itself, without what it holds.
fn copy_log(from: &Path, to: &Path) {
    let log = to.join("_delta_log");
    fs::create_dir(&log).unwrap();
    for entry in fs::read_dir(from.join("_delta_log")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), log.join(entry.file_name())).unwrap();
        }
    }
}
