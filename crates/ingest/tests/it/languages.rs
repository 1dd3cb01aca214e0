//! Tables in languages and writings of many countries, about which nothing need be asked.

use crate::support::import;

#[test]
fn nothing_is_asked() {
    for (text, cents) in [
        (
            "Numero ordine;Data ordine;Articolo;Quantità;Prezzo unitario;Totale\n1;04/01/2026;Caffè;2;10,50;21,00\n2;25/01/2026;Tè;1;1.005,00;1.005,00\n",
            102_600,
        ),
        (
            "Pedido;Data;Produto;Quantidade;Preço unitário;Total\n1;04/01/2026;Café;2;R$ 10,50;R$ 21,00\n2;25/01/2026;Pão;1;R$ 1.005,00;R$ 1.005,00\n",
            102_600,
        ),
        (
            "Bestelnummer;Besteldatum;Product;Aantal;Prijs;Totaal\n1;04-01-2026;Kaas;2;€ 10,50;€ 21,00\n2;25-01-2026;Brood;1;€ 1.005,00;€ 1.005,00\n",
            102_600,
        ),
        (
            "Numer zamówienia;Data zamówienia;Produkt;Ilość;Cena;Wartość\n1;04.01.2026;Łyżka;2;100,50 zł;201,00 zł\n2;25.01.2026;Żaba;1;1 030,00 zł;1 030,00 zł\n",
            123_100,
        ),
        (
            "Номер заказа;Дата заказа;Товар;Количество;Цена;Сумма\n1;04.01.2026;Чашка;2;100,50;201,00\n2;25.01.2026;Кастрюля;1;1 030,00;1 030,00\n",
            123_100,
        ),
        (
            "訂單編號,訂單日期,商品名稱,數量,單價,小計\nA1,2026/1/4,杯子,2,NT$100,NT$200\nA2,2026/1/25,鍋,1,\"NT$1,030\",\"NT$1,030\"\n",
            123_000,
        ),
        (
            "注文番号,注文日,商品名,数量,単価,合計\n1,2026/01/04,カップ,2,1000,2000\n2,2026/01/25,鍋,1,\"12,000\",\"12,000\"\n",
            1_400_000,
        ),
        (
            "주문번호,주문일,상품명,수량,단가,금액\n1,2026-01-04,컵,2,\"1,000원\",\"2,000원\"\n2,2026-01-25,냄비,1,\"12,000원\",\"12,000원\"\n",
            1_400_000,
        ),
        (
            "Sipariş No;Tarih;Ürün;Adet;Fiyat;Tutar\n1;04.01.2026;Bardak;2;10,50 TL;21,00 TL\n2;25.01.2026;Tencere;1;1.030,00 TL;1.030,00 TL\n",
            105_100,
        ),
        (
            "Commande n°;Date;Désignation;Qté;P.U. HT;Montant HT;TVA;Montant TTC\n1;04/01/2026;Fromage;2;10,50;21,00;4,20;25,20\n2;25/01/2026;Vin;1;1 005,00;1 005,00;201,00;1 206,00\n",
            102_600,
        ),
    ] {
        let batch = import(text.as_bytes(), &[]);
        let gross: i64 = batch.lines.iter().map(|line| line.gross.0).sum();
        assert_eq!(gross / 10_000, cents, "{text}");
        let pieces: i64 = batch.lines.iter().map(|line| line.quantity.0).sum();
        assert_eq!(pieces, 3_000_000, "{text}");
        assert!(batch.rejects.is_empty());
    }
}

#[test]
fn years_of_two_digits() {
    for (dates, days) in [
        (["04/01/26", "25/01/26"], ["2026-01-04", "2026-01-25"]),
        (["26/01/04", "26/01/25"], ["2026-01-04", "2026-01-25"]),
    ] {
        let text = format!(
            "Order ID,Date,Amount\n1,{},20.00\n2,{},30.00\n",
            dates[0], dates[1]
        );
        let batch = import(text.as_bytes(), &[]);
        let found: Vec<String> = batch
            .lines
            .iter()
            .map(|line| line.day.to_string())
            .collect();
        assert_eq!(found, days);
    }
}

#[test]
fn amounts_without_tax_are_taken_of_two() {
    let text = "Order ID,Order Date,Shipping Cost (inc tax),Shipping Cost (ex tax),Product Name,Product Qty,Product Unit Price\n1,04/25/2026,5.50,5.00,Mug,2,10.00\n2,04/26/2026,5.50,5.00,Pot,1,30.00\n";
    let batch = import(text.as_bytes(), &[]);
    let shipping: i64 = batch.lines.iter().map(|line| line.shipping.0).sum();
    let gross: i64 = batch.lines.iter().map(|line| line.gross.0).sum();
    assert_eq!((gross, shipping), (50_000_000, 10_000_000));
}
