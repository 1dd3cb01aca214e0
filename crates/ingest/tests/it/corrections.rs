//! Corrected values are read in the place of what stands in the file, and nothing else changes.

use crate::support::import;

const FILE: &str = "order id,date,item,qty,price\n\
    1,2024-03-04,Mug,1,4.50\n\
    2,yesterday,Mug,2,4.50\n\
    3,yesterday,Mug,4,4.50\n\
    4,2024-03-05,Mug,,4.50\n\
    5,2024-03-06,Mug,one,4.50\n";

fn orders(decisions: &[(&str, &str)]) -> (Vec<(String, String, i64)>, Vec<u64>) {
    let batch = import(FILE.as_bytes(), decisions);
    let orders = batch.lines.iter().map(|line| {
        (
            line.order_id.to_string(),
            line.day.to_string(),
            line.quantity.0 / 1_000_000,
        )
    });
    (
        orders.collect(),
        batch.rejects.iter().map(|reject| reject.record).collect(),
    )
}

#[test]
fn everywhere_or_in_one_record() {
    let (orders_before, rejects) = orders(&[]);
    assert_eq!(orders_before.len(), 1);
    assert_eq!(rejects, [2, 3, 4, 5]);

    let (corrected, rejects) = orders(&[
        ("correct.1.*.yesterday", "2024-03-03"),
        // Of this record before what is said of all.
        ("correct.1.3.yesterday", "2024-03-02"),
        ("correct.3.4.", "8"),
        // The record says something else.
        ("correct.3.5.two", "2"),
    ]);
    let order = |id: &str, day: &str, quantity| (id.to_owned(), day.to_owned(), quantity);
    assert_eq!(
        corrected,
        [
            order("1", "2024-03-04", 1),
            order("2", "2024-03-03", 2),
            order("3", "2024-03-02", 4),
            order("4", "2024-03-05", 8),
        ]
    );
    assert_eq!(rejects, [5]);
}
