use crate::catalogue::{Language, Texts, text};
use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use thiserror::Error;

macro_rules! dimensions {
    ($($variant:ident = $id:literal $names:expr),+ $(,)?) => {
        /// What figures are grouped and filtered by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dimension {
            $($variant,)+
            /// A column of the merchant's files that has no meaning of its own here.
            Extra(ExtraColumn),
        }

        impl Dimension {
            /// All that every store has.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn id(&self) -> &str {
                match self {
                    $(Self::$variant => $id,)+
                    Self::Extra(column) => &column.0,
                }
            }

            pub fn name(&self, language: Language) -> &str {
                let names: Texts = match self {
                    $(Self::$variant => $names,)+
                    Self::Extra(column) => return column.name(),
                };
                text(&names, language)
            }
        }

        impl FromStr for Dimension {
            type Err = UnknownDimension;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($id => Ok(Self::$variant),)+
                    _ => ExtraColumn::of_id(text)
                        .map(Self::Extra)
                        .ok_or_else(|| UnknownDimension(text.to_owned())),
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
#[error("there is no dimension `{0}`; the dimensions are: {all}, and extra:COLUMN for a column of the files that was not mapped", all = Dimension::ALL.iter().map(|d| d.id()).collect::<Vec<_>>().join(", "))]
pub struct UnknownDimension(pub String);

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Dimension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Dimension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        id.parse().map_err(de::Error::custom)
    }
}

const EXTRA: &str = "extra:";
/// The longest name of a column that figures can be asked by, in bytes.
const EXTRA_BYTES: usize = 90;

/// The name of a column that was kept though nothing is known of it: `extra:Warehouse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtraColumn(ArrayString<{ EXTRA.len() + EXTRA_BYTES }>);

impl ExtraColumn {
    /// `None` where the name is empty or longer than 90 bytes.
    pub fn new(name: &str) -> Option<Self> {
        Self::of_id(&format!("{EXTRA}{name}"))
    }

    fn of_id(id: &str) -> Option<Self> {
        let name = id.strip_prefix(EXTRA)?;
        if name.trim().is_empty() {
            return None;
        }
        ArrayString::from(id).ok().map(Self)
    }

    /// As the file's header has it.
    pub fn name(&self) -> &str {
        self.0.get(EXTRA.len()..).unwrap_or_default()
    }
}

impl Dimension {
    /// A property of the line item rather than of its order.
    pub fn is_of_line(self) -> bool {
        matches!(
            self,
            Self::Product | Self::ProductName | Self::Category | Self::Extra(_)
        )
    }

    /// Of which it is not known what it tells about persons.
    pub fn is_extra(self) -> bool {
        matches!(self, Self::Extra(_))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back() {
        for dimension in Dimension::ALL {
            assert_eq!(dimension.id().parse(), Ok(*dimension));
        }
        let warehouse = Dimension::Extra(ExtraColumn::new("Ware house №2").unwrap());
        assert_eq!(warehouse.id(), "extra:Ware house №2");
        assert_eq!(warehouse.id().parse(), Ok(warehouse));
        assert_eq!(warehouse.name(Language::En), "Ware house №2");
        let text = serde_json::to_string(&warehouse).unwrap();
        assert_eq!(serde_json::from_str::<Dimension>(&text).unwrap(), warehouse);
        for wrong in [
            "extra:",
            "extra: ",
            "extra",
            "warehouse",
            &format!("extra:{}", "x".repeat(91)),
        ] {
            assert!(wrong.parse::<Dimension>().is_err(), "{wrong}");
        }
    }
}
