//! The signing key: one Ed25519 key pair, made at the first start, in a file only its owner reads.

use crate::KeyError;
use access::Randomness;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto::aws_lc, jwk::Jwk};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// PKCS #8 version 1 of an Ed25519 key (RFC 8410), up to the 32 bytes of the key itself.
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

#[derive(Clone)]
pub struct Keys {
    seed: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub fn generate(randomness: &Randomness) -> Self {
        Self {
            seed: randomness.bytes(),
        }
    }

    /// As `openssl genpkey -algorithm ed25519` writes it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let body = text
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(END))
            .ok_or(KeyError::NotAKey)?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::NotAKey)?;
        let seed = der
            .strip_prefix(&PKCS8_PREFIX)
            .and_then(|seed| <[u8; 32]>::try_from(seed).ok())
            .ok_or(KeyError::NotAKey)?;
        Ok(Self { seed })
    }

    pub fn to_pem(&self) -> String {
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(self.pkcs8()))
    }

    /// Reads the key, or makes one. Of several processes that start together, one makes it.
    pub fn load_or_create(path: &Path, randomness: &Randomness) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                refuse_exposed(path)?;
                return Self::from_pem(&text);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let keys = Self::generate(randomness);
        let id = u64::from_be_bytes(randomness.bytes());
        let draft = path.with_extension(format!("{id:016x}"));
        let made = write_private(&draft, &keys.to_pem())
            // Complete or absent, and never in place of another process's.
            .and_then(|()| fs::hard_link(&draft, path))
            .and_then(|()| sync_folder(path));
        // The key has its name by now, or the draft is worthless.
        let _ = fs::remove_file(&draft);
        match made {
            Ok(()) => Ok(keys),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::from_pem(&fs::read_to_string(path).map_err(failed)?)
            }
            Err(error) => Err(failed(error)),
        }
    }

    pub(crate) fn signing(&self) -> EncodingKey {
        EncodingKey::from_ed_der(&self.pkcs8())
    }

    pub(crate) fn verifying(&self) -> jsonwebtoken::errors::Result<DecodingKey> {
        // Said, not left to what other crates' features add up to. Set before: by ourselves.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        DecodingKey::from_jwk(&Jwk::from_encoding_key(&self.signing(), Algorithm::EdDSA)?)
    }

    /// A secret of its own for each purpose, so that nothing said about one tells of another.
    pub(crate) fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"smartretail360/");
        for part in [purpose.as_bytes(), &self.seed].iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    fn pkcs8(&self) -> Vec<u8> {
        [PKCS8_PREFIX.as_slice(), &self.seed].concat()
    }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(|source| KeyError::File {
            path: path.to_owned(),
            source,
        })?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed(path.to_owned()))
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.key");
        let first = Keys::load_or_create(&path, &Randomness::System).unwrap();
        let again = Keys::load_or_create(&path, &Randomness::System).unwrap();
        assert_eq!(first.seed, again.seed);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Keys::load_or_create(&path, &Randomness::System),
            Err(KeyError::Exposed(_))
        ));
    }

    #[test]
    fn processes_that_start_together_share_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.key");
        let seeds: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        Keys::load_or_create(&path, &Randomness::System)
                            .unwrap()
                            .seed
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(seeds.iter().all(|seed| *seed == seeds[0]));
    }

    #[test]
    fn reads_what_openssl_writes_and_nothing_else() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
        let keys = Keys::from_pem(pem).unwrap();
        assert_eq!(keys.to_pem(), pem);
        assert!(keys.verifying().is_ok());
        for wrong in ["", "secret", &pem.replace("MC4C", "MC4D"), &pem[..80]] {
            assert!(matches!(Keys::from_pem(wrong), Err(KeyError::NotAKey)));
        }
        assert!(!format!("{keys:?}").contains("MC4C"));
    }

    #[test]
    fn secrets_of_two_purposes_differ() {
        let keys = Keys::generate(&Randomness::seeded(1));
        assert_ne!(keys.derive("a", &[b"bc"]), keys.derive("ab", &[b"c"]));
        assert_ne!(keys.derive("a", &[b"b", b"c"]), keys.derive("a", &[b"bc"]));
    }
}
