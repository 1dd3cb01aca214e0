//! Writes the sample store's files: `cargo run -p samples --example write -- FOLDER LAST_DAY`.

use samples::{Store, layouts};
use std::{env, error::Error, fs::File, path::PathBuf};
use types::Day;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let end: Day = arguments.next().ok_or("which last day?")?.parse()?;
    let sales = Store::demo(end).sales();
    let file = |name: &str| File::create(folder.join(name));
    println!("full: {:#?}", layouts::full(&sales, file("full.csv")?)?);
    println!(
        "shopify: {:#?}",
        layouts::shopify(&sales, file("shopify.csv")?)?
    );
    println!("uci: {:#?}", layouts::uci(&sales, file("uci.csv")?)?);
    println!(
        "woocommerce: {:#?}",
        layouts::woocommerce(&sales, file("woocommerce.csv")?)?
    );
    println!(
        "amazon: {:#?}",
        layouts::amazon(&sales, file("amazon.tsv")?)?
    );
    println!(
        "sheet: {:#?}",
        layouts::sheet(&sales, layouts::Sheet::GERMAN, file("german.csv")?)?
    );
    println!("visits: {}", sales.sessions_csv(90, file("sessions.csv")?)?);
    Ok(())
}
