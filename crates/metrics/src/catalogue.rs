//! The catalogue of metrics. Definitions follow Shopify's and WooCommerce's reports; where the two
//! differ, the formula's text says which one is meant.

use crate::Dimension;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A sum or a distinct count that an engine computes from rows. Metrics are formulas over these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sum of price x quantity of sale lines.
    Gross,
    /// Sum of discounts of sale lines, positive.
    Discounts,
    /// Sum of what was given back, negative.
    Returns,
    Taxes,
    Shipping,
    /// Pieces sold, before returns.
    Units,
    /// Distinct orders with at least one sale line.
    Orders,
    /// Distinct orders or credit notes with at least one return line.
    ReturnedOrders,
    /// Distinct known customers with an order.
    Customers,
    /// Customers whose first order lies in the group.
    NewCustomers,
    /// Customers with more than one order in their lifetime, as of the group's end.
    ReturningCustomers,
}

impl Measure {
    /// Whether the values of parts may be added up to the value of the whole.
    pub fn is_additive(self) -> bool {
        matches!(
            self,
            Self::Gross
                | Self::Discounts
                | Self::Returns
                | Self::Taxes
                | Self::Shipping
                | Self::Units
        )
    }

    /// Whether it is a sum of money.
    pub fn is_amount(self) -> bool {
        self.is_additive() && self != Self::Units
    }

    /// Whether files may have no column for it: then it is unknown, not 0.
    pub fn may_be_unsaid(self) -> bool {
        matches!(self, Self::Taxes | Self::Shipping)
    }

    /// Whether it counts persons: unknown, not 0, where the source names no customer.
    pub fn needs_customers(self) -> bool {
        matches!(
            self,
            Self::Customers | Self::NewCustomers | Self::ReturningCustomers
        )
    }
}

/// A measure with its sign in a formula.
pub type Term = (Measure, i64);

/// How a metric is made from measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    Sum(&'static [Term]),
    /// Unknown where the denominator is 0.
    Ratio {
        numerator: &'static [Term],
        denominator: &'static [Term],
    },
}

impl Formula {
    pub fn terms(self) -> impl Iterator<Item = Term> {
        let (a, b) = match self {
            Self::Sum(terms) => (terms, &[][..]),
            Self::Ratio {
                numerator,
                denominator,
            } => (numerator, denominator),
        };
        a.iter().chain(b).copied()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Millionths of a currency's major unit.
    Money,
    /// Whole numbers.
    Count,
    /// Millionths of a piece.
    Quantity,
    /// Millionths of 1; shown as a percentage.
    Ratio,
}

/// Which date puts a value into a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateBasis {
    Order,
    /// The refund's date; the order's date where the file has none (the upload says so).
    Refund,
    /// Each part on its own date.
    Mixed,
}

/// Which way is good news: decides the colour of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    Neutral,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Zh,
    Es,
    Ar,
}

/// One text in the four languages: en, zh, es, ar.
pub type Texts = [&'static str; 4];

pub fn text(texts: &Texts, language: Language) -> &'static str {
    texts[language as usize]
}

#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub id: &'static str,
    pub names: Texts,
    /// One sentence for a merchant.
    pub explanations: Texts,
    pub formula: Formula,
    pub unit: Unit,
    pub date_basis: DateBasis,
    pub direction: Direction,
    /// Version of the definition: raised when the figure's meaning changes.
    pub version: u32,
}

macro_rules! metrics {
    ($($variant:ident = $id:literal),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Metric { $($variant),+ }

        impl Metric {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }

        impl FromStr for Metric {
            type Err = UnknownMetric;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($id => Ok(Self::$variant),)+
                    _ => Err(UnknownMetric(text.to_owned())),
                }
            }
        }
    };
}

metrics! {
    GrossSales = "gross_sales",
    Discounts = "discounts",
    Returns = "returns",
    NetSales = "net_sales",
    Taxes = "taxes",
    Shipping = "shipping",
    TotalSales = "total_sales",
    Orders = "orders",
    Units = "units",
    Aov = "aov",
    Customers = "customers",
    NewCustomers = "new_customers",
    ReturningCustomers = "returning_customers",
    ReturningCustomerRate = "returning_customer_rate",
    RefundRateValue = "refund_rate_value",
    RefundRateOrders = "refund_rate_orders",
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no metric `{0}`; the metrics are: {all}", all = Metric::ALL.iter().map(|m| m.id()).collect::<Vec<_>>().join(", "))]
pub struct UnknownMetric(pub String);

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

use Measure as M;

const NET: &[Term] = &[(M::Gross, 1), (M::Discounts, -1), (M::Returns, 1)];

impl Metric {
    pub fn name(self, language: Language) -> &'static str {
        text(&self.definition().names, language)
    }

    pub fn explanation(self, language: Language) -> &'static str {
        text(&self.definition().explanations, language)
    }

    pub fn unit(self) -> Unit {
        self.definition().unit
    }

    /// Whether the figure counts persons, so that `Resource::Customers` is asked for as well.
    pub fn needs_customers(self) -> bool {
        self.definition()
            .formula
            .terms()
            .any(|(measure, _)| measure.needs_customers())
    }

    /// Its terms, where each line has a value of its own and these add up to the value of the whole.
    pub fn of_lines(self) -> Option<&'static [Term]> {
        match self.definition().formula {
            Formula::Sum(terms) if terms.iter().all(|(measure, _)| measure.is_additive()) => {
                Some(terms)
            }
            Formula::Sum(_) | Formula::Ratio { .. } => None,
        }
    }

    /// Order-level figures have no meaning per product: which dimensions may group and filter it.
    pub fn allows(self, dimension: Dimension) -> bool {
        // New and returning are facts about a customer's whole orders, so a product cannot split them.
        let counts_lifetimes = self
            .definition()
            .formula
            .terms()
            .any(|(m, _)| matches!(m, M::NewCustomers | M::ReturningCustomers));
        !(counts_lifetimes && dimension.is_of_line())
    }

    pub fn definition(self) -> &'static Definition {
        // The order of `ALL`, which a test holds.
        &DEFINITIONS[self as usize]
    }
}

const fn sum(
    id: &'static str,
    names: Texts,
    explanations: Texts,
    terms: &'static [Term],
    unit: Unit,
) -> Definition {
    Definition {
        id,
        names,
        explanations,
        formula: Formula::Sum(terms),
        unit,
        date_basis: DateBasis::Order,
        direction: Direction::Up,
        version: 1,
    }
}

static DEFINITIONS: [Definition; 16] = [
    sum(
        "gross_sales",
        [
            "Gross sales",
            "总销售额",
            "Ventas brutas",
            "إجمالي المبيعات",
        ],
        [
            "Price × quantity of everything sold, before discounts, returns, taxes and shipping.",
            "所有售出商品的单价 × 数量，未扣除折扣、退货、税费和运费。",
            "Precio × cantidad de todo lo vendido, antes de descuentos, devoluciones, impuestos y envío.",
            "السعر × الكمية لكل ما بيع، قبل الخصومات والمرتجعات والضرائب والشحن.",
        ],
        &[(M::Gross, 1)],
        Unit::Money,
    ),
    Definition {
        direction: Direction::Neutral,
        ..sum(
            "discounts",
            ["Discounts", "折扣", "Descuentos", "الخصومات"],
            [
                "What was taken off the price of items sold.",
                "售出商品被减免的金额。",
                "Lo que se rebajó del precio de los artículos vendidos.",
                "ما خُصم من سعر الأصناف المبيعة.",
            ],
            &[(M::Discounts, 1)],
            Unit::Money,
        )
    },
    Definition {
        date_basis: DateBasis::Refund,
        // Negative: a rise towards 0 is good news.
        direction: Direction::Up,
        ..sum(
            "returns",
            ["Returns", "退货", "Devoluciones", "المرتجعات"],
            [
                "What was given back, as a negative amount, on the day of the refund.",
                "退款金额，以负数计入退款当日。",
                "Lo devuelto, como importe negativo, en la fecha del reembolso.",
                "ما أُعيد، بقيمة سالبة، في يوم الاسترداد.",
            ],
            &[(M::Returns, 1)],
            Unit::Money,
        )
    },
    Definition {
        date_basis: DateBasis::Mixed,
        ..sum(
            "net_sales",
            ["Net sales", "净销售额", "Ventas netas", "صافي المبيعات"],
            [
                "Gross sales less discounts and returns.",
                "总销售额减去折扣和退货。",
                "Ventas brutas menos descuentos y devoluciones.",
                "إجمالي المبيعات ناقص الخصومات والمرتجعات.",
            ],
            NET,
            Unit::Money,
        )
    },
    Definition {
        direction: Direction::Neutral,
        ..sum(
            "taxes",
            ["Taxes", "税费", "Impuestos", "الضرائب"],
            [
                "Taxes charged on the orders.",
                "订单收取的税费。",
                "Impuestos cobrados en los pedidos.",
                "الضرائب المحصّلة على الطلبات.",
            ],
            &[(M::Taxes, 1)],
            Unit::Money,
        )
    },
    Definition {
        direction: Direction::Neutral,
        ..sum(
            "shipping",
            ["Shipping", "运费", "Envío", "الشحن"],
            [
                "Shipping charged on the orders.",
                "订单收取的运费。",
                "Envío cobrado en los pedidos.",
                "رسوم الشحن المحصّلة على الطلبات.",
            ],
            &[(M::Shipping, 1)],
            Unit::Money,
        )
    },
    Definition {
        date_basis: DateBasis::Mixed,
        ..sum(
            "total_sales",
            [
                "Total sales",
                "销售总计",
                "Ventas totales",
                "المبيعات الكلية",
            ],
            [
                "Net sales plus taxes and shipping, as far as the files say them.",
                "净销售额加税费和运费（以文件中写明的为限）。",
                "Ventas netas más impuestos y envío, hasta donde los archivos los indican.",
                "صافي المبيعات زائد الضرائب والشحن، بقدر ما تذكرها الملفات.",
            ],
            &[
                (M::Gross, 1),
                (M::Discounts, -1),
                (M::Returns, 1),
                (M::Taxes, 1),
                (M::Shipping, 1),
            ],
            Unit::Money,
        )
    },
    sum(
        "orders",
        ["Orders", "订单", "Pedidos", "الطلبات"],
        [
            "Orders with at least one item sold; cancelled and test orders are left out.",
            "至少售出一件商品的订单；不含已取消和测试订单。",
            "Pedidos con al menos un artículo vendido; sin cancelados ni de prueba.",
            "الطلبات التي فيها صنف مبيع واحد على الأقل، دون الملغاة والتجريبية.",
        ],
        &[(M::Orders, 1)],
        Unit::Count,
    ),
    sum(
        "units",
        [
            "Units sold",
            "销售件数",
            "Unidades vendidas",
            "الوحدات المبيعة",
        ],
        [
            "Pieces sold, before returns.",
            "售出件数，未扣除退货。",
            "Piezas vendidas, antes de devoluciones.",
            "القطع المبيعة قبل المرتجعات.",
        ],
        &[(M::Units, 1)],
        Unit::Quantity,
    ),
    Definition {
        formula: Formula::Ratio {
            numerator: &[(M::Gross, 1), (M::Discounts, -1)],
            denominator: &[(M::Orders, 1)],
        },
        ..sum(
            "aov",
            [
                "Average order value",
                "平均订单金额",
                "Valor medio del pedido",
                "متوسط قيمة الطلب",
            ],
            [
                "Gross sales less discounts, divided by orders (Shopify's definition since 2023).",
                "（总销售额 − 折扣）÷ 订单数（Shopify 2023 年起的定义）。",
                "Ventas brutas menos descuentos, entre pedidos (definición de Shopify desde 2023).",
                "إجمالي المبيعات ناقص الخصومات، مقسومًا على الطلبات (تعريف Shopify منذ 2023).",
            ],
            &[],
            Unit::Money,
        )
    },
    sum(
        "customers",
        ["Customers", "客户", "Clientes", "العملاء"],
        [
            "Known customers with an order.",
            "有订单的已知客户。",
            "Clientes conocidos con un pedido.",
            "العملاء المعروفون الذين لديهم طلب.",
        ],
        &[(M::Customers, 1)],
        Unit::Count,
    ),
    sum(
        "new_customers",
        ["New customers", "新客户", "Clientes nuevos", "العملاء الجدد"],
        [
            "Customers whose first order ever lies in the period.",
            "首次下单在该时段内的客户。",
            "Clientes cuyo primer pedido cae en el período.",
            "العملاء الذين يقع أول طلب لهم في الفترة.",
        ],
        &[(M::NewCustomers, 1)],
        Unit::Count,
    ),
    sum(
        "returning_customers",
        [
            "Returning customers",
            "回头客",
            "Clientes recurrentes",
            "العملاء العائدون",
        ],
        [
            "Customers of the period with more than one order in their lifetime, as of its end.",
            "截至时段结束，累计下单超过一次的该时段客户。",
            "Clientes del período con más de un pedido en su vida, al final de este.",
            "عملاء الفترة الذين لديهم أكثر من طلب حتى نهايتها.",
        ],
        &[(M::ReturningCustomers, 1)],
        Unit::Count,
    ),
    Definition {
        formula: Formula::Ratio {
            numerator: &[(M::ReturningCustomers, 1)],
            denominator: &[(M::Customers, 1)],
        },
        ..sum(
            "returning_customer_rate",
            [
                "Returning customer rate",
                "回头客比例",
                "Tasa de clientes recurrentes",
                "معدل العملاء العائدين",
            ],
            [
                "Returning customers divided by customers.",
                "回头客 ÷ 客户。",
                "Clientes recurrentes entre clientes.",
                "العملاء العائدون مقسومًا على العملاء.",
            ],
            &[],
            Unit::Ratio,
        )
    },
    Definition {
        formula: Formula::Ratio {
            numerator: &[(M::Returns, -1)],
            denominator: &[(M::Gross, 1)],
        },
        date_basis: DateBasis::Mixed,
        direction: Direction::Down,
        ..sum(
            "refund_rate_value",
            [
                "Refund rate by value",
                "退款金额率",
                "Tasa de reembolso por valor",
                "معدل الاسترداد بالقيمة",
            ],
            [
                "Value given back divided by gross sales.",
                "退款金额 ÷ 总销售额。",
                "Valor devuelto entre ventas brutas.",
                "القيمة المستردة مقسومة على إجمالي المبيعات.",
            ],
            &[],
            Unit::Ratio,
        )
    },
    Definition {
        formula: Formula::Ratio {
            numerator: &[(M::ReturnedOrders, 1)],
            denominator: &[(M::Orders, 1)],
        },
        date_basis: DateBasis::Mixed,
        direction: Direction::Down,
        ..sum(
            "refund_rate_orders",
            [
                "Refund rate by orders",
                "退款订单率",
                "Tasa de reembolso por pedidos",
                "معدل الاسترداد بالطلبات",
            ],
            [
                "Orders or credit notes with a return, divided by orders.",
                "有退货的订单或贷记单 ÷ 订单数。",
                "Pedidos o notas de abono con devolución, entre pedidos.",
                "الطلبات أو الإشعارات الدائنة التي فيها مرتجع، مقسومة على الطلبات.",
            ],
            &[],
            Unit::Ratio,
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_stand_in_the_order_of_the_ids() {
        for metric in Metric::ALL {
            assert_eq!(metric.definition().id, metric.id());
            assert_eq!(metric.id().parse::<Metric>(), Ok(*metric));
            assert!(metric.definition().formula.terms().count() > 0, "{metric}");
        }
        assert_eq!(Metric::ALL.len(), DEFINITIONS.len());
    }

    #[test]
    fn every_text_stands_in_every_language() {
        for metric in Metric::ALL {
            let d = metric.definition();
            for texts in [d.names, d.explanations] {
                assert!(texts.iter().all(|t| !t.trim().is_empty()), "{metric}");
                assert!(texts.windows(2).all(|w| w[0] != w[1]), "{metric}");
            }
        }
    }

    #[test]
    fn the_error_names_what_there_is() {
        let error = "turnover".parse::<Metric>().map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains("net_sales") && e.contains("turnover")));
    }
}
