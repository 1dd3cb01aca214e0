use crate::catalogue::{Language, Texts, text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

macro_rules! dimensions {
    ($($variant:ident = $id:literal $names:expr),+ $(,)?) => {
        /// What figures are grouped and filtered by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Dimension { $($variant),+ }

        impl Dimension {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            pub fn names(self) -> Texts {
                match self { $(Self::$variant => $names),+ }
            }
        }

        impl FromStr for Dimension {
            type Err = UnknownDimension;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($id => Ok(Self::$variant),)+
                    _ => Err(UnknownDimension(text.to_owned())),
                }
            }
        }
    };
}

dimensions! {
    Day = "day" ["Day", "日", "Día", "اليوم"],
    Week = "week" ["Week", "周", "Semana", "الأسبوع"],
    Month = "month" ["Month", "月", "Mes", "الشهر"],
    Quarter = "quarter" ["Quarter", "季度", "Trimestre", "ربع السنة"],
    Year = "year" ["Year", "年", "Año", "السنة"],
    Weekday = "weekday" ["Weekday", "星期", "Día de la semana", "يوم الأسبوع"],
    Hour = "hour" ["Hour", "小时", "Hora", "الساعة"],
    Product = "product" ["SKU", "商品编码", "SKU", "رمز المنتج"],
    ProductName = "product_name" ["Product", "商品", "Producto", "المنتج"],
    Category = "category" ["Category", "类别", "Categoría", "الفئة"],
    Country = "country" ["Country", "国家", "País", "البلد"],
    Region = "region" ["Region", "地区", "Región", "المنطقة"],
    City = "city" ["City", "城市", "Ciudad", "المدينة"],
    Channel = "channel" ["Channel", "渠道", "Canal", "القناة"],
    PaymentMethod = "payment_method" ["Payment method", "支付方式", "Método de pago", "طريقة الدفع"],
    Customer = "customer" ["Customer", "客户", "Cliente", "العميل"],
    Currency = "currency" ["Currency", "货币", "Moneda", "العملة"],
    Upload = "upload" ["Upload", "上传", "Carga", "عملية الرفع"],
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no dimension `{0}`; the dimensions are: {all}", all = Dimension::ALL.iter().map(|d| d.id()).collect::<Vec<_>>().join(", "))]
pub struct UnknownDimension(pub String);

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Dimension {
    pub fn name(self, language: Language) -> &'static str {
        text(&self.names(), language)
    }

    /// A property of the line item rather than of its order.
    pub fn is_of_line(self) -> bool {
        matches!(self, Self::Product | Self::ProductName | Self::Category)
    }

    /// Computed from the day (or, for the hour, from the time of day).
    pub fn is_time(self) -> bool {
        matches!(
            self,
            Self::Day
                | Self::Week
                | Self::Month
                | Self::Quarter
                | Self::Year
                | Self::Weekday
                | Self::Hour
        )
    }
}
