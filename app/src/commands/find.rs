//! Finds what was meant by a few letters: in any case, with or without accents, with a typing error or two.

/// `text` as it is compared: small letters without accents, Arabic letters in one form, full-width signs as ASCII.
pub fn fold(text: &str) -> String {
    text.chars().filter_map(fold_char).collect()
}

fn fold_char(c: char) -> Option<char> {
    Some(match c {
        // Accents of their own, Arabic vowel signs and the sign that only stretches a word.
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}' => return None,
        '\u{ff01}'..='\u{ff5e}' => return fold_char(char::from_u32(u32::from(c) - 0xfee0)?),
        'à'..='å' | 'À'..='Å' => 'a',
        'ç' | 'Ç' => 'c',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ñ' | 'Ñ' => 'n',
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ý' | 'ÿ' | 'Ý' => 'y',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ة' => 'ه',
        'ى' | 'ئ' => 'ي',
        'ؤ' => 'و',
        _ if c.is_alphanumeric() => c.to_ascii_lowercase(),
        _ => ' ',
    })
}

/// A word without the Arabic article.
fn bare(word: &str) -> &str {
    word.strip_prefix("ال")
        .filter(|rest| rest.chars().count() > 1)
        .unwrap_or(word)
}

/// How far `query` is from what `terms` (folded already) call a thing: 0 is its very name, absent is another thing.
/// Every word of the query has to be found; of an empty query everything is as near.
pub fn distance(query: &str, terms: &str) -> Option<u32> {
    let mut far = 0;
    for word in fold(query).split_whitespace().map(bare) {
        far += terms
            .split_whitespace()
            .map(bare)
            .filter_map(|term| between(word, term))
            .min()?;
    }
    Some(far)
}

/// How far a word is from a term: as it is, its beginning, a part of it, its beginning with typing errors.
fn between(word: &str, term: &str) -> Option<u32> {
    if word == term {
        return Some(0);
    }
    if term.starts_with(word) {
        return Some(1);
    }
    let letters = word.chars().count();
    // Words of a script without spaces are parts of what is written together; of others a letter or two says nothing.
    if (letters >= 3 || !word.is_ascii()) && term.contains(word) {
        return Some(2);
    }
    let most = match letters {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    let errors = errors(word, term);
    (errors <= most).then_some(2 + errors)
}

/// The fewest errors that make `word` of some beginning of `term`: a letter too many, missing, wrong, or two swapped.
fn errors(word: &str, term: &str) -> u32 {
    let word: Vec<char> = word.chars().collect();
    let term: Vec<char> = term.chars().collect();
    let first: Vec<u32> = (0..).take(term.len() + 1).collect();
    // Rows of the table of distances between beginnings: the last two.
    let (mut before, mut row) = (first.clone(), first);
    for (i, letter) in word.iter().enumerate() {
        let mut next = vec![row.first().map_or(0, |n| n + 1)];
        for (j, other) in term.iter().enumerate() {
            let at = |row: &[u32], j: usize| row.get(j).copied().unwrap_or(u32::MAX / 2);
            let mut least = (at(&row, j) + u32::from(letter != other))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped =
                i > 0 && j > 0 && word.get(i - 1) == Some(other) && term.get(j - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.into_iter().min().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        assert_eq!(fold("Orígenes"), "origenes");
        assert_eq!(fold("Ori\u{301}genes"), "origenes");
        assert_eq!(fold("ÜBERSICHT"), "ubersicht");
        assert_eq!(fold("ＡＢＣ"), "abc");
        assert_eq!(fold("الإعدَاداتُ"), fold("الاعدادات"));
        assert_eq!(fold("لوحة"), fold("لوحه"));
    }

    #[test]
    fn the_nearer_a_word_the_shorter_the_distance() {
        let far = |query| distance(query, "upload a file");
        assert_eq!(far("upload"), Some(0));
        assert_eq!(far("Upl"), Some(1));
        assert_eq!(far("load"), Some(2));
        assert_eq!(far("uplaod"), Some(3), "two letters swapped");
        assert_eq!(far("uplod"), Some(3), "one is missing");
        assert_eq!(far("uppload fiel"), Some(6));
        assert_eq!(far("tables"), None);
        assert_eq!(far("upload tables"), None, "each word counts");
        assert_eq!(far(""), Some(0));
        assert_eq!(far("xy"), None);
    }

    #[test]
    fn words_are_found_without_spaces_and_articles() {
        assert_eq!(distance("示例", "上传文件示例"), Some(2));
        assert_eq!(distance("المصادر", &fold("مصادر")), Some(0));
        assert_eq!(distance("مصادر", &fold("المصادر")), Some(0));
    }
}
