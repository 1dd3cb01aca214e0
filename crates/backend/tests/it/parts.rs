//! Several files in one upload: they come out as they went in, and join as if they had come in one archive.

use crate::shop::{Shop, day, orders};
use backend::{
    data_sets,
    ingest::{Correction, DataSet, Role},
    lake::Table,
    storage::uploads::UploadState,
    uploads::{self, Announced, Part, UploadError},
};
use futures::TryStreamExt;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::PathBuf,
};
use types::{Micros, UploadId};

fn tables() -> Vec<(&'static str, Vec<u8>)> {
    let orders = "order_id,customer_id,order_status,order_purchase_timestamp\n\
        o1,c1,delivered,2025-03-01 10:00:00\n\
        o2,c2,delivered,2025-03-02 11:30:00\n\
        o3,c1,canceled,2025-03-03 09:00:00\n";
    let items = "order_id,order_item_id,product_id,price,freight_value\n\
        o1,1,p1,10.00,1.00\n\
        o1,2,p2,20.00,2.00\n\
        o2,1,p1,10.50,1.00\n\
        o9,1,p1,10.50,1.00\n";
    let products = "product_id,product_category_name\np1,toys\np2,books\np3,never bought\n";
    let customers = "customer_id,customer_unique_id,customer_city\nc1,u1,Lima\nc2,u2,Quito\n";
    [
        ("orders.csv", orders),
        ("items.csv", items),
        ("products.csv", products),
        ("customers.csv", customers),
    ]
    .map(|(name, text)| (name, text.as_bytes().to_vec()))
    .to_vec()
}

async fn taken_home(shop: &Shop, id: UploadId, part: Option<usize>) -> (String, Vec<u8>) {
    let file = uploads::original_file(&shop.backend, &shop.ctx, id, part)
        .await
        .unwrap();
    let pieces: Vec<_> = file.bytes.try_collect().await.unwrap();
    let bytes = pieces.concat();
    assert_eq!(bytes.len() as u64, file.size, "as announced");
    (file.name, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_belong_together_are_one_upload() {
    let shop = Shop::new().await;
    let files = tables();
    let upload = shop.import_all(&files).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    assert_eq!(
        shop.figures().await,
        [day("2025-03-01", 3_000, 1), day("2025-03-02", 1_050, 1)]
    );
    let result = uploads::result(&upload).unwrap().unwrap();
    assert_eq!(
        result.accepted + result.rejected + result.blank,
        result.rows
    );
    let counts = |role| {
        let of = result.files.iter().find(|f| f.role == role).unwrap();
        (of.name.as_str(), of.records, of.unmatched, of.set_aside)
    };
    assert_eq!(counts(Role::Items), ("items.csv", 4, 1, 0));
    assert_eq!(counts(Role::Orders), ("orders.csv", 3, 1, 0));
    assert_eq!(counts(Role::Products), ("products.csv", 3, 1, 0));
    assert_eq!(counts(Role::Customers), ("customers.csv", 2, 0, 0));
    assert_eq!(
        upload.file_name,
        "orders.csv, items.csv, products.csv, customers.csv"
    );

    // Each comes out as it went in, and all of them as an archive that is read like them.
    for (at, (name, bytes)) in files.iter().enumerate() {
        let (called, got) = taken_home(&shop, upload.id, Some(at)).await;
        assert_eq!((called.as_str(), &got), (*name, bytes));
    }
    let missing = uploads::original_file(&shop.backend, &shop.ctx, upload.id, Some(4)).await;
    assert!(matches!(missing, Err(UploadError::NotFound)));
    let (name, archive) = taken_home(&shop, upload.id, None).await;
    assert!(name.ends_with(".zip"), "{name}");
    let other = Shop::new().await;
    let zipped = other.import(&name, archive).await;
    assert_eq!(zipped.state, UploadState::Done, "{:?}", zipped.error);
    assert_eq!(other.figures().await, shop.figures().await);
    let zipped = uploads::result(&zipped).unwrap().unwrap();
    assert_eq!(
        (zipped.rows, zipped.accepted, zipped.rejected),
        (result.rows, result.accepted, result.rejected)
    );

    // Under other names they change nothing; in other pieces they are other files.
    let renamed: Vec<(&str, Vec<u8>)> = ["a.csv", "b.csv", "c.csv", "d.csv"]
        .into_iter()
        .zip(files.into_iter().map(|(_, bytes)| bytes))
        .collect();
    let again = shop.send_all(&renamed).await;
    assert_eq!(
        (again.state, again.duplicate_of),
        (UploadState::Done, Some(upload.id))
    );
    shop.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_are_read_again_corrected_and_taken_back() {
    let shop = Shop::new().await;
    let mut files = tables();
    files[1].1 = String::from_utf8(files[1].1.clone())
        .unwrap()
        .replace("20.00", "twenty")
        .into_bytes();
    let upload = shop.send_all(&files).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, upload.id).await;
    let preview = preview.unwrap();
    assert!(preview.complete);
    assert_eq!(preview.gross[0].1.0, 20_500_000);
    let upload = shop.start(upload.id).await;
    assert_eq!(
        shop.figures().await,
        [day("2025-03-01", 1_000, 1), day("2025-03-02", 1_050, 1)]
    );
    let rejects = uploads::rejects(&shop.backend, &shop.ctx, upload.id, 0, 10)
        .await
        .unwrap();
    let price = rejects.items.iter().find(|r| r.raw.contains("twenty"));
    assert_eq!(price.unwrap().file.as_deref(), Some("items.csv"));
    let inspection = uploads::inspection(&upload).unwrap().unwrap();
    let column = inspection.columns.iter().find(|c| c.name == "price");
    let correction = Correction {
        column: column.unwrap().index,
        record: None,
        from: "twenty".to_owned(),
        to: "20.00".to_owned(),
    };
    let corrected = uploads::correct(&shop.backend, &shop.ctx, upload.id, &[correction])
        .await
        .unwrap();
    assert_eq!(corrected.state, UploadState::Ready, "{:?}", corrected.error);
    shop.start(upload.id).await;
    assert_eq!(shop.figures().await[0], day("2025-03-01", 3_000, 1));
    uploads::rerun(&shop.backend, &shop.ctx, upload.id)
        .await
        .unwrap();
    shop.start(upload.id).await;
    assert_eq!(shop.figures().await[0], day("2025-03-01", 3_000, 1));
    shop.undo(upload.id).await;
    assert_eq!(shop.figures().await, []);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_has_files_and_not_too_many() {
    let shop = Shop::without_workers().await;
    let begin = async |parts: usize, size: u64| {
        let part = |n| Part {
            name: format!("{n}.csv"),
            size,
        };
        let announced = Announced {
            parts: (0..parts).map(part).collect(),
            parent: None,
        };
        uploads::begin(&shop.backend, &shop.ctx, &announced).await
    };
    assert!(matches!(begin(0, 1).await, Err(UploadError::Parts { .. })));
    assert!(matches!(
        begin(201, 1).await,
        Err(UploadError::Parts { .. })
    ));
    // Together they are too large.
    assert!(matches!(
        begin(2, 30_000_000).await,
        Err(UploadError::TooLarge { .. })
    ));
    let two = begin(2, 10).await.unwrap();
    assert_eq!((two.size, two.parts.len()), (20, 2));
    let one = begin(1, 10).await.unwrap();
    assert_eq!((one.size, one.parts.len()), (10, 0));
    let orphan = Announced {
        parent: Some(shop.ctx.new_upload_id()),
        ..Announced::file("a.csv", 1)
    };
    let orphan = uploads::begin(&shop.backend, &shop.ctx, &orphan).await;
    assert!(matches!(orphan, Err(UploadError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_grouped_by_what_they_complete() {
    let shop = Shop::without_workers().await;
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut paths: Vec<PathBuf> = tables()
        .iter()
        .map(|(name, bytes)| save(name, bytes))
        .collect();
    let groups = async |paths: &[PathBuf]| {
        backend::command_line::groups(&shop.backend, &shop.ctx, paths)
            .await
            .unwrap()
    };
    assert_eq!(groups(&paths).await, [paths.clone()]);
    // A file of orders of its own stays one.
    let own = save("till.csv", orders(&[(1, "2025-03-01", 100)]).as_bytes());
    paths.insert(1, own.clone());
    let mut joined = paths.clone();
    joined.remove(1);
    assert_eq!(groups(&paths).await, [joined.clone(), vec![own.clone()]]);
    // In whatever order they are named.
    paths.rotate_left(1);
    joined = paths.clone();
    joined.retain(|path| *path != own);
    assert_eq!(groups(&paths).await, [vec![own], joined]);
    // The same table of two months.
    let months = [
        save("a.csv", orders(&[(1, "2025-03-01", 100)]).as_bytes()),
        save("b.csv", orders(&[(2, "2025-04-01", 100)]).as_bytes()),
    ];
    let [a, b] = months.clone();
    assert_eq!(groups(&months).await, [vec![a], vec![b]]);
}

/// Records of a CSV file without line breaks in its fields, each with its fields by the names of the header.
fn records(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes)
            .read_to_string(&mut text)
            .unwrap();
    } else {
        text = String::from_utf8_lossy(bytes).into_owned();
    }
    let fields = |line: &str| {
        let (mut fields, mut quoted) = (vec![String::new()], false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                other => fields.last_mut().unwrap().push(other),
            }
        }
        fields
    };
    let mut lines = text.lines();
    let header = fields(lines.next().unwrap().trim_start_matches('\u{feff}'));
    lines
        .map(|line| header.iter().cloned().zip(fields(line)).collect())
        .collect()
}

/// A file of AdventureWorks; nothing where the public data is not there.
fn adventure_works(name: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("SR360_SHARED_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join("adventureworks").join(name);
    let found = std::fs::read(&path).ok();
    if found.is_none() {
        println!("skipped: {} is not there", path.display());
    }
    found
}

const SALES: [&str; 3] = [
    "AdventureWorks_Sales_2017.csv",
    "AdventureWorks_Sales_2018.csv.gz",
    "AdventureWorks_Sales_2019.csv.gz",
];
const CLEAN: &str = "AdventureWorks_Products.csv";
/// The same products in another order, with sizes missing, and some costs and colours changed.
const UNCLEAN: &str = "AdventureWorks_Products_unclean.csv";

/// Sales of three years, products and customers, as files of their own: figures against an independent computation.
#[tokio::test(flavor = "multi_thread")]
async fn adventure_works_as_separate_files() {
    for products in [CLEAN, UNCLEAN] {
        let mut files = Vec::new();
        let customers = "AdventureWorks_Customers.csv.gz";
        for name in SALES.into_iter().chain([products, customers]) {
            let Some(bytes) = adventure_works(name) else {
                return;
            };
            files.push((name, bytes));
        }
        let prices: BTreeMap<String, Micros> = records(&files[SALES.len()].1)
            .into_iter()
            .map(|row| {
                (
                    row["ProductKey"].clone(),
                    row["ProductPrice"].parse().unwrap(),
                )
            })
            .collect();
        let (mut gross, mut lines, mut numbers) = (0, 0, BTreeSet::new());
        for (_, bytes) in &files[..SALES.len()] {
            for row in records(bytes) {
                let pieces: i64 = row["OrderQuantity"].parse().unwrap();
                gross += pieces * prices[&row["ProductKey"]].0;
                lines += 1;
                numbers.insert(row["OrderNumber"].clone());
            }
        }
        let shop = Shop::new().await;
        let upload = shop.import_all(&files).await;
        assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
        let result = uploads::result(&upload).unwrap().unwrap();
        assert_eq!((result.accepted, result.rejected), (lines, 0), "{products}");
        assert_eq!(result.totals.len(), 1);
        assert_eq!(result.totals[0].gross_sales.0, gross, "{products}");
        assert_eq!(
            result.totals[0].orders,
            i64::try_from(numbers.len()).unwrap()
        );
        let items: u64 = result
            .files
            .iter()
            .filter(|f| f.role == Role::Items)
            .map(|f| f.records)
            .sum();
        assert_eq!(items, lines);
        shop.stop().await;
    }
}

/// The list of products alone: the unclean one's costs take the place of the clean one's, and nothing is doubled.
#[tokio::test(flavor = "multi_thread")]
async fn unclean_products_take_the_place_of_the_clean_ones() {
    let (Some(clean), Some(unclean)) = (adventure_works(CLEAN), adventure_works(UNCLEAN)) else {
        return;
    };
    let amount = |text: &str| text.parse::<Micros>().unwrap();
    let meant = |bytes: &[u8]| {
        let mut rows: Vec<_> = records(bytes)
            .iter()
            .map(|row| {
                let (price, cost) = (amount(&row["ProductPrice"]), amount(&row["ProductCost"]));
                (row["ProductName"].clone(), price, cost)
            })
            .collect();
        rows.sort();
        rows
    };
    let shop = Shop::new().await;
    let kept = async || {
        let table = Table::Of(DataSet::Products);
        let read = data_sets::rows(&shop.backend, &shop.ctx, table, None, 0, 10_000).await;
        let rows = read.unwrap().rows;
        let at = |name: &str| rows.columns.iter().position(|c| c.name == name).unwrap();
        let (name, price, cost) = (at("product_name"), at("price"), at("cost"));
        let mut found: Vec<_> = rows
            .page
            .items
            .iter()
            .map(|row| {
                let text = |at: usize| {
                    let value = row.0[at].as_ref().unwrap();
                    data_sets::text(rows.columns[at].kind, value)
                };
                (text(name), amount(&text(price)), amount(&text(cost)))
            })
            .collect();
        found.sort();
        found
    };
    for bytes in [&clean, &unclean] {
        let upload = shop.import("products.csv", bytes.clone()).await;
        assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
        assert_eq!(kept().await, meant(bytes));
    }
    assert_ne!(meant(&clean), meant(&unclean));
    shop.stop().await;
}
