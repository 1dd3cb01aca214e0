//! What a column can mean, and the names people give such columns.

use serde::{Deserialize, Serialize};

/// The shape a field's values have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Date,
    Time,
    Number,
    /// A number, or so many per cent.
    Portion,
    Code,
    Email,
}

impl Shape {
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Portion)
    }
}

macro_rules! fields {
    ($($variant:ident $id:literal $name:literal $shape:ident [$($synonym:literal)*])*) => {
        /// A column's meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($variant),* }

        impl Field {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As written in decisions: `map.3=unit_price`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// In plain English.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub(crate) fn shape(self) -> Shape {
                match self { $(Self::$variant => Shape::$shape),* }
            }

            /// Normalised names that mean this field and nothing else, the likeliest first.
            pub(crate) fn synonyms(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($synonym),*]),* }
            }
        }
    };
}

fields! {
    OrderId "order_id" "the order number" Text [
        "order id" "order number" "order no" "invoice no" "invoice number" "invoice id" "invoice" "order" "order key" "ordernr"
        "receipt number" "receipt no" "receipt id" "basket id" "transaction id" "transaction no" "transaction number" "sale id" "sales id" "sales order number" "document number" "doc no" "bill no" "ticket"
        "commande no" "commande n" "numero de commande" "no de commande" "n de commande" "commande" "facture"
        "bestellnummer" "bestellung" "auftragsnummer" "auftrag" "rechnungsnummer" "belegnummer"
        "numero de pedido" "no de pedido" "id pedido" "id de pedido" "pedido" "factura" "numero de factura"
        "订单号" "订单编号" "订单" "单号" "發票號碼" "订单id" "رقم الطلب" "الطلب" "رقم الفاتورة" "الفاتورة" "رقم الطلبية"
        "order num" "order reference" "order ref" "numero ordine" "n ordine" "id ordine" "ordine" "numero do pedido" "n pedido" "codigo do pedido" "bestelnummer" "bestelling" "ordernummer" "numer zamowienia" "zamowienie" "номер заказа" "заказ" "注文番号" "訂單編號" "訂單號碼" "訂單號" "訂單" "주문번호" "siparis no" "ordrenummer" "bestallningsnummer" "rechnungsnr" "rechnung" "auftragsnr" "numero facture" "n facture" "reference de commande"]
    Date "date" "the order date" Date [
        "order date" "date" "invoice date" "sale date" "sales date" "transaction date" "purchase date" "created at" "order created at" "date created" "order datetime" "order timestamp" "transaction timestamp" "purchase timestamp" "order purchase timestamp" "datetime" "date time" "timestamp" "ordered at" "order time" "sold at" "day" "posting date" "date purchased" "paid at" "event date"
        "date de commande" "date commande" "date de facture" "date de vente" "bestelldatum" "datum" "auftragsdatum" "rechnungsdatum" "kaufdatum" "verkaufsdatum" "belegdatum"
        "fecha" "fecha de pedido" "fecha pedido" "fecha del pedido" "fecha de compra" "fecha de venta" "fecha factura"
        "日期" "订单日期" "下单时间" "下单日期" "订单时间" "销售日期" "时间" "付款时间" "تاريخ" "التاريخ" "تاريخ الطلب" "تاريخ الفاتورة" "تاريخ البيع"
        "date added" "date add" "created" "created utc" "created date" "created date utc" "created at utc" "order created" "order placed" "placed at" "placed on" "processed at" "date of order" "date of sale" "paid date" "paid on date" "data" "data ordine" "data dell ordine" "data do pedido" "data pedido" "data da venda" "besteldatum" "orderdatum" "datum uhrzeit" "bestellzeit" "bestellt am" "data zamowienia" "дата" "дата заказа" "注文日" "注文日時" "訂單日期" "訂單時間" "下單時間" "下單日期" "주문일" "주문일시" "날짜" "siparis tarihi" "tarih" "ordredato"]
    Time "time" "the time of day" Time ["time" "order hour" "time of day" "sale time" "heure" "uhrzeit" "hora" "الوقت" "وقت"]
    Status "status" "the order status" Text [
        "status" "order status" "financial status" "state of order" "order state" "statut" "etat" "etat de la commande" "bestellstatus" "auftragsstatus" "estado" "estado del pedido" "状态" "订单状态" "الحالة" "حالة الطلب"
        "stato" "stato ordine" "situacao" "status zamowienia" "статус" "статус заказа" "訂單狀態" "주문상태" "osname" "payment status" "zahlungsstatus"]
    ItemStatus "item_status" "the status of the line" Text ["item status"]
    CancelledAt "cancelled_at" "the date of cancellation" Text ["cancelled at" "canceled at" "cancelled on" "cancellation date"]
    Sku "sku" "the product code (SKU)" Text [
        "sku" "stock code" "product id" "product code" "item code" "item id" "product key" "product sku" "article number" "article no" "item no" "item number" "variant sku" "asin" "barcode" "ean" "upc" "gtin" "style" "plu"
        "reference" "ref" "code produit" "code article" "artikelnummer" "artikelnr" "art nr" "produktnummer" "codigo" "codigo de producto" "referencia" "codigo producto" "id producto"
        "商品编码" "商品编号" "商品代码" "货号" "产品编号" "商品id" "رمز المنتج" "كود المنتج" "رقم المنتج"
        "codice articolo" "codice prodotto" "codigo do produto" "artikelcode" "kod produktu" "артикул" "商品コード" "商品番号" "商品編號" "상품코드" "sku code" "custom sku" "listing id" "product reference"]
    Asin "asin" "the second product code" Text []
    ProductName "product_name" "the product name" Text [
        "product name" "product" "description" "item name" "item" "product title" "title" "item description" "product description" "article" "goods" "name of product" "line item" "lineitem name" "variant title"
        "produit" "nom du produit" "libelle" "designation" "produkt" "produktname" "artikel" "artikelname" "bezeichnung" "artikelbezeichnung" "producto" "nombre del producto" "nombre producto" "descripcion" "articulo"
        "商品" "商品名称" "产品" "产品名称" "品名" "المنتج" "اسم المنتج" "الوصف" "الصنف"
        "item title" "listing title" "lineitem title" "prodotto" "nome prodotto" "articolo" "descrizione" "produto" "nome do produto" "descricao" "productnaam" "omschrijving" "nazwa produktu" "nazwa" "товар" "наименование" "наименование товара" "название" "商品名" "商品名稱" "產品名稱" "상품명" "urun" "varenavn" "produktnamn"]
    Category "category" "the product category" Text [
        "category" "product category" "product type" "department" "product category name" "item category" "category name" "product line" "categorie" "kategorie" "warengruppe" "categoria" "类别" "分类" "商品类别" "品类" "الفئة" "التصنيف"
        "categoria prodotto" "категория" "カテゴリ" "類別" "카테고리" "kategoria"]
    Quantity "quantity" "the quantity" Number [
        "quantity" "qty" "order quantity" "units" "units sold" "quantity sold" "quantity purchased" "items sold" "pieces" "pcs" "number of items" "item quantity" "order qty" "quantity ordered" "qty ordered" "number of cds" "count" "volume" "sales quantity"
        "quantite" "qte" "menge" "anzahl" "stuckzahl" "stuck" "cantidad" "unidades" "cant"
        "数量" "件数" "销量" "销售数量" "الكمية" "كمية" "العدد"
        "product qty" "product quantity" "lineitem quantity" "qty sold" "units ordered" "net items sold" "quantity refund" "no of items" "item count" "items" "quantita" "quantidade" "qtd" "qtde" "aantal" "ilosc" "количество" "кол во" "個数" "數量" "수량" "adet" "miktar" "antal"]
    UnitPrice "unit_price" "the unit price" Number [
        "unit price" "price" "price per unit" "item price" "price each" "unit cost price" "selling price" "sale price" "product price" "sales price" "list price" "price unit"
        "prix unitaire" "prix" "stuckpreis" "einzelpreis" "preis" "verkaufspreis" "precio" "precio unitario"
        "单价" "价格" "售价" "销售单价" "السعر" "سعر الوحدة" "سعر"
        "product unit price" "lineitem price" "unit price ex tax" "unit retail" "sold for" "item cost" "p u" "pu" "prix unitaire ht" "prix ht" "prezzo" "prezzo unitario" "preco" "preco unitario" "valor unitario" "prijs" "stukprijs" "cena" "cena jednostkowa" "цена" "цена за единицу" "単価" "価格" "單價" "售價" "價格" "단가" "가격" "birim fiyat" "fiyat" "pris" "retail"]
    LineGross "line_gross" "the line amount before discount" Number [
        "gross sales" "gross amount" "line subtotal" "subtotal" "sub total" "gross" "amount before discount" "gross revenue" "bruttobetrag" "brutto" "sous total" "zwischensumme" "商品总价"
        "gross item sales" "product sales" "umsatze" "imponibile"]
    LineTotal "line_total" "the line amount" Number [
        "line total" "total" "amount" "total price" "net sales" "netto" "nettopreis gesamt" "sales" "revenue" "total amount" "sales amount" "total sales" "sales value" "turnover" "value" "dollar value" "net amount" "extended price" "line amount" "total spent" "payment value" "item total" "sale amount" "price total" "total revenue" "net revenue"
        "montant" "montant total" "ventes nettes" "chiffre d affaires" "betrag" "umsatz" "gesamtpreis" "gesamtbetrag" "summe" "nettoumsatz" "importe" "importe total" "ventas" "monto" "venta total" "ventas netas" "precio total"
        "金额" "总价" "总额" "总金额" "销售额" "销售金额" "实付金额" "المبلغ" "الإجمالي" "المجموع" "الاجمالي" "المبيعات" "إجمالي السعر"
        "line item total" "product total" "product total price" "item amount" "totale" "totale riga" "importo" "valor total" "valor" "totaal" "totaalbedrag" "bedrag" "wartosc" "kwota" "suma" "сумма" "итого" "стоимость" "合計" "合計金額" "小計" "金額" "總計" "總價" "總額" "總金額" "금액" "합계" "tutar" "toplam" "belopp" "belop" "summa" "gesamt" "nettobetrag" "montant ht" "total ht"]
    Subtotal "subtotal" "the order subtotal" Number []
    OrderTotal "order_total" "the order total" Number [
        "order total" "order value" "order amount" "grand total" "total order value" "invoice total" "basket value" "total de la commande" "total commande" "bestellwert" "auftragswert" "total del pedido" "total pedido" "订单金额" "订单总额" "إجمالي الطلب" "قيمة الطلب"
        "order total amount" "order grand total" "invoice amount" "total paid" "total paid tax incl" "total paid real" "amount paid" "rechnungsbetrag" "bestellsumme" "totale ordine" "total do pedido" "сумма заказа" "訂單金額" "訂單總額" "total ttc" "montant ttc" "net a payer"]
    Discount "discount" "the line discount" Portion [
        "discount" "discount amount" "line discount" "discounts" "item discount" "promotion discount" "retail disc" "rabatt" "remise" "reduction" "descuento" "descuentos" "折扣" "优惠" "优惠金额" "الخصم" "خصم"
        "discount percent" "discount percentage" "discount pct" "discount rate" "rabatt percent" "rabatt in percent" "remise percent" "descuento percent" "sconto" "sconto percent" "desconto" "korting" "rabat" "скидка" "値引" "割引" "折扣金额" "折扣金額" "할인" "indirim"]
    OrderDiscount "order_discount" "the order discount" Portion ["order discount" "discount total" "total discount" "cart discount"
        "order discount amount" "cart discount amount"]
    Tax "tax" "the tax" Number ["tax" "tax amount" "taxes" "vat" "vat amount" "gst" "sales tax" "item tax" "line tax" "tva" "taxe" "mwst" "mehrwertsteuer" "steuer" "ust" "iva" "impuesto" "impuestos" "税" "税额" "税费" "الضريبة" "ضريبة"
        "imposta" "imposto" "btw" "podatek" "ндс" "消費税" "税金" "稅" "稅額" "부가세" "kdv" "moms"]
    OrderTax "order_tax" "the tax of the order" Number ["order tax" "tax total" "total tax"
        "order tax amount" "order total tax amount" "order sales tax" "order total tax"]
    Shipping "shipping" "the shipping cost" Number [
        "shipping" "shipping cost" "shipping amount" "freight" "freight value" "delivery fee" "delivery cost" "shipping price" "shipping fee" "postage" "shipping charge" "frais de port" "frais de livraison" "versand" "versandkosten" "envio" "gastos de envio" "costo de envio" "coste de envio" "运费" "邮费" "الشحن" "تكلفة الشحن" "رسوم التوصيل"
        "shipping and handling" "shipping handling" "shipping and handling amount" "shipping charges" "shipping rate" "shipping credits" "delivery charge" "postage and packaging" "postage and packing" "gutschrift fur versandkosten" "lieferkosten" "spedizione" "spese di spedizione" "frete" "valor do frete" "verzendkosten" "verzending" "dostawa" "koszt dostawy" "доставка" "стоимость доставки" "送料" "運費" "배송비" "kargo" "frakt"]
    OrderShipping "order_shipping" "the shipping cost of the order" Number ["order shipping" "shipping total" "total shipping"
        "order shipping amount" "total shipping price set shop money amount" "invoice shipping" "order shipping cost"]
    ShippingTax "shipping_tax" "the tax on shipping" Number ["shipping tax" "shipping tax total"]
    ShippingDiscount "shipping_discount" "the discount on shipping" Number ["ship promotion discount" "shipping discount"]
    Refund "refund" "the refunded amount" Number ["refund" "refunded amount" "refund amount" "total refunded" "refunded" "amount refunded" "remboursement" "erstattung" "reembolso" "退款金额" "المبلغ المسترد"
        "returns" "retouren" "retours" "devoluciones" "total refund" "order refund amount" "rimborso" "возврат"]
    Currency "currency" "the currency" Code ["currency" "currency code" "order currency" "devise" "wahrung" "waehrung" "moneda" "divisa" "币种" "货币" "العملة"
        "valuta" "moeda" "waluta" "валюта" "通貨" "幣別" "통화" "currency iso code"]
    CustomerId "customer_id" "the customer number" Text [
        "customer id" "customer" "customer number" "customer no" "customer key" "client id" "buyer id" "user id" "household id" "customer unique id" "cust id" "customer code" "account id" "member id" "account number" "shopper id"
        "id client" "numero client" "n client" "client" "kundennummer" "kunde" "kundennr" "kunden id" "id cliente" "cliente" "numero de cliente" "codigo cliente"
        "客户编号" "客户id" "客户" "会员号" "顾客编号" "买家id" "رقم العميل" "معرف العميل" "العميل" "الزبون"
        "klantnummer" "codice cliente" "顧客番号"]
    CustomerEmail "customer_email" "the customer's e-mail" Email [
        "email" "e mail" "customer email" "email address" "billing email" "buyer email" "contact email" "mail" "courriel" "adresse email" "kunden email" "correo" "correo electronico" "邮箱" "电子邮件" "البريد الإلكتروني" "البريد الالكتروني" "البريد"]
    CustomerName "customer_name" "the customer's name" Text [
        "customer name" "client name" "buyer name" "billing name" "full name" "name of customer" "billing full name" "nom du client" "nom client" "kundenname" "nombre del cliente" "nombre cliente" "客户名称" "客户姓名" "买家姓名" "اسم العميل"
        "customer full name" "buyer full name" "nome cliente" "nome do cliente" "klantnaam" "клиент" "покупатель" "顧客名" "お客様名" "客戶名稱" "고객명"]
    FirstName "first_name" "the customer's first name" Text ["first name" "billing first name" "customer first name" "prenom" "vorname"
        "firstname" "имя"]
    LastName "last_name" "the customer's last name" Text ["last name" "billing last name" "customer last name" "nachname" "apellido"
        "lastname" "surname" "фамилия"]
    Country "country" "the country" Text ["country" "shipping country" "ship country" "country code" "delivery country" "customer country" "pays" "land" "pais" "国家" "الدولة" "البلد" "بلد"
        "paese" "kraj" "страна" "國家" "국가" "ulke" "landcode"]
    Region "region" "the region" Text ["region" "state" "province" "shipping province name" "shipping province" "shipping state" "ship state" "customer state" "area" "county" "bundesland" "provincia" "estado provincia" "省份" "省" "地区" "المنطقة" "المحافظة"]
    City "city" "the city" Text ["city" "shipping city" "ship city" "town" "customer city" "ville" "stadt" "ort" "ciudad" "城市" "المدينة" "مدينة"
        "citta" "cidade" "miasto" "город" "도시" "plaats" "sehir"]
    BillingCountry "billing_country" "the billing country" Text ["billing country"]
    BillingRegion "billing_region" "the billing region" Text ["billing province name" "billing province" "billing state"]
    BillingCity "billing_city" "the billing city" Text ["billing city"]
    Channel "channel" "the sales channel" Text ["channel" "sales channel" "source" "order source" "store" "store id" "store name" "attribution" "canal" "canal de vente" "canal de venta" "kanal" "vertriebskanal" "filiale" "tienda" "boutique" "magasin" "渠道" "销售渠道" "店铺" "القناة" "المتجر"]
    PaymentMethod "payment_method" "the payment method" Text ["payment method" "payment type" "payment method title" "payment" "mode de paiement" "moyen de paiement" "zahlungsart" "zahlungsmethode" "metodo de pago" "forma de pago" "支付方式" "付款方式" "طريقة الدفع"
        "metodo di pagamento" "forma de pagamento" "betaalmethode" "metoda platnosci" "способ оплаты" "支払方法"]
    LineItems "line_items" "the items of the order" Text ["line items"]
    Products "products" "the products of the order" Text ["products" "product s" "produit s" "produits" "productos" "produkte" "producto s" "produkt e"]
    LineItem "line_item" "one item of the order" Text []
    ItemName "item_name" "an item's name" Text []
    ItemId "item_id" "an item's id" Text []
    ItemSku "item_sku" "an item's SKU" Text []
    ItemQuantity "item_quantity" "an item's quantity" Text []
    ItemTotal "item_total" "an item's total" Text []
    ItemSubtotal "item_subtotal" "an item's subtotal" Text []
    Refunds "refunds" "the refunds of the order" Text []
    // Of data sets beside orders: their names stand in `specs`, as one name means different things in different sets.
    Brand "brand" "the brand" Text []
    Price "price" "the price" Number []
    Cost "cost" "the cost" Number []
    Barcode "barcode" "the barcode" Text []
    ProductStatus "product_status" "the product's status" Text []
    CreatedDay "created_day" "the day it was created" Date []
    AcceptsMarketing "accepts_marketing" "the consent to marketing" Text []
    Location "location" "the location" Text []
    OnHand "on_hand" "the pieces on hand" Number []
    Day "day" "the day" Date []
    Code "code" "the code" Text []
    PromotionKind "promotion_kind" "the kind of promotion" Text []
    PromotionValue "promotion_value" "the value of the promotion" Portion []
    Starts "starts" "the first day" Date []
    Ends "ends" "the last day" Date []
    ValidFrom "valid_from" "the day it is valid from" Date []
    Campaign "campaign" "the campaign" Text []
    Spend "spend" "the amount spent" Number []
    Impressions "impressions" "the impressions" Number []
    Clicks "clicks" "the clicks" Number []
    FromCurrency "from_currency" "the currency converted from" Code []
    ToCurrency "to_currency" "the currency converted to" Code []
    Rate "rate" "the exchange rate" Number []
    At "at" "the time" Date []
    Visitor "visitor" "the visitor" Text []
    Session "session" "the session" Text []
    Page "page" "the page" Text []
    EventName "event_name" "the event" Text []
    EventKind "event_kind" "the kind of event" Text []
    EventValue "event_value" "the value of the event" Number []
}

impl Field {
    /// Several columns may carry it: the items of an order, side by side.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            Self::LineItem
                | Self::ItemName
                | Self::ItemId
                | Self::ItemSku
                | Self::ItemQuantity
                | Self::ItemTotal
                | Self::ItemSubtotal
        )
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.id() == id)
    }

    pub(crate) fn money(self) -> bool {
        matches!(
            self,
            Self::UnitPrice
                | Self::LineGross
                | Self::LineTotal
                | Self::Subtotal
                | Self::OrderTotal
                | Self::Discount
                | Self::OrderDiscount
                | Self::Tax
                | Self::OrderTax
                | Self::Shipping
                | Self::OrderShipping
                | Self::ShippingTax
                | Self::ShippingDiscount
                | Self::Refund
                | Self::Price
                | Self::Cost
                | Self::Spend
                | Self::EventValue
        )
    }

    /// What a shop may give away with a word.
    pub(crate) fn costs_nothing(self) -> bool {
        matches!(self, Self::Shipping | Self::OrderShipping)
    }

    /// Means something only in a data set beside orders.
    pub(crate) fn beside_orders(self) -> bool {
        self >= Self::Brand
    }

    /// What a generic sheet can be asked for.
    pub(crate) fn generic(self) -> bool {
        !self.repeats()
            && !self.beside_orders()
            && !matches!(
                self,
                Self::LineItems
                    | Self::Products
                    | Self::Asin
                    | Self::ItemStatus
                    | Self::Refunds
                    | Self::Subtotal
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::normalise;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = BTreeMap::new();
        for field in Field::ALL {
            for synonym in field.synonyms() {
                assert_eq!(&normalise(synonym), synonym, "not in normal form");
                if let Some(other) = seen.insert(*synonym, *field) {
                    panic!("{synonym} means {other:?} and {field:?}");
                }
            }
        }
    }
}
