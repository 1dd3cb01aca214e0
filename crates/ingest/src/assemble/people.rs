//! Who somebody is: a number that a shop gave, or what stands for an e-mail address. The address itself is kept nowhere.

use crate::hash::StableHash;
use crate::record::Link;
use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Addresses, and links of numbers with them, that are remembered at once: what is met again later costs a little time,
/// or is said once more.
const REMEMBERED: usize = 1 << 16;

#[derive(Default)]
pub(crate) struct People {
    /// By the address as it was written.
    hashes: FxHashMap<Box<str>, CompactString>,
    said: FxHashSet<u64>,
    pub links: Vec<Link>,
}

impl People {
    pub fn hash(&mut self, address: &str) -> CompactString {
        if let Some(hash) = self.hashes.get(address) {
            return hash.clone();
        }
        if self.hashes.len() >= REMEMBERED {
            self.hashes.clear();
        }
        let hash = CompactString::from(email_hash(address));
        self.hashes.insert(address.into(), hash.clone());
        hash
    }

    /// They are one person.
    pub fn link(&mut self, customer_id: &str, email_hash: &str) {
        let both = StableHash::default().text(customer_id).text(email_hash);
        if self.said.len() >= REMEMBERED {
            self.said.clear();
        }
        if self.said.insert(both.finish()) {
            self.links.push(Link {
                customer_id: customer_id.into(),
                email_hash: email_hash.into(),
            });
        }
    }
}

/// Whether it is an e-mail address and nothing else.
pub fn is_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(' '))
}

/// How a person's e-mail address is kept where the address itself is not: SHA-256 in hexadecimal of the address in
/// lower case, without blanks around it.
pub fn email_hash(address: &str) -> String {
    let digest = Sha256::digest(address.trim().to_lowercase());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether it can be what [`email_hash`] makes of an address.
pub fn is_email_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// What is kept of a value that nobody said is an address.
pub(crate) fn without_address(value: &str) -> Cow<'_, str> {
    if is_address(value) {
        Cow::Owned(email_hash(value))
    } else {
        Cow::Borrowed(value)
    }
}
