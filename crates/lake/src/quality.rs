//! Rules about what an upload brought, checked on its lines before they count.

mod check;

pub use check::Inspected;
pub(crate) use check::check;

use crate::tables;
use ingest::DataSet;
use serde::{Deserialize, Serialize};
use types::{Day, Micros};

/// What a failing rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// The upload is not published until somebody decides so.
    Critical,
}

/// A column of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    OrderId,
    Sku,
    ProductName,
    Category,
    Customer,
    Country,
    Region,
    City,
    Channel,
    PaymentMethod,
    Currency,
    CustomerId,
    CustomerName,
    Brand,
    Barcode,
    ProductStatus,
    Location,
    Code,
    PromotionKind,
    Campaign,
    EventName,
    Visitor,
    Session,
    FromCurrency,
    ToCurrency,
}

/// A column of amounts or quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    Quantity,
    UnitPrice,
    Gross,
    Discount,
    Returns,
    Tax,
    Shipping,
    Price,
    Cost,
    OnHand,
    Spend,
    EventValue,
    PromotionValue,
    /// Whole numbers.
    Impressions,
    Clicks,
    /// In billionths where amounts and quantities are millionths.
    Rate,
}

/// What values are compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    These(Vec<String>),
    /// What stands in the same column of the other uploads that count.
    Earlier,
}

/// A condition. Shares are from 0 to 1, of the lines that were looked at; a rule fails above its share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// Lines without a value.
    NotNull { column: Text, max_share: f64 },
    /// Lines whose values in these columns together stand on an earlier line of the file too.
    Unique { columns: Vec<Text>, max_share: f64 },
    /// Lines outside of the range, its ends included.
    Range {
        column: Number,
        min: Option<Micros>,
        max: Option<Micros>,
        max_share: f64,
    },
    /// Lines of days before `from`, or later than `ahead` days from today.
    Days {
        from: Day,
        ahead: i32,
        max_share: f64,
    },
    /// Lines with a value that is not known. Without a value is no failure here.
    Reference {
        column: Text,
        known: Known,
        max_share: f64,
    },
    /// The last day is more than this many days ago.
    Freshness { max_days: i32 },
    /// Lines a day are this many times more, or fewer, than in the other uploads that count. Needs a week of each.
    VolumeDrift { max_factor: f64 },
    /// Records that were rejected.
    Rejected { max_share: f64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Of a built-in rule a word; of a tenant's own its name.
    pub id: String,
    pub severity: Severity,
    #[serde(flatten)]
    pub check: Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// There was nothing to look at or to compare with.
    Skipped,
}

/// What a rule said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    #[serde(flatten)]
    pub rule: Rule,
    pub outcome: Outcome,
    /// Lines, or records.
    pub checked: u64,
    pub failing: u64,
    /// What was compared with the rule's limit: a share, days, a factor.
    pub value: Option<f64>,
    /// Some of the values that failed.
    pub examples: Vec<String>,
}

impl Verdict {
    /// Whether the upload has to wait for somebody's decision.
    pub fn stops(&self) -> bool {
        self.outcome == Outcome::Failed && self.rule.severity == Severity::Critical
    }
}

impl Rule {
    /// What holds for this data set of every shop.
    pub fn of(set: DataSet) -> Vec<Self> {
        if set == DataSet::Orders {
            return Self::of_orders();
        }
        let rule = |id: &str, severity, check| Self {
            id: id.to_owned(),
            severity,
            check,
        };
        let named = |id, column| {
            let max_share = 0.5;
            rule(id, Severity::Warning, Check::NotNull { column, max_share })
        };
        let once = |id, column| {
            let columns = vec![column];
            let max_share = 0.0;
            rule(id, Severity::Warning, Check::Unique { columns, max_share })
        };
        let million = Some(Micros(1_000_000_000_000));
        let range = |id, column, min| {
            Check::Range {
                column,
                min,
                max: million,
                max_share: 0.0,
            }
            .warn(id)
        };
        let not_negative = Some(Micros::ZERO);
        let days = |ahead| {
            Check::Days {
                from: Day(9_131),
                ahead,
                max_share: 0.0,
            }
            .warn("some_impossible_days")
        };
        let mut rules = vec![rule(
            "mostly_rejected",
            Severity::Critical,
            Check::Rejected { max_share: 0.9 },
        )];
        rules.extend(match set {
            DataSet::Orders => Vec::new(),
            DataSet::Events => vec![days(2)],
            DataSet::Products => vec![
                named("products_named", Text::ProductName),
                once("products_once", Text::Sku),
                range("prices", Number::Price, not_negative),
                range("costs", Number::Cost, not_negative),
            ],
            DataSet::Customers => vec![named("customers_named", Text::CustomerName)],
            DataSet::Inventory => {
                vec![days(2), range("stock", Number::OnHand, not_negative)]
            }
            DataSet::Promotions => vec![once("promotions_once", Text::Code)],
            DataSet::Costs => vec![range("costs", Number::Cost, not_negative)],
            DataSet::AdSpend => vec![
                days(2),
                named("campaigns_named", Text::Campaign),
                range("spend", Number::Spend, not_negative),
            ],
            DataSet::Rates => vec![days(2)],
        });
        rules
    }

    /// What holds for the orders of every shop.
    pub fn of_orders() -> Vec<Self> {
        let rule = |id: &str, severity, check| Self {
            id: id.to_owned(),
            severity,
            check,
        };
        let million = Some(Micros(1_000_000_000_000));
        let minus_million = Some(Micros(-1_000_000_000_000));
        vec![
            rule(
                "mostly_rejected",
                Severity::Critical,
                Check::Rejected { max_share: 0.9 },
            ),
            // 1995: nobody has sold online before, and a date read wrongly falls there or into the future.
            rule(
                "impossible_days",
                Severity::Critical,
                Check::Days {
                    from: Day(9_131),
                    ahead: 2,
                    max_share: 0.5,
                },
            ),
            rule(
                "some_impossible_days",
                Severity::Warning,
                Check::Days {
                    from: Day(9_131),
                    ahead: 2,
                    max_share: 0.0,
                },
            ),
            rule(
                "products_named",
                Severity::Warning,
                Check::NotNull {
                    column: Text::ProductName,
                    max_share: 0.5,
                },
            ),
            rule(
                "huge_quantities",
                Severity::Warning,
                Check::Range {
                    column: Number::Quantity,
                    min: minus_million,
                    max: million,
                    max_share: 0.0,
                },
            ),
            rule(
                "huge_prices",
                Severity::Warning,
                Check::Range {
                    column: Number::UnitPrice,
                    min: minus_million,
                    max: million,
                    max_share: 0.0,
                },
            ),
            rule(
                "another_currency",
                Severity::Warning,
                Check::Reference {
                    column: Text::Currency,
                    known: Known::Earlier,
                    max_share: 0.0,
                },
            ),
            rule(
                "volume",
                Severity::Warning,
                Check::VolumeDrift { max_factor: 5.0 },
            ),
            rule("fresh", Severity::Info, Check::Freshness { max_days: 90 }),
        ]
    }
}

impl Check {
    /// Whether files of this data set have what it looks at.
    pub fn fits(&self, set: DataSet) -> bool {
        let silver = tables::silver(set);
        match self {
            Self::Days { .. } | Self::Freshness { .. } | Self::VolumeDrift { .. } => {
                silver.has("day")
            }
            Self::NotNull { .. }
            | Self::Unique { .. }
            | Self::Range { .. }
            | Self::Reference { .. }
            | Self::Rejected { .. } => self.columns().iter().all(|column| silver.has(column)),
        }
    }

    fn warn(self, id: &str) -> Rule {
        Rule {
            id: id.to_owned(),
            severity: Severity::Warning,
            check: self,
        }
    }
}

impl Text {
    fn column(self) -> &'static str {
        match self {
            Self::OrderId => "order_id",
            Self::Sku => "sku",
            Self::ProductName => "product_name",
            Self::Category => "category",
            Self::Customer => "customer",
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::Channel => "channel",
            Self::PaymentMethod => "payment_method",
            Self::Currency => "currency",
            Self::CustomerId => "customer_id",
            Self::CustomerName => "customer_name",
            Self::Brand => "brand",
            Self::Barcode => "barcode",
            Self::ProductStatus => "product_status",
            Self::Location => "location",
            Self::Code => "code",
            Self::PromotionKind => "promotion_kind",
            Self::Campaign => "campaign",
            Self::EventName => "event_name",
            Self::Visitor => "visitor",
            Self::Session => "session",
            Self::FromCurrency => "from_currency",
            Self::ToCurrency => "to_currency",
        }
    }
}

impl Number {
    fn column(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::UnitPrice => "unit_price",
            Self::Gross => "gross",
            Self::Discount => "discount",
            Self::Returns => "returns",
            Self::Tax => "tax",
            Self::Shipping => "shipping",
            Self::Price => "price",
            Self::Cost => "cost",
            Self::OnHand => "on_hand",
            Self::Spend => "spend",
            Self::EventValue => "event_value",
            Self::PromotionValue => "promotion_value",
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Rate => "rate",
        }
    }

    /// How 1 is kept.
    fn one(self) -> i64 {
        match self {
            Self::Impressions | Self::Clicks => 1,
            Self::Rate => 1_000_000_000,
            _ => 1_000_000,
        }
    }

    /// Whether a kept value is less than a limit, in millionths.
    fn is_below(self, value: i64, limit: Micros) -> bool {
        i128::from(value) * 1_000_000 < i128::from(limit.0) * i128::from(self.one())
    }

    fn is_above(self, value: i64, limit: Micros) -> bool {
        i128::from(value) * 1_000_000 > i128::from(limit.0) * i128::from(self.one())
    }

    /// A kept value as people write it; of a rate its first six digits.
    fn text(self, value: i64) -> String {
        let micros = i128::from(value) * 1_000_000 / i128::from(self.one());
        Micros(i64::try_from(micros).unwrap_or(i64::MAX)).to_string()
    }
}
