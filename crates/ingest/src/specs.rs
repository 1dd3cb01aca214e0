//! The fields of the data sets beside orders: what kind of value each holds, which make the key, what columns of that
//! meaning are called in four languages.

use crate::data_set::DataSet;
use crate::field::Field;
use crate::mapping::Candidate;
use serde::{Deserialize, Serialize};

/// What a field's values are, and how they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    Text,
    /// A text in upper case, so that `85123a` and `85123A` are one product.
    Code,
    /// Kept as the SHA-256 of the address in lower case, in hexadecimal; the address itself is not.
    Email,
    /// ISO 4217.
    Currency,
    /// Millionths of the currency's major unit.
    Money,
    /// Millionths of a piece, of a per cent, of a click.
    Quantity,
    /// Billionths: how much of one currency another is worth.
    Rate,
    /// Days since 1970-01-01.
    Day,
    /// Microseconds since 1970, UTC.
    Moment,
    /// 1 or 0.
    Flag,
}

impl ValueKind {
    /// Whether a value is text; a whole number otherwise.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Code | Self::Email | Self::Currency)
    }

    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::Day | Self::Moment)
    }
}

/// One field of a data set.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    pub field: Field,
    pub kind: ValueKind,
    names: &'static [&'static str],
    /// Names that mean it among orders mean it here too.
    shares_names: bool,
}

impl FieldSpec {
    /// The name under which its values are kept.
    pub fn name(&self) -> &'static str {
        match self.kind {
            ValueKind::Email => "email_hash",
            _ => self.field.id(),
        }
    }
}

const fn own(field: Field, kind: ValueKind, names: &'static [&'static str]) -> FieldSpec {
    FieldSpec {
        field,
        kind,
        names,
        shares_names: false,
    }
}

/// With the names of orders behind its own.
const fn also(field: Field, kind: ValueKind, names: &'static [&'static str]) -> FieldSpec {
    FieldSpec {
        field,
        kind,
        names,
        shares_names: true,
    }
}

const SKU: FieldSpec = also(
    Field::Sku,
    ValueKind::Code,
    &[
        "sku",
        "variant sku",
        "product sku",
        "product id",
        "product key",
        "stock code",
        "product code",
        "item id",
        "itemid",
        "item code",
        "item sku",
    ],
);
const COST_NAMES: &[&str] = &[
    "cost",
    "unit cost",
    "cost per item",
    "product cost",
    "cost price",
    "purchase price",
    "cogs",
    "standard cost",
    "einkaufspreis",
    "ek preis",
    "ek",
    "kosten",
    "stuckkosten",
    "costo",
    "coste",
    "costo unitario",
    "precio de compra",
    "precio de costo",
    "prix d achat",
    "成本",
    "成本价",
    "进价",
    "采购价",
    "التكلفة",
    "سعر التكلفة",
    "سعر الشراء",
];
const CURRENCY: FieldSpec = also(Field::Currency, ValueKind::Currency, &[]);
const DAY: FieldSpec = own(
    Field::Day,
    ValueKind::Day,
    &[
        "day",
        "date",
        "as of",
        "snapshot date",
        "stock date",
        "report date",
        "reporting starts",
        "counted at",
        "updated at",
        "week",
        "time",
        "datum",
        "tag",
        "stichtag",
        "stand",
        "fecha",
        "dia",
        "fecha de inventario",
        "日期",
        "盘点日期",
        "统计日期",
        "التاريخ",
        "تاريخ",
        "اليوم",
    ],
);

const PRODUCTS: &[FieldSpec] = &[
    SKU,
    own(
        Field::ProductName,
        ValueKind::Text,
        &[
            "product name",
            "name",
            "title",
            "product title",
            "product",
            "item name",
            "description",
            "product description",
            "item",
            "variant title",
            "article",
            "bezeichnung",
            "produktname",
            "artikelname",
            "artikelbezeichnung",
            "produkt",
            "artikel",
            "titel",
            "nombre",
            "nombre del producto",
            "producto",
            "descripcion",
            "titulo",
            "articulo",
            "nom du produit",
            "designation",
            "商品名称",
            "产品名称",
            "品名",
            "名称",
            "商品",
            "اسم المنتج",
            "المنتج",
            "الاسم",
            "الوصف",
        ],
    ),
    own(
        Field::Category,
        ValueKind::Text,
        &[
            "category",
            "product category",
            "product type",
            "type",
            "department",
            "category name",
            "product category name",
            "subcategory",
            "collection",
            "kategorie",
            "warengruppe",
            "produkttyp",
            "produktkategorie",
            "categoria",
            "tipo de producto",
            "categorie",
            "类别",
            "分类",
            "商品类别",
            "品类",
            "الفئة",
            "التصنيف",
        ],
    ),
    own(
        Field::Brand,
        ValueKind::Text,
        &[
            "brand",
            "vendor",
            "manufacturer",
            "brand name",
            "supplier",
            "maker",
            "marke",
            "hersteller",
            "lieferant",
            "marca",
            "fabricante",
            "proveedor",
            "marque",
            "fabricant",
            "品牌",
            "供应商",
            "厂商",
            "العلامة التجارية",
            "الماركة",
            "المورد",
            "الشركة المصنعة",
        ],
    ),
    also(
        Field::Price,
        ValueKind::Money,
        &[
            "price",
            "variant price",
            "product price",
            "list price",
            "regular price",
            "unit price",
            "selling price",
            "retail price",
            "preis",
            "verkaufspreis",
            "listenpreis",
            "vk preis",
            "vk",
            "stuckpreis",
            "einzelpreis",
            "precio",
            "precio de venta",
            "precio unitario",
            "prix",
            "prix de vente",
            "价格",
            "售价",
            "单价",
            "السعر",
            "سعر البيع",
            "سعر",
        ],
    ),
    own(Field::Cost, ValueKind::Money, COST_NAMES),
    CURRENCY,
    own(
        Field::Barcode,
        ValueKind::Text,
        &[
            "barcode",
            "variant barcode",
            "ean",
            "upc",
            "gtin",
            "ean13",
            "ean 13",
            "isbn",
            "strichcode",
            "codigo de barras",
            "code barres",
            "条码",
            "条形码",
            "الباركود",
            "باركود",
        ],
    ),
    own(
        Field::ProductStatus,
        ValueKind::Text,
        &[
            "status",
            "product status",
            "active",
            "published",
            "state",
            "zustand",
            "aktiv",
            "estado",
            "activo",
            "statut",
            "状态",
            "الحالة",
        ],
    ),
];

const CUSTOMERS: &[FieldSpec] = &[
    also(
        Field::CustomerId,
        ValueKind::Text,
        &[
            "customer id",
            "id",
            "customer key",
            "customer number",
            "household id",
            "user id",
            "user name",
            "username",
        ],
    ),
    also(
        Field::CustomerEmail,
        ValueKind::Email,
        &["email", "e mail", "customer email", "email address"],
    ),
    also(
        Field::CustomerName,
        ValueKind::Text,
        &[
            "customer name",
            "name",
            "full name",
            "display name",
            "nombre",
            "kundenname",
            "姓名",
            "名称",
            "الاسم",
        ],
    ),
    also(
        Field::FirstName,
        ValueKind::Text,
        &[
            "first name",
            "given name",
            "nombre de pila",
            "名",
            "الاسم الأول",
        ],
    ),
    also(
        Field::LastName,
        ValueKind::Text,
        &[
            "last name",
            "surname",
            "family name",
            "familienname",
            "apellidos",
            "姓",
            "اسم العائلة",
        ],
    ),
    also(
        Field::Country,
        ValueKind::Text,
        &[
            "country",
            "default address country code",
            "default address country",
            "billing country",
            "country region",
        ],
    ),
    also(
        Field::Region,
        ValueKind::Text,
        &[
            "region",
            "default address province code",
            "default address province",
            "billing state",
            "billing region",
        ],
    ),
    also(
        Field::City,
        ValueKind::Text,
        &["city", "default address city", "billing city"],
    ),
    own(
        Field::CreatedDay,
        ValueKind::Day,
        &[
            "created at",
            "created",
            "created day",
            "date created",
            "signup date",
            "sign up date",
            "registered",
            "registration date",
            "user registered",
            "customer since",
            "date first purchase",
            "member since",
            "joined",
            "kunde seit",
            "angelegt am",
            "registriert am",
            "erstellt am",
            "fecha de alta",
            "fecha de registro",
            "cliente desde",
            "creado el",
            "date d inscription",
            "注册日期",
            "注册时间",
            "创建时间",
            "تاريخ التسجيل",
            "تاريخ الإنشاء",
        ],
    ),
    own(
        Field::AcceptsMarketing,
        ValueKind::Flag,
        &[
            "accepts marketing",
            "accepts email marketing",
            "email marketing",
            "newsletter",
            "marketing consent",
            "subscribed",
            "opt in",
            "werbeeinwilligung",
            "newsletter abonniert",
            "acepta marketing",
            "suscrito",
            "boletin",
            "接受营销",
            "订阅",
            "يقبل التسويق",
            "الاشتراك في النشرة",
        ],
    ),
];

const INVENTORY: &[FieldSpec] = &[
    SKU,
    own(
        Field::Location,
        ValueKind::Text,
        &[
            "location",
            "warehouse",
            "location name",
            "store",
            "store id",
            "store name",
            "warehouse name",
            "site",
            "lager",
            "lagerort",
            "filiale",
            "standort",
            "almacen",
            "ubicacion",
            "tienda",
            "deposito",
            "entrepot",
            "magasin",
            "仓库",
            "门店",
            "库位",
            "地点",
            "المستودع",
            "الموقع",
            "المخزن",
            "الفرع",
        ],
    ),
    own(
        Field::OnHand,
        ValueKind::Quantity,
        &[
            "on hand",
            "stock on hand",
            "available",
            "stock",
            "stock level",
            "quantity on hand",
            "qty on hand",
            "inventory",
            "inventory quantity",
            "variant inventory qty",
            "on hand quantity",
            "quantity",
            "qty",
            "stock quantity",
            "available quantity",
            "units on hand",
            "bestand",
            "lagerbestand",
            "menge",
            "verfugbar",
            "existencias",
            "cantidad",
            "inventario",
            "stock disponible",
            "disponible",
            "quantite",
            "en stock",
            "库存",
            "库存数量",
            "现有库存",
            "数量",
            "المخزون",
            "الكمية",
            "الكمية المتاحة",
            "الرصيد",
        ],
    ),
    DAY,
];

const PROMOTIONS: &[FieldSpec] = &[
    own(
        Field::Code,
        ValueKind::Code,
        &[
            "code",
            "coupon code",
            "promotion code",
            "promo code",
            "discount code",
            "coupon",
            "voucher",
            "voucher code",
            "promotion",
            "promotion id",
            "promo id",
            "coupon upc",
            "gutscheincode",
            "gutschein",
            "aktionscode",
            "rabattcode",
            "aktion",
            "codigo de promocion",
            "cupon",
            "codigo",
            "codigo de descuento",
            "promocion",
            "code promo",
            "bon de reduction",
            "优惠码",
            "优惠券",
            "促销编号",
            "促销代码",
            "促销",
            "رمز الخصم",
            "رمز القسيمة",
            "القسيمة",
            "كود الخصم",
            "العرض",
        ],
    ),
    own(
        Field::PromotionKind,
        ValueKind::Text,
        &[
            "kind",
            "discount type",
            "type",
            "promotion type",
            "coupon type",
            "value type",
            "campaign type",
            "art",
            "rabattart",
            "aktionsart",
            "tipo",
            "tipo de descuento",
            "type de remise",
            "类型",
            "折扣类型",
            "促销类型",
            "النوع",
            "نوع الخصم",
        ],
    ),
    own(
        Field::PromotionValue,
        ValueKind::Quantity,
        &[
            "value",
            "coupon amount",
            "discount value",
            "discount amount",
            "amount",
            "discount",
            "percentage",
            "percent",
            "wert",
            "rabatt",
            "betrag",
            "nachlass",
            "valor",
            "descuento",
            "importe",
            "montant",
            "remise",
            "折扣",
            "优惠金额",
            "面值",
            "القيمة",
            "الخصم",
            "مبلغ الخصم",
            "نسبة الخصم",
        ],
    ),
    CURRENCY,
    own(
        Field::Starts,
        ValueKind::Day,
        &[
            "starts",
            "start date",
            "starts at",
            "start",
            "valid from",
            "begins",
            "from",
            "date start",
            "beginn",
            "startdatum",
            "gultig ab",
            "von",
            "inicio",
            "fecha de inicio",
            "valido desde",
            "desde",
            "debut",
            "date de debut",
            "开始日期",
            "开始时间",
            "生效日期",
            "تاريخ البدء",
            "تاريخ البداية",
            "يبدأ في",
        ],
    ),
    own(
        Field::Ends,
        ValueKind::Day,
        &[
            "ends",
            "end date",
            "ends at",
            "end",
            "valid to",
            "valid until",
            "expiry date",
            "expires",
            "expires at",
            "date expires",
            "expiration date",
            "to",
            "until",
            "ende",
            "enddatum",
            "gultig bis",
            "bis",
            "ablaufdatum",
            "fin",
            "fecha de fin",
            "fecha de caducidad",
            "valido hasta",
            "hasta",
            "date de fin",
            "结束日期",
            "结束时间",
            "到期日期",
            "تاريخ الانتهاء",
            "تاريخ النهاية",
            "ينتهي في",
        ],
    ),
];

const COSTS: &[FieldSpec] = &[
    SKU,
    own(Field::Cost, ValueKind::Money, COST_NAMES),
    CURRENCY,
    own(
        Field::ValidFrom,
        ValueKind::Day,
        &[
            "valid from",
            "effective date",
            "effective from",
            "from",
            "date",
            "start date",
            "since",
            "gultig ab",
            "ab",
            "datum",
            "valido desde",
            "desde",
            "fecha",
            "fecha de vigencia",
            "valable a partir du",
            "生效日期",
            "日期",
            "صالح من",
            "تاريخ السريان",
            "التاريخ",
        ],
    ),
];

const AD_SPEND: &[FieldSpec] = &[
    DAY,
    own(
        Field::Channel,
        ValueKind::Text,
        &[
            "channel",
            "platform",
            "source",
            "medium",
            "network",
            "publisher platform",
            "account name",
            "kanal",
            "plattform",
            "quelle",
            "canal",
            "plataforma",
            "fuente",
            "plateforme",
            "渠道",
            "平台",
            "القناة",
            "المنصة",
        ],
    ),
    own(
        Field::Campaign,
        ValueKind::Text,
        &[
            "campaign",
            "campaign name",
            "campaign id",
            "kampagne",
            "kampagnenname",
            "campana",
            "nombre de la campana",
            "campagne",
            "广告系列",
            "活动",
            "推广计划",
            "الحملة",
            "اسم الحملة",
        ],
    ),
    own(
        Field::Spend,
        ValueKind::Money,
        &[
            "spend",
            "ad spend",
            "amount spent",
            "cost",
            "costs",
            "total spend",
            "media cost",
            "ausgaben",
            "kosten",
            "werbeausgaben",
            "gasto",
            "importe gastado",
            "inversion",
            "costo",
            "coste",
            "depenses",
            "cout",
            "花费",
            "消耗",
            "费用",
            "广告支出",
            "الإنفاق",
            "المبلغ المنفق",
            "التكلفة",
        ],
    ),
    CURRENCY,
    own(
        Field::Impressions,
        ValueKind::Quantity,
        &[
            "impressions",
            "views",
            "impr",
            "impressionen",
            "einblendungen",
            "impresiones",
            "展示次数",
            "展示",
            "مرات الظهور",
            "الظهور",
        ],
    ),
    own(
        Field::Clicks,
        ValueKind::Quantity,
        &[
            "clicks",
            "link clicks",
            "klicks",
            "clics",
            "clicks en el enlace",
            "点击",
            "点击次数",
            "点击量",
            "النقرات",
            "نقرات",
        ],
    ),
];

const RATES: &[FieldSpec] = &[
    DAY,
    own(
        Field::FromCurrency,
        ValueKind::Currency,
        &[
            "from",
            "from currency",
            "base",
            "base currency",
            "source currency",
            "sell currency",
            "von",
            "ausgangswahrung",
            "von wahrung",
            "de",
            "moneda de origen",
            "moneda base",
            "源货币",
            "基础货币",
            "原币种",
            "من",
            "العملة الأساسية",
            "من عملة",
        ],
    ),
    own(
        Field::ToCurrency,
        ValueKind::Currency,
        &[
            "to",
            "to currency",
            "quote",
            "quote currency",
            "target currency",
            "counter currency",
            "buy currency",
            "nach",
            "zielwahrung",
            "in wahrung",
            "a",
            "moneda de destino",
            "moneda destino",
            "目标货币",
            "目标币种",
            "إلى",
            "العملة المستهدفة",
            "إلى عملة",
        ],
    ),
    own(
        Field::Rate,
        ValueKind::Rate,
        &[
            "rate",
            "exchange rate",
            "fx rate",
            "conversion rate",
            "mid rate",
            "close",
            "kurs",
            "wechselkurs",
            "umrechnungskurs",
            "tasa",
            "tipo de cambio",
            "tasa de cambio",
            "taux",
            "taux de change",
            "汇率",
            "سعر الصرف",
            "السعر",
        ],
    ),
];

const EVENTS: &[FieldSpec] = &[
    own(
        Field::At,
        ValueKind::Moment,
        &[
            "event timestamp",
            "timestamp",
            "event time",
            "time",
            "created at",
            "datetime",
            "occurred at",
            "event date",
            "date",
            "zeitstempel",
            "zeit",
            "datum",
            "fecha y hora",
            "fecha",
            "horodatage",
            "时间戳",
            "时间",
            "事件时间",
            "الوقت",
            "وقت الحدث",
            "التاريخ",
        ],
    ),
    own(
        Field::Visitor,
        ValueKind::Text,
        &[
            "user pseudo id",
            "visitorid",
            "visitor id",
            "visitor",
            "client id",
            "user id",
            "userid",
            "distinct id",
            "anonymous id",
            "besucher",
            "besucher id",
            "visitante",
            "id de visitante",
            "visiteur",
            "访客",
            "访客id",
            "用户id",
            "الزائر",
            "معرف الزائر",
        ],
    ),
    own(
        Field::Session,
        ValueKind::Text,
        &[
            "ga session id",
            "session id",
            "sessionid",
            "session",
            "user session",
            "sitzung",
            "sitzungs id",
            "sesion",
            "id de sesion",
            "会话",
            "会话id",
            "الجلسة",
            "معرف الجلسة",
        ],
    ),
    own(
        Field::EventName,
        ValueKind::Text,
        &[
            "event name",
            "event",
            "event type",
            "action",
            "ereignis",
            "aktion",
            "evento",
            "accion",
            "evenement",
            "事件",
            "事件名称",
            "行为",
            "الحدث",
            "اسم الحدث",
        ],
    ),
    own(
        Field::OrderId,
        ValueKind::Text,
        &[
            "transaction id",
            "transactionid",
            "ecommerce transaction id",
            "order id",
            "bestellnummer",
            "numero de pedido",
            "订单号",
            "رقم الطلب",
        ],
    ),
    own(
        Field::Sku,
        ValueKind::Code,
        &[
            "item id",
            "itemid",
            "items item id",
            "product id",
            "sku",
            "artikelnummer",
            "id producto",
            "商品id",
            "رقم المنتج",
        ],
    ),
    own(
        Field::EventValue,
        ValueKind::Money,
        &[
            "value",
            "event value",
            "event value in usd",
            "ecommerce purchase revenue",
            "price",
            "revenue",
            "wert",
            "valor",
            "金额",
            "القيمة",
        ],
    ),
    CURRENCY,
    // Made of the others: no column has these.
    own(Field::Day, ValueKind::Day, &[]),
    own(Field::EventKind, ValueKind::Text, &[]),
];

impl DataSet {
    /// Its fields, in the order in which their values are kept. Orders have lines of their own instead.
    pub fn fields(self) -> &'static [FieldSpec] {
        match self {
            Self::Orders => &[],
            Self::Events => EVENTS,
            Self::Products => PRODUCTS,
            Self::Customers => CUSTOMERS,
            Self::Inventory => INVENTORY,
            Self::Promotions => PROMOTIONS,
            Self::Costs => COSTS,
            Self::AdSpend => AD_SPEND,
            Self::Rates => RATES,
        }
    }

    pub fn field(self, field: Field) -> Option<&'static FieldSpec> {
        self.fields().iter().find(|spec| spec.field == field)
    }

    /// What makes two rows the same thing, part by part; of the fields of a part the first that has a value.
    pub(crate) fn key(self) -> &'static [&'static [Field]] {
        match self {
            Self::Orders => &[],
            Self::Events => &[
                &[Field::At],
                &[Field::Visitor],
                &[Field::Session],
                &[Field::EventName],
                &[Field::OrderId],
                &[Field::Sku],
            ],
            Self::Products => &[&[Field::Sku]],
            Self::Customers => &[&[Field::CustomerId, Field::CustomerEmail]],
            Self::Inventory => &[&[Field::Sku], &[Field::Location], &[Field::Day]],
            Self::Promotions => &[&[Field::Code]],
            Self::Costs => &[&[Field::Sku], &[Field::ValidFrom]],
            Self::AdSpend => &[&[Field::Day], &[Field::Channel], &[Field::Campaign]],
            Self::Rates => &[&[Field::Day], &[Field::FromCurrency], &[Field::ToCurrency]],
        }
    }

    /// Of each part one field has to have a value in every record.
    pub(crate) fn required(self) -> &'static [&'static [Field]] {
        match self {
            Self::Orders => &[],
            Self::Events => &[
                &[Field::At],
                &[Field::Visitor, Field::Session],
                &[Field::EventName],
            ],
            Self::Products => &[&[Field::Sku]],
            Self::Customers => &[&[Field::CustomerId, Field::CustomerEmail]],
            Self::Inventory => &[&[Field::Sku], &[Field::OnHand]],
            Self::Promotions => &[&[Field::Code]],
            Self::Costs => &[&[Field::Sku], &[Field::Cost]],
            Self::AdSpend => &[&[Field::Day], &[Field::Spend]],
            Self::Rates => &[
                &[Field::Day],
                &[Field::FromCurrency],
                &[Field::ToCurrency],
                &[Field::Rate],
            ],
        }
    }

    /// Rows with one key in one file are several things that happened, not one thing said twice.
    pub(crate) fn happens(self) -> bool {
        matches!(self, Self::Events | Self::AdSpend)
    }

    pub(crate) fn candidates(self) -> Vec<Candidate> {
        let named = |spec: &FieldSpec| {
            let shared: &[&str] = if spec.shares_names {
                spec.field.synonyms()
            } else {
                &[]
            };
            let more = shared.iter().filter(|name| !spec.names.contains(name));
            Candidate {
                field: spec.field,
                names: spec.names.iter().chain(more).copied().collect(),
            }
        };
        self.fields()
            .iter()
            .map(named)
            .filter(|candidate| !candidate.names.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::normalise;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_means_two_things_in_one_data_set() {
        for data_set in DataSet::ALL {
            let mut seen = BTreeMap::new();
            for spec in data_set.fields() {
                for name in spec.names {
                    assert_eq!(&normalise(name), name, "not in normal form");
                    if let Some(other) = seen.insert(*name, spec.field) {
                        panic!(
                            "{name} means {other:?} and {:?} in {data_set:?}",
                            spec.field
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn keys_and_needs_are_fields_of_their_data_set() {
        for data_set in DataSet::ALL {
            for field in data_set
                .key()
                .iter()
                .chain(data_set.required())
                .flat_map(|part| part.iter())
            {
                assert!(
                    data_set.field(*field).is_some(),
                    "{field:?} of {data_set:?}"
                );
            }
            assert_eq!(data_set.key().is_empty(), data_set == DataSet::Orders);
        }
    }
}
