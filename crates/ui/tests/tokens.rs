//! The colours of `style/tokens.css` can be read in both themes (WCAG 2.2 AA: 4.5 for text, 3 for
//! the edges and marks that carry meaning).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, fs, path::Path};

type Pair = [[f64; 3]; 2];

fn channel(hex: &str) -> f64 {
    let c = f64::from(u8::from_str_radix(hex, 16).unwrap()) / 255.0;
    if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

fn tokens() -> BTreeMap<String, Pair> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../style/tokens.css");
    let css = fs::read_to_string(path).unwrap();
    css.lines()
        .filter_map(|line| {
            let (name, value) = line
                .trim()
                .strip_prefix("--")?
                .split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            let colour = |hex: &str| {
                let hex = hex.strip_prefix('#')?;
                Some([
                    channel(&hex[0..2]),
                    channel(&hex[2..4]),
                    channel(&hex[4..6]),
                ])
            };
            Some((name.to_owned(), [colour(light)?, colour(dark)?]))
        })
        .collect()
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn check(fore: &str, back: &str, least: f64) {
    let tokens = tokens();
    for (theme, nth) in [("light", 0), ("dark", 1)] {
        let ratio = contrast(tokens[fore][nth], tokens[back][nth]);
        assert!(
            ratio >= least,
            "{theme}: {fore} on {back} has {ratio:.2}, needs {least}"
        );
    }
}

#[test]
fn words_can_be_read_on_every_surface() {
    for back in ["bg", "surface", "raised", "sunken", "hover", "neutral-tint"] {
        for fore in ["text", "muted", "accent"] {
            check(fore, back, 4.5);
        }
    }
    for back in ["bg", "surface", "raised"] {
        for fore in ["good", "bad", "warn"] {
            check(fore, back, 4.5);
        }
    }
}

#[test]
fn words_can_be_read_on_their_tint() {
    for tone in ["accent", "good", "bad", "warn"] {
        check(tone, &format!("{tone}-tint"), 4.5);
        check("text", &format!("{tone}-tint"), 4.5);
        check("muted", &format!("{tone}-tint"), 4.5);
    }
    check("on-accent", "accent", 4.5);
    check("on-accent", "accent-hover", 4.5);
    check("on-bad", "bad", 4.5);
}

#[test]
fn series_stand_out_from_the_card() {
    for n in 1..=7 {
        check(&format!("series-{n}"), "surface", 3.0);
    }
}
