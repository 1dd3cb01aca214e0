//! One country is one, however the files write it.

use crate::store::{Store, runtime};
use lake::{Source, engine::Key};
use metrics::{Dimension, Measure, Query};

#[test]
fn figures_by_country_add_up_its_names() {
    let head = "order,date,sku,qty,price,country\n";
    let files = [
        format!("{head}1,2026-03-01,A,1,1.00,UK\n2,2026-03-01,A,1,2.00,Atlantis\n"),
        format!("{head}3,2026-03-02,A,1,4.00,United Kingdom\n4,2026-03-03,A,1,8.00,GBR\n"),
    ];
    runtime().block_on(async {
        let mut store = Store::new();
        store.import(&files[0]).await;
        let at = store.import(&files[1]).await;
        let by_country = Query::new([]).by([Dimension::Country]);
        for source in [Source::Daily, Source::Orders, Source::Lines] {
            let seen = store.ask(at, source, &by_country, &[Measure::Gross]).await;
            let key = |name: &str| vec![Key::Text(name.to_owned())];
            let pounds = |n: i64| vec![n * 1_000_000];
            assert_eq!(
                seen,
                [
                    (key("Atlantis"), pounds(2)),
                    (key("United Kingdom"), pounds(13))
                ]
                .into()
            );
            let only = by_country
                .clone()
                .only(Dimension::Country, ["gb".to_owned()]);
            let seen = store.ask(at, source, &only, &[Measure::Gross]).await;
            assert_eq!(seen, [(key("United Kingdom"), pounds(13))].into());
        }
    });
}
