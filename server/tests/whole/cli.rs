//! The command line, by the binary itself.

use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

pub struct Shell {
    pub folder: TempDir,
}

impl Shell {
    pub fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smartretail360"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            err(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "nothing on standard output");
        text
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const HEAD: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

/// Two sales lines in December 2010, one in January 2011, one return.
pub fn online_retail() -> String {
    format!(
        "{HEAD}\
         536365,85123A,HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
         536365,71053,WHITE LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom\n\
         540001,22633,HAND WARMER,10,2011-01-04 10:00:00,1.85,12583,France\n\
         C540002,22633,HAND WARMER,-2,2011-01-05 11:00:00,1.85,12583,France\n"
    )
}

#[test]
fn help_of_every_verb() {
    let shell = Shell::new();
    let all = shell.ok(&["--help"]);
    for verb in [
        "all", "serve", "worker", "migrate", "import", "undo", "query", "table", "demo", "user",
        "key", "watch", "jobs",
    ] {
        assert!(all.contains(verb), "{all}");
        let help = shell.ok(&[verb, "--help"]);
        assert!(help.contains("Usage: smartretail360"), "{help}");
    }
    assert!(
        shell
            .ok(&["import", "--help"])
            .contains("3 a decision is needed")
    );
    assert!(
        !shell.folder.path().join("data").exists(),
        "asking for help makes nothing"
    );
}

#[test]
fn usage_errors_end_with_2() {
    let shell = Shell::new();
    shell.fails(2, &["brew"]);
    shell.fails(2, &["import", "--tenant", "a"]);
    shell.fails(2, &["query", "--tenant", "a", "--metrics", "karma"]);
    shell.fails(
        2,
        &[
            "query",
            "--tenant",
            "a",
            "--metrics",
            "new_customers",
            "--by",
            "product",
        ],
    );
    shell.fails(
        2,
        &[
            "query",
            "--tenant",
            "a",
            "--metrics",
            "orders",
            "--from",
            "2011-02-30",
        ],
    );
    let wrong = shell.fails(
        2,
        &[
            "query",
            "--tenant",
            "a",
            "--metrics",
            "orders",
            "--from",
            "2011-02-02",
            "--to",
            "2011-02-01",
        ],
    );
    assert!(
        wrong.contains("ends (2011-02-01) before it begins (2011-02-02)"),
        "{wrong}"
    );
    let output = shell
        .command(&["migrate"])
        .env("SR360_SERVER_ADDR", "nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "smartretail360: SR360_SERVER_ADDR: `nowhere` is not an address like 127.0.0.1:3000\n"
    );
}

#[test]
fn a_tenant_that_is_not_there() {
    let shell = Shell::new();
    shell.ok(&["migrate"]);
    let file = shell.file("orders.csv", online_retail());
    let text = shell.fails(2, &["import", &file, "--tenant", "nobody"]);
    assert!(text.contains("there is no tenant `nobody`"), "{text}");
    shell.fails(2, &["query", "--tenant", "nobody", "--metrics", "orders"]);
    shell.fails(
        2,
        &["import", "missing.csv", "--tenant", "shop", "--create"],
    );
    shell.fails(
        2,
        &[
            "import",
            &file,
            "missing.csv",
            "--tenant",
            "shop",
            "--create",
        ],
    );
    shell.fails(2, &["import", ".", "--tenant", "shop", "--create"]);
    let none = shell.fails(2, &["query", "--tenant", "shop", "--metrics", "orders"]);
    assert!(
        none.contains("there is no tenant `shop`"),
        "made for nothing: {none}"
    );
}

#[test]
fn import_and_query() {
    let shell = Shell::new();
    let file = shell.file("orders.csv", online_retail());
    let text = shell.ok(&[
        "import",
        &file,
        "--tenant",
        "shop",
        "--create",
        "--currency",
        "GBP",
        "--json",
    ]);
    assert_eq!(text.lines().count(), 1, "one object: {text}");
    let result: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&str> = result
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "upload_id",
            "rows",
            "accepted",
            "warnings",
            "rejected",
            "blank",
            "duplicates",
            "first_day",
            "last_day",
            "totals",
            "seconds"
        ]
    );
    assert_eq!(result["rows"], 4);
    assert_eq!(result["accepted"], 4);
    assert_eq!(result["first_day"], "2010-12-01");
    assert_eq!(result["last_day"], "2011-01-05");
    assert_eq!(result["totals"][0]["currency"], "GBP");
    // 6 x 2.55 + 6 x 3.39 + 10 x 1.85 = 54.14, less 3.70 given back.
    assert_eq!(result["totals"][0]["gross_sales"].to_string(), "54.14");
    assert_eq!(result["totals"][0]["net_sales"].to_string(), "50.44");
    assert_eq!(result["totals"][0]["orders"], 2);

    let ask = |more: &[&str]| {
        shell.ok(&[&["query", "--tenant", "shop", "--format", "csv"], more].concat())
    };
    assert_eq!(
        ask(&["--metrics", "gross_sales,net_sales,orders", "--by", "month"]),
        "month,gross_sales,net_sales,orders\n2010-12,35.64,35.64,1\n2011-01,18.5,14.8,1\n"
    );
    assert_eq!(
        ask(&[
            "--metrics",
            "units",
            "--by",
            "country",
            "--order",
            "units:desc",
            "--limit",
            "1"
        ]),
        "country,units\nUnited Kingdom,12\n"
    );
    assert_eq!(
        ask(&[
            "--metrics",
            "net_sales",
            "--filter",
            "country=France",
            "--from",
            "2011-01-05"
        ]),
        "net_sales\n-3.7\n"
    );
    assert_eq!(
        ask(&[
            "--metrics",
            "orders",
            "--by",
            "week",
            "--filter",
            "country=France",
            "--filter",
            "country=United Kingdom"
        ]),
        "week,orders\n2010-W48,1\n2011-W01,1\n"
    );
    let json: Value = serde_json::from_str(&shell.ok(&[
        "query",
        "--tenant",
        "shop",
        "--metrics",
        "gross_sales",
        "--by",
        "day",
        "--format",
        "json",
    ]))
    .unwrap();
    assert_eq!(json[0]["day"], "2010-12-01");
    assert_eq!(json[0]["gross_sales"].to_string(), "35.64");
    let table = shell.ok(&[
        "query",
        "--tenant",
        "shop",
        "--metrics",
        "orders",
        "--by",
        "country",
    ]);
    assert!(table.starts_with("country         orders\n"), "{table}");

    // The same file again changes nothing.
    let again: Value =
        serde_json::from_str(&shell.ok(&["import", &file, "--tenant", "shop", "--json"])).unwrap();
    assert_eq!(again["rows"], 4);
    assert_eq!(ask(&["--metrics", "gross_sales"]), "gross_sales\n54.14\n");
}

#[test]
fn an_import_is_taken_back() {
    let shell = Shell::new();
    let file = shell.file("orders.csv", online_retail());
    let gross = [
        "query",
        "--tenant",
        "shop",
        "--metrics",
        "gross_sales",
        "--by",
        "day",
        "--format",
        "csv",
    ];
    let import = ["import", &file, "--tenant", "shop", "--create", "--json"];
    let first: Value = serde_json::from_str(&shell.ok(&import)).unwrap();
    let before = shell.ok(&gross);
    let other = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
         540001,22633,HAND WARMER,99,2011-02-04 10:00:00,1.85,12583,France\n\
         540009,22633,HAND WARMER,1,2011-02-05 10:00:00,1.85,12583,France\n";
    let other = shell.file("later.csv", other);
    let later = shell.ok(&["import", &other, "--tenant", "shop", "--json"]);
    let later: Value = serde_json::from_str(&later).unwrap();
    assert_ne!(shell.ok(&gross), before);

    let id = later["upload_id"].as_str().unwrap();
    let told = shell.ok(&["undo", id, "--tenant", "shop"]);
    assert_eq!(told, format!("{id} (later.csv) is undone\n"));
    assert_eq!(shell.ok(&gross), before);
    // Again is no error, and the file may come back.
    shell.ok(&["undo", id, "--tenant", "shop"]);
    shell.ok(&[
        "undo",
        first["upload_id"].as_str().unwrap(),
        "--tenant",
        "shop",
    ]);
    assert_eq!(
        shell.ok(&gross).lines().count(),
        1,
        "only the header is left"
    );
    shell.ok(&import);
    assert_eq!(shell.ok(&gross), before);

    shell.fails(2, &["undo", id, "--tenant", "nobody"]);
    shell.fails(2, &["undo", "no id", "--tenant", "shop"]);
    let missing = "00000000-0000-7000-8000-000000000000";
    let wrong = shell.fails(2, &["undo", missing, "--tenant", "shop"]);
    assert!(wrong.contains("there is no such upload"), "{wrong}");
}

#[test]
fn figures_as_they_are_and_as_they_were() {
    let shell = Shell::new();
    let first = shell.file("first.csv", online_retail());
    shell.ok(&["import", &first, "--tenant", "shop", "--create"]);
    let ask = |more: &[&str]| {
        let query = [
            "query",
            "--tenant",
            "shop",
            "--format",
            "csv",
            "--metrics",
            "gross_sales,customers",
        ];
        shell.ok(&[&query, more].concat())
    };
    let before = ask(&[]);
    std::thread::sleep(std::time::Duration::from_millis(5));
    let between = time_now();
    let more = format!("{HEAD}540001,22633,HAND WARMER,9,2011-02-04 10:00:00,1.85,12583,France\n");
    let more = shell.file("more.csv", more);
    shell.ok(&["import", &more, "--tenant", "shop"]);
    let now = ask(&[]);
    assert_ne!(now, before);
    assert_eq!(ask(&["--version", "1"]), before);
    assert_eq!(ask(&["--version", "2"]), now);
    assert_eq!(ask(&["--as-of", &between]), before);
    assert_eq!(ask(&["--as-of", "2199-01-01"]), now);
    let query = ["query", "--tenant", "shop", "--metrics", "orders"];
    let none = shell.fails(2, &[&query[..], &["--version", "9"]].concat());
    assert!(none.contains("there is no version 9"), "{none}");
    let early = shell.fails(2, &[&query[..], &["--as-of", "2001-01-01"]].concat());
    assert!(early.contains("nothing was imported yet"), "{early}");
    shell.fails(
        2,
        &[&query[..], &["--as-of", "2001-01-01", "--version", "1"]].concat(),
    );
    shell.fails(2, &[&query[..], &["--as-of", "soon"]].concat());
}

/// By the clock that the binary has, too.
#[expect(clippy::disallowed_methods, reason = "another process is asked")]
fn time_now() -> String {
    let now = std::time::SystemTime::now();
    jiff::Timestamp::try_from(now).unwrap().to_string()
}

#[test]
fn tables_as_they_are_and_as_they_were() {
    let shell = Shell::new();
    let send = |name: &str, text: &str| {
        let file = shell.file(name, text);
        shell.ok(&["import", &file, "--tenant", "shop", "--create"]);
    };
    send("a.csv", "sku,product name,price,barcode\ns1,Lamp,10,=1+2\n");
    send(
        "b.csv",
        "sku,product name,price,barcode\ns1,Lamp,12.50,7\ns2,Mug,4,8\n",
    );
    let table =
        |more: &[&str]| shell.ok(&[&["table", "products", "--tenant", "shop"], more].concat());
    let now = table(&["--format", "json"]);
    let rows: Vec<Value> = now
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let of = |name: &str| {
        rows.iter()
            .map(|row| row[name].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (of("sku"), of("price")),
        (vec!["S1", "S2"], vec!["12.5", "4"])
    );
    assert_eq!(rows[0]["category"], Value::Null);
    let then = table(&["--format", "csv", "--version", "1"]);
    let lines: Vec<&str> = then.lines().collect();
    assert!(lines[0].starts_with("sku,product_name,category,brand,price,cost,currency,barcode"));
    assert!(lines[1].starts_with("S1,Lamp,,,10,,EUR,'=1+2"), "{then}");
    assert_eq!(lines.len(), 2);
    assert!(table(&["--limit", "1", "--offset", "1"]).contains("Mug"));
    let gone = shell.fails(
        2,
        &["table", "products", "--tenant", "shop", "--version", "9"],
    );
    assert!(gone.contains("there is no version 9"), "{gone}");
    shell.fails(2, &["table", "people", "--tenant", "shop"]);
}

#[test]
fn several_files_are_one_object() {
    let shell = Shell::new();
    // One order in two files.
    let first = shell.file(
        "a.csv",
        format!("{HEAD}1,85123A,A,1,2011-01-04 10:00:00,2,7,France\n"),
    );
    let second = shell.file(
        "b.csv",
        format!("{HEAD}1,71053,B,1,2011-01-04 10:00:00,3,7,France\n2,71053,B,1,2011-01-09 10:00:00,3,8,France\n"),
    );
    let text = shell.ok(&[
        "import",
        &first,
        &second,
        "--tenant",
        "shop",
        "--create",
        "--currency",
        "GBP",
        "--json",
    ]);
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["rows"], 3);
    assert_eq!(result["totals"][0]["gross_sales"].to_string(), "8");
    assert_eq!(result["totals"][0]["orders"], 2);
    let ids: Vec<&str> = result["upload_id"].as_str().unwrap().split(',').collect();
    assert_eq!(ids.len(), 2);
    // Each has its own lines of the order they share.
    let shares = shell.ok(&[
        "query",
        "--tenant",
        "shop",
        "--metrics",
        "gross_sales,orders",
        "--by",
        "upload",
        "--format",
        "json",
    ]);
    let shares: Value = serde_json::from_str(&shares).unwrap();
    let of = |id: &str| {
        let rows = shares.as_array().unwrap().iter();
        let row = rows.clone().find(|row| row["upload"] == id).unwrap();
        (row["gross_sales"].to_string(), row["orders"].to_string())
    };
    assert_eq!(of(ids[0]), ("2".to_owned(), "1".to_owned()));
    assert_eq!(of(ids[1]), ("6".to_owned(), "2".to_owned()));
}

#[test]
fn files_that_complete_each_other_are_one_upload() {
    let shell = Shell::new();
    let items = shell.file(
        "items.csv",
        "order_id,order_item_id,product_id,price,freight_value\no1,1,p1,10.00,1.00\no2,1,p1,10.50,1.00\n",
    );
    let orders = shell.file(
        "orders.csv",
        "order_id,customer_id,order_status,order_purchase_timestamp\n\
         o1,c1,delivered,2025-03-01 10:00:00\no2,c2,delivered,2025-03-02 11:30:00\n",
    );
    let mut arguments = vec!["import", &items, &orders, "--tenant", "shop", "--create"];
    let said = shell.ok(&arguments);
    assert!(said.contains("items.csv: 2 rows"), "{said}");
    arguments.push("--json");
    let result: Value = serde_json::from_str(&shell.ok(&arguments)).unwrap();
    assert_eq!(result["totals"][0]["orders"], 2);
    assert!(!result["upload_id"].as_str().unwrap().contains(','));
}

#[test]
fn a_figure_that_is_not_known_alone_is_a_row_of_csv() {
    let shell = Shell::new();
    let text = "Order,Date,Product,Quantity,Price,Currency\n\
         A1,2025-03-01,=1+1,1,-5.00,EUR\nA2,2025-03-02,Mug,2,5.00,EUR\n";
    let file = shell.file("orders.csv", text);
    shell.ok(&["import", &file, "--tenant", "shop", "--create"]);
    let csv = |more: &[&str]| {
        shell.ok(&[&["query", "--tenant", "shop", "--format", "csv"], more].concat())
    };
    assert_eq!(csv(&["--metrics", "customers"]), "customers\n\"\"\n");
    let by_product = csv(&["--metrics", "gross_sales", "--by", "product_name"]);
    assert!(by_product.contains("\n'=1+1,"), "{by_product}");
    assert!(
        !by_product.contains("'-"),
        "a figure stays one: {by_product}"
    );
}

#[test]
fn people_are_made_on_the_command_line() {
    let shell = Shell::new();
    let file = shell.file("orders.csv", online_retail());
    shell.ok(&["import", &file, "--tenant", "shop", "--create"]);
    let with_password = |arguments: &[&str], password: &str| {
        let stdin = shell.file("password", format!("{password}\n"));
        shell
            .command(arguments)
            .stdin(std::fs::File::open(stdin).unwrap())
            .output()
            .unwrap()
    };
    let create = [
        "user",
        "create",
        "--tenant",
        "shop",
        "--email",
        "Ada@Shop.example",
        "--name",
        "Ada",
    ];
    let weak = with_password(&create, "password");
    assert_eq!(weak.status.code(), Some(2), "{}", err(&weak));
    let strong = with_password(&create, "correct-horse-battery-staple-42");
    assert_eq!(strong.status.code(), Some(0), "{}", err(&strong));
    let list = shell.ok(&["user", "list", "--tenant", "shop"]);
    assert!(
        list.contains("ada@shop.example") && list.contains("tenant_admin"),
        "{list}"
    );
    let changed = with_password(
        &["user", "set-password", "--email", "ada@shop.example"],
        "another-horse-battery-staple-43",
    );
    assert_eq!(changed.status.code(), Some(0), "{}", err(&changed));
    let unknown = with_password(
        &["user", "set-password", "--email", "eve@shop.example"],
        "another-horse-battery-staple-43",
    );
    assert_eq!(unknown.status.code(), Some(2), "{}", err(&unknown));
}
