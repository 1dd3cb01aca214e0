//! The currency of amounts beside which the file names none: by its headers and signs, by an answer, by an assumption
//! that is stated, or by a question.

use crate::error::NotImportable;
use crate::field::Field;
use crate::inspect::assume;
use crate::inspection::{Assumption, Choice, Question, Reading};
use crate::mapping::Match;
use crate::number::{self, Decimal, Mark};
use crate::options::Options;
use crate::profile::Profile;
use crate::settle::column_of;
use crate::source::Source;
use types::{Currency, Micros};

/// What amounts are in.
pub(crate) struct Settled {
    /// Where nothing stands beside the amount.
    pub currency: Currency,
    /// Where a sign does that several currencies have, and one of them is this.
    pub signs: Currency,
}

/// What is known of a table's amounts.
pub(crate) struct Amounts<'a> {
    pub source: Source,
    /// Names in normal form.
    pub normal: &'a [String],
    pub matches: &'a [Match],
    pub profiles: &'a [Profile],
    pub decimal: Decimal,
}

impl Amounts<'_> {
    fn columns(&self) -> impl Iterator<Item = (usize, &Profile, &str)> {
        let all = self.matches.iter().zip(self.profiles).zip(self.normal);
        all.enumerate()
            .filter(|(_, ((found, _), _))| found.field.is_some_and(Field::money))
            .map(|(at, ((_, profile), name))| (at, profile, name.as_str()))
    }

    /// "Price (EUR)"
    fn named(&self) -> Option<Currency> {
        self.columns().find_map(|(_, _, name)| {
            name.split(' ')
                .find(|w| number::is_code(w) && !matches!(*w, "all" | "top" | "try"))
                .and_then(|w| w.parse().ok())
        })
    }

    /// The first sign of several meanings, its column and its meanings.
    fn doubtful(&self) -> Option<(usize, &Profile, Vec<Currency>)> {
        self.columns().find_map(|(at, profile, _)| {
            let meanings = profile.marks.iter().map(|mark| number::meanings(*mark));
            let several = meanings.into_iter().find(|them| them.len() > 1)?;
            Some((at, profile, several))
        })
    }

    /// A sign or code that says it plainly.
    fn plain(&self) -> Option<Currency> {
        let mut marks = self.columns().flat_map(|(_, profile, _)| &profile.marks);
        marks.find_map(|mark| match mark {
            Mark::Known(currency) => Some(*currency),
            _ => None,
        })
    }

    /// Currencies of the countries that orders went to, the first ones first.
    fn of_countries(&self) -> Vec<Currency> {
        let profile = column_of(self.matches, Field::Country).and_then(|at| self.profiles.get(at));
        let samples = profile.map(|p| p.samples.as_slice()).unwrap_or_default();
        samples.iter().filter_map(|name| of_country(name)).collect()
    }
}

pub(crate) fn currency(
    amounts: &Amounts<'_>,
    options: &Options,
    questions: &mut Vec<Question>,
    assumptions: &mut Vec<Assumption>,
) -> Result<Settled, NotImportable> {
    let home = options.currency;
    let doubtful = amounts.doubtful();
    let among = |currency: &Currency| {
        let fits = |(_, _, them): &(usize, &Profile, Vec<Currency>)| them.contains(currency);
        doubtful.as_ref().is_some_and(fits)
    };
    let settled = |currency: Currency| Settled {
        currency,
        signs: if among(&currency) { currency } else { home },
    };
    if let Some(answer) = options.decisions.get("currency") {
        return answer
            .parse()
            .ok()
            .filter(|c: &Currency| number::is_code(c.as_str()))
            .map(settled)
            .ok_or_else(|| NotImportable::BadDecision {
                key: "currency".to_owned(),
                value: answer.clone(),
                expected: "Use a three-letter code, for example EUR.".to_owned(),
            });
    }
    if column_of(amounts.matches, Field::Currency).is_some() {
        return Ok(settled(home));
    }
    if let Some(currency) = amounts.named() {
        return Ok(settled(currency));
    }
    let plain = amounts.plain();
    if let Some((at, profile, meanings)) = &doubtful {
        if let Some(said) = plain.filter(among) {
            return Ok(settled(said));
        }
        if among(&home) {
            assumptions.push(assume(
                "currency_sign",
                format!("The currency sign in the amounts is read as {home}."),
            ));
            return Ok(settled(home));
        }
        let possible = with_cents(meanings, profile, amounts.decimal);
        if let [only] = possible.as_slice() {
            assumptions.push(assume(
                "currency_sign",
                format!("The currency sign in the amounts is read as {only}."),
            ));
            return Ok(settled(*only));
        }
        let likely = by_likelihood(&possible, &amounts.of_countries(), options);
        questions.push(question(*at, profile, &likely, amounts.decimal));
        return Ok(settled(likely.first().copied().unwrap_or(home)));
    }
    if let Some(currency) = plain {
        return Ok(settled(currency));
    }
    let (currency, why) = match amounts.source {
        Source::UciOnlineRetail => (
            Currency::GBP,
            "this data set's amounts are in pounds sterling",
        ),
        Source::Olist => (
            "BRL".parse().unwrap_or(home),
            "this data set's amounts are in Brazilian reais",
        ),
        _ => (home, "the file names no currency, and this is your shop's"),
    };
    assumptions.push(assume(
        "currency",
        format!("Amounts are in {currency}: {why}."),
    ));
    Ok(settled(currency))
}

/// Without the currencies that have no cents, where amounts have some.
fn with_cents(meanings: &[Currency], profile: &Profile, decimal: Decimal) -> Vec<Currency> {
    let cents = profile.samples.iter().any(|raw| {
        let number = number::parse(raw, decimal);
        number.is_some_and(|number| number.micros.0 % Micros::ONE.0 != 0)
    });
    let with = |currency: &&Currency| !cents || currency.exponent() > 0;
    let possible: Vec<Currency> = meanings.iter().filter(with).copied().collect();
    if possible.is_empty() {
        meanings.to_vec()
    } else {
        possible
    }
}

/// Meanings of a sign: those of the countries in the file first, then that of the shop's own place, then as often as
/// they are met.
fn by_likelihood(
    meanings: &[Currency],
    countries: &[Currency],
    options: &Options,
) -> Vec<Currency> {
    let place = options.timezone.iana_name().and_then(of_zone);
    let evidence = countries.iter().copied().chain(place);
    let mut likely: Vec<Currency> = Vec::new();
    for currency in evidence.chain(meanings.iter().copied()) {
        if meanings.contains(&currency) && !likely.contains(&currency) {
            likely.push(currency);
        }
    }
    likely
}

fn question(at: usize, profile: &Profile, likely: &[Currency], decimal: Decimal) -> Question {
    let signed = |raw: &&String| {
        let mark = number::parse(raw, decimal).and_then(|n| n.mark);
        mark.is_some_and(|mark| number::meanings(mark).len() > 1)
    };
    let option = |currency: &Currency| Choice {
        value: currency.to_string(),
        label: currency.to_string(),
        readings: profile
            .samples
            .iter()
            .filter(signed)
            .take(3)
            .map(|raw| Reading {
                raw: raw.clone(),
                read: number::parse(raw, decimal).map_or_else(
                    || "not a number".to_owned(),
                    |n| format!("{} {currency}", n.micros),
                ),
            })
            .collect(),
    };
    Question {
        id: "currency".to_owned(),
        message: "This currency sign stands for several currencies. Which one is it?".to_owned(),
        column: Some(at),
        options: likely.iter().map(option).collect(),
    }
}

/// Countries whose currency has a sign that others have too: their currency, ISO code and names.
const COUNTRIES: &[(&str, &[&str])] = &[
    (
        "USD",
        &[
            "us",
            "usa",
            "united states",
            "united states of america",
            "estados unidos",
            "ee uu",
            "美国",
            "الولايات المتحدة",
        ],
    ),
    ("CAD", &["ca", "canada", "canadá", "加拿大", "كندا"]),
    ("AUD", &["au", "australia", "澳大利亚", "أستراليا"]),
    (
        "NZD",
        &["nz", "new zealand", "nueva zelanda", "新西兰", "نيوزيلندا"],
    ),
    (
        "SGD",
        &["sg", "singapore", "singapur", "新加坡", "سنغافورة"],
    ),
    ("HKD", &["hk", "hong kong", "香港", "هونغ كونغ"]),
    ("TWD", &["tw", "taiwan", "taiwán", "台湾", "تايوان"]),
    ("MXN", &["mx", "mexico", "méxico", "墨西哥", "المكسيك"]),
    ("CLP", &["cl", "chile", "智利", "تشيلي"]),
    ("COP", &["co", "colombia", "哥伦比亚", "كولومبيا"]),
    ("ARS", &["ar", "argentina", "阿根廷", "الأرجنتين"]),
    ("JPY", &["jp", "japan", "japón", "日本", "اليابان"]),
    ("CNY", &["cn", "china", "中国", "الصين"]),
    (
        "SEK",
        &["se", "sweden", "sverige", "suecia", "瑞典", "السويد"],
    ),
    (
        "NOK",
        &["no", "norway", "norge", "noruega", "挪威", "النرويج"],
    ),
    (
        "DKK",
        &["dk", "denmark", "danmark", "dinamarca", "丹麦", "الدنمارك"],
    ),
    (
        "ISK",
        &["is", "iceland", "ísland", "islandia", "冰岛", "آيسلندا"],
    ),
    ("INR", &["in", "india", "印度", "الهند"]),
    (
        "PKR",
        &["pk", "pakistan", "pakistán", "巴基斯坦", "باكستان"],
    ),
    ("LKR", &["lk", "sri lanka", "斯里兰卡", "سريلانكا"]),
    ("NPR", &["np", "nepal", "尼泊尔", "نيبال"]),
    (
        "MUR",
        &["mu", "mauritius", "mauricio", "毛里求斯", "موريشيوس"],
    ),
];

fn of_country(name: &str) -> Option<Currency> {
    let name = name.trim().to_lowercase();
    let (code, _) = COUNTRIES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))?;
    code.parse().ok()
}

/// Zones of the same countries; of those with many, what their names begin with.
const ZONES: &[(&str, &[&str])] = &[
    (
        "CAD",
        &[
            "America/Toronto",
            "America/Vancouver",
            "America/Montreal",
            "America/Halifax",
            "America/Winnipeg",
            "America/Edmonton",
            "America/Regina",
            "America/St_Johns",
            "Canada/",
        ],
    ),
    ("AUD", &["Australia/"]),
    ("NZD", &["Pacific/Auckland", "Pacific/Chatham", "NZ"]),
    ("SGD", &["Asia/Singapore", "Singapore"]),
    ("HKD", &["Asia/Hong_Kong", "Hongkong"]),
    ("TWD", &["Asia/Taipei"]),
    (
        "MXN",
        &[
            "America/Mexico_City",
            "America/Monterrey",
            "America/Tijuana",
            "America/Cancun",
            "America/Merida",
            "Mexico/",
        ],
    ),
    ("CLP", &["America/Santiago", "Chile/"]),
    ("COP", &["America/Bogota"]),
    ("ARS", &["America/Argentina/", "America/Buenos_Aires"]),
    ("JPY", &["Asia/Tokyo", "Japan"]),
    (
        "CNY",
        &["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "PRC"],
    ),
    ("SEK", &["Europe/Stockholm"]),
    ("NOK", &["Europe/Oslo"]),
    ("DKK", &["Europe/Copenhagen"]),
    ("ISK", &["Atlantic/Reykjavik", "Iceland"]),
    ("INR", &["Asia/Kolkata", "Asia/Calcutta"]),
    ("PKR", &["Asia/Karachi"]),
    ("LKR", &["Asia/Colombo"]),
    ("NPR", &["Asia/Kathmandu", "Asia/Katmandu"]),
    ("MUR", &["Indian/Mauritius"]),
];

fn of_zone(zone: &str) -> Option<Currency> {
    let there = |name: &&str| match name.strip_suffix('/') {
        Some(_) => zone.starts_with(name),
        None => zone == *name,
    };
    let (code, _) = ZONES.iter().find(|(_, names)| names.iter().any(there))?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_comes_before_what_is_common() {
        let meanings = number::meanings(Mark::Dollar);
        let first = |countries: &[&str], zone: &str| {
            let countries: Vec<Currency> = countries.iter().filter_map(|c| of_country(c)).collect();
            let zone = jiff::tz::TimeZone::get(zone).unwrap();
            let options = Options::new(zone, Currency::EUR);
            let likely = by_likelihood(&meanings, &countries, &options);
            assert_eq!(likely.len(), meanings.len());
            likely.first().map(ToString::to_string).unwrap()
        };
        assert_eq!(first(&[], "Europe/Madrid"), "USD");
        assert_eq!(first(&[], "Australia/Sydney"), "AUD");
        assert_eq!(first(&["Spain", "Canada", "US"], "Australia/Sydney"), "CAD");
        assert_eq!(first(&["JP", " México "], "Europe/Oslo"), "MXN");
    }

    #[test]
    fn each_country_has_a_meaning_of_a_sign() {
        let signs = [Mark::Dollar, Mark::Yen, Mark::Krone, Mark::Rupee];
        let meanings: Vec<Currency> = signs.into_iter().flat_map(number::meanings).collect();
        for (code, _) in COUNTRIES.iter().chain(ZONES) {
            assert!(meanings.contains(&code.parse().unwrap()), "{code}");
        }
    }
}
