use super::{Movement, movements};
use crate::{CATEGORIES, PAYMENTS, Summary, cells::Cells, sales::Sales};
use std::{collections::HashSet, io};
use types::{Day, Micros};

/// How a person's own sheet writes things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub delimiter: char,
    /// `.` or `,`
    pub decimal: char,
    pub dates: Dates,
    pub headers: Headers,
    pub crlf: bool,
    /// UTF-8 with a byte order mark, as Excel saves it.
    pub bom: bool,
    /// Only days of the month up to the 12th, so that nothing tells day from month.
    pub ambiguous_days_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// `2026-03-31`
    Iso,
    /// `31/03/2026`
    DayFirst,
    /// `03/31/2026`
    MonthFirst,
    /// `31.03.2026`
    Dotted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    English,
    German,
    Spanish,
}

impl Sheet {
    pub const PLAIN: Self = Self {
        delimiter: ',',
        decimal: '.',
        dates: Dates::Iso,
        headers: Headers::English,
        crlf: false,
        bom: false,
        ambiguous_days_only: false,
    };

    /// Semicolons, decimal commas, `31.03.2026`: what a German Excel saves.
    pub const GERMAN: Self = Self {
        delimiter: ';',
        decimal: ',',
        dates: Dates::Dotted,
        headers: Headers::German,
        crlf: true,
        bom: true,
        ambiguous_days_only: false,
    };

    /// Semicolons, decimal commas, `31/03/2026`.
    pub const SPANISH: Self = Self {
        delimiter: ';',
        decimal: ',',
        dates: Dates::DayFirst,
        headers: Headers::Spanish,
        crlf: true,
        bom: false,
        ambiguous_days_only: false,
    };

    /// Day first, but no date shows it: the reader has to ask.
    pub const AMBIGUOUS: Self = Self {
        dates: Dates::DayFirst,
        ambiguous_days_only: true,
        ..Self::PLAIN
    };
}

impl Headers {
    fn names(self) -> [&'static str; 9] {
        match self {
            Self::English => [
                "Date",
                "Order number",
                "Product",
                "Category",
                "Quantity",
                "Unit price",
                "Customer",
                "Country",
                "Payment method",
            ],
            Self::German => [
                "Datum",
                "Bestellnummer",
                "Artikel",
                "Kategorie",
                "Menge",
                "Einzelpreis",
                "Kunde",
                "Land",
                "Zahlungsart",
            ],
            Self::Spanish => [
                "Fecha",
                "Número de pedido",
                "Producto",
                "Categoría",
                "Cantidad",
                "Precio unitario",
                "Cliente",
                "País",
                "Método de pago",
            ],
        }
    }
}

/// A sheet as people keep it: one row a line, returns as rows with a negative quantity; no discounts, taxes,
/// shipping, currency or cancelled orders.
pub fn sheet(sales: &Sales, style: Sheet, mut out: impl io::Write) -> io::Result<Summary> {
    if style.bom {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let newline = if style.crlf { "\r\n" } else { "\n" };
    let mut cells = Cells::new(out, style.delimiter, style.decimal, newline);
    cells.texts(style.headers.names()).end()?;
    let mut summary = Summary::default();
    let (mut orders, mut customers) = (HashSet::new(), HashSet::new());
    for movement in movements(sales) {
        let (order, line, day, quantity, price) = match movement {
            Movement::Sold(order, line) => (order, line, order.day, line.quantity, line.price),
            Movement::Returned(order, line, back) => {
                (order, line, back.day, -back.quantity, back.price)
            }
        };
        if style.ambiguous_days_only && day.date().day() > 12 {
            continue;
        }
        let product = &sales.products[line.product];
        let person = sales.addressee(order);
        cells
            .text(&written(day, style.dates))
            .int(order.number as i64)
            .text(&product.name)
            .text(CATEGORIES[product.category].name)
            .int(quantity)
            .money(price)
            .text(order.customer.map_or("", |_| &person.id))
            .text(person.home().name)
            .text(PAYMENTS[order.payment])
            .end()?;
        summary.records += 1;
        summary.first_day = summary.first_day.or(Some(day));
        summary.last_day = Some(day);
        customers.extend(order.customer);
        let amount = quantity * price * 10_000;
        if quantity > 0 {
            orders.insert(order.number);
            summary.lines += 1;
            summary.units.0 += quantity * 1_000_000;
            summary.gross.0 += amount;
        } else {
            summary.returned_lines += 1;
            summary.returns = Micros(summary.returns.0 + amount);
        }
    }
    summary.orders = orders.len() as u64;
    summary.customers = customers.len() as u64;
    cells.finish()?;
    Ok(summary)
}

fn written(day: Day, dates: Dates) -> String {
    let date = day.date();
    let (y, m, d) = (date.year(), date.month(), date.day());
    match dates {
        Dates::Iso => day.to_string(),
        Dates::DayFirst => format!("{d:02}/{m:02}/{y}"),
        Dates::MonthFirst => format!("{m:02}/{d:02}/{y}"),
        Dates::Dotted => format!("{d:02}.{m:02}.{y}"),
    }
}
