//! Places of others, where files are looked for and from where they are copied: read only.
//!
//! A folder is read without `object_store`, which follows links: here a link leads nowhere.

use crate::ObjectError;
use bytes::Bytes;
use object_store::{
    ObjectStore,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
};
use thiserror::Error;
use url::Url;

/// A folder or a prefix below which places may be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    Folder(PathBuf),
    S3 { bucket: String, prefix: Path },
}

/// As [`FromStr`] reads it.
impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "file://{}", path.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Who says which places are allowed, and with what an S3 store is opened.
#[derive(Clone, Default)]
pub struct Allowed {
    /// Empty: none is.
    pub roots: Vec<Root>,
    /// As the environment names them: `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, ...
    pub s3: Vec<(String, String)>,
}

impl fmt::Debug for Allowed {
    /// Without what the store is opened with: secrets are among it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowed")
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Error)]
pub enum PlaceError {
    #[error("`{0}` is not a place to watch: write file:///absolute/folder or s3://bucket/prefix")]
    Url(String),
    #[error(
        "`{0}` does not lie below a folder that may be watched (watch.roots in the configuration)"
    )]
    NotAllowed(String),
    #[error("`{path}` cannot be looked at: {source}")]
    Folder { path: String, source: io::Error },
    #[error("`{name}` is a link or no file")]
    NotAFile { name: String },
    #[error("`{name}` cannot be read: {source}")]
    Read { name: String, source: io::Error },
    #[error("`{name}` has changed while it was read")]
    Changed { name: String },
    #[error("the store did not answer as it should: {0}")]
    Store(#[from] object_store::Error),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error("a task was stopped: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// A file of a place, and which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Within the place, without folders.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Microseconds UTC, by the place's clock.
    pub modified: i64,
    /// Empty where the place has none.
    pub etag: String,
}

/// An open place.
#[derive(Clone)]
pub struct Place(Inner);

#[derive(Clone)]
enum Inner {
    /// Canonical.
    Folder(PathBuf),
    Store {
        store: Arc<dyn ObjectStore>,
        prefix: Path,
    },
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Folder(path) => write!(f, "Place({})", path.display()),
            Inner::Store { store, prefix } => write!(f, "Place({store}/{prefix})"),
        }
    }
}

impl FromStr for Root {
    type Err = PlaceError;

    /// `/folder`, `file:///folder` or `s3://bucket/prefix`.
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let wrong = || PlaceError::Url(text.to_owned());
        if text.starts_with('/') {
            let url = Url::from_directory_path(text).map_err(|()| wrong())?;
            return Self::from_str(url.as_str());
        }
        // A URL forgets its `..` when it is read: what is meant is said without.
        let dots = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            matches!(plain.as_str(), "." | "..")
        };
        if text.split(['/', '\\']).any(dots) || text.contains('\0') {
            return Err(wrong());
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(wrong());
        }
        match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| wrong())?;
                Ok(Self::Folder(path))
            }
            "s3" => Ok(Self::S3 {
                bucket: url.host_str().ok_or_else(wrong)?.to_owned(),
                prefix: Path::from_url_path(url.path()).map_err(|_| wrong())?,
            }),
            _ => Err(wrong()),
        }
    }
}

impl Place {
    /// Opens a place that lies below one of the roots.
    ///
    /// # Errors
    /// It is not allowed, or a folder that is not there.
    pub fn open(url: &str, allowed: &Allowed) -> Result<Self, PlaceError> {
        let refused = || PlaceError::NotAllowed(url.to_owned());
        match url.parse()? {
            Root::Folder(path) => {
                let below = |path: &std::path::Path, of: &dyn Fn(&PathBuf) -> Option<PathBuf>| {
                    allowed.roots.iter().any(|root| match root {
                        Root::Folder(root) => of(root).is_some_and(|root| path.starts_with(root)),
                        Root::S3 { .. } => false,
                    })
                };
                let real = match fs::canonicalize(&path) {
                    Ok(real) => real,
                    // What lies outside is not even said to be there or not.
                    Err(source) if below(&path, &|root| Some(root.clone())) => {
                        return Err(PlaceError::Folder {
                            path: path.display().to_string(),
                            source,
                        });
                    }
                    Err(_) => return Err(refused()),
                };
                if !below(&real, &|root| fs::canonicalize(root).ok()) {
                    return Err(refused());
                }
                Ok(Self(Inner::Folder(real)))
            }
            Root::S3 { bucket, prefix } => {
                let below = allowed.roots.iter().any(|root| match root {
                    Root::S3 {
                        bucket: of,
                        prefix: above,
                    } => *of == bucket && prefix.prefix_matches(above),
                    Root::Folder(_) => false,
                });
                if !below {
                    return Err(refused());
                }
                let mut builder = AmazonS3Builder::new().with_bucket_name(&bucket);
                for (name, value) in &allowed.s3 {
                    if let Ok(key) = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase()) {
                        builder = builder.with_config(key, value);
                    }
                }
                Ok(Self(Inner::Store {
                    store: Arc::new(builder.build()?),
                    prefix,
                }))
            }
        }
    }

    /// The files that lie in it, not those in folders below, by name.
    pub async fn list(&self) -> Result<Vec<Found>, PlaceError> {
        let mut found = match &self.0 {
            Inner::Folder(folder) => {
                let folder = folder.clone();
                tokio::task::spawn_blocking(move || files(&folder)).await??
            }
            Inner::Store { store, prefix } => {
                let prefix = (!prefix.as_ref().is_empty()).then_some(prefix);
                let listed = store.list_with_delimiter(prefix).await?;
                listed
                    .objects
                    .into_iter()
                    .filter_map(|meta| {
                        Some(Found {
                            name: meta.location.filename()?.to_owned(),
                            size: meta.size,
                            modified: meta.last_modified.timestamp_micros(),
                            etag: meta.e_tag.unwrap_or_default(),
                        })
                    })
                    .collect()
            }
        };
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The bytes of this version of a file from `offset` on, `length` of them at most; none behind its end.
    ///
    /// # Errors
    /// [`PlaceError::Changed`] where it is another version by now.
    pub async fn read(
        &self,
        file: &Found,
        offset: u64,
        length: usize,
    ) -> Result<Bytes, PlaceError> {
        match &self.0 {
            Inner::Folder(folder) => {
                let (folder, file) = (folder.clone(), file.clone());
                tokio::task::spawn_blocking(move || piece(&folder, &file, offset, length)).await?
            }
            Inner::Store { store, prefix } => {
                let end = file.size.min(offset.saturating_add(length as u64));
                if offset >= end {
                    return Ok(Bytes::new());
                }
                let location = located(prefix, &file.name)?;
                let options = object_store::GetOptions {
                    range: Some((offset..end).into()),
                    if_match: (!file.etag.is_empty()).then(|| file.etag.clone()),
                    ..object_store::GetOptions::default()
                };
                let changed = || PlaceError::Changed {
                    name: file.name.clone(),
                };
                let found = match store.get_opts(&location, options).await {
                    Ok(found) => found,
                    Err(
                        object_store::Error::Precondition { .. }
                        | object_store::Error::NotFound { .. },
                    ) => return Err(changed()),
                    Err(error) => return Err(error.into()),
                };
                if found.meta.size != file.size {
                    return Err(changed());
                }
                Ok(found.bytes().await?)
            }
        }
    }
}

/// A name is the store's own: nothing in it is escaped once more.
fn located(prefix: &Path, name: &str) -> Result<Path, PlaceError> {
    let location = Path::parse(format!("{prefix}/{name}"));
    Ok(location.map_err(object_store::Error::from)?)
}

/// Microseconds since 1970; 0 where the file system does not know.
fn modified(about: &fs::Metadata) -> i64 {
    let since = about
        .modified()
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

fn files(folder: &std::path::Path) -> Result<Vec<Found>, PlaceError> {
    let wrong = |source| PlaceError::Folder {
        path: folder.display().to_string(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        // Of the entry itself, not of what a link leads to.
        let about = match entry.metadata() {
            Ok(about) => about,
            // Gone meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(wrong(error)),
        };
        let name = entry.file_name();
        // A name that is no text cannot be told to anybody.
        if let (true, Some(name)) = (about.is_file(), name.to_str()) {
            found.push(Found {
                name: name.to_owned(),
                size: about.len(),
                modified: modified(&about),
                etag: String::new(),
            });
        }
    }
    Ok(found)
}

fn piece(
    folder: &std::path::Path,
    file: &Found,
    offset: u64,
    length: usize,
) -> Result<Bytes, PlaceError> {
    let name = || file.name.clone();
    let wrong = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => PlaceError::Changed { name: name() },
        _ => PlaceError::Read {
            name: name(),
            source,
        },
    };
    let path = folder.join(&file.name);
    // Before it is opened: a pipe would be waited for.
    let beside = fs::symlink_metadata(&path).map_err(wrong)?;
    if !beside.is_file() {
        return Err(PlaceError::NotAFile { name: name() });
    }
    let mut open = File::open(&path).map_err(wrong)?;
    let about = open.metadata().map_err(wrong)?;
    // What was opened is what lay in the folder under this name, and not where a link leads that was put there.
    let here = fs::canonicalize(&path).map_err(wrong)? == path;
    if !here || !same(&about, &beside) {
        return Err(PlaceError::NotAFile { name: name() });
    }
    if about.len() != file.size || modified(&about) != file.modified {
        return Err(PlaceError::Changed { name: name() });
    }
    open.seek(SeekFrom::Start(offset)).map_err(wrong)?;
    let mut bytes = Vec::new();
    open.take(length as u64)
        .read_to_end(&mut bytes)
        .map_err(wrong)?;
    Ok(bytes.into())
}

#[cfg(unix)]
fn same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    a.file_type() == b.file_type() && a.len() == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::{ObjectStoreExt, memory::InMemory};

    fn s3(url: &str) -> (String, Path) {
        match url.parse() {
            Ok(Root::S3 { bucket, prefix }) => (bucket, prefix),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_prefix_lies_below_another_by_whole_names() {
        let allowed = Allowed {
            roots: vec!["s3://bucket/shop".parse().unwrap()],
            s3: vec![("AWS_REGION".to_owned(), "eu-central-1".to_owned())],
        };
        let open = |url: &str| Place::open(url, &allowed);
        for url in [
            "s3://bucket/shop",
            "s3://bucket/shop/",
            "s3://bucket/shop/a",
        ] {
            assert!(open(url).is_ok(), "{url}");
        }
        for url in ["s3://bucket", "s3://bucket/shopping", "s3://other/shop"] {
            assert!(matches!(open(url), Err(PlaceError::NotAllowed(_))), "{url}");
        }
        for url in [
            "s3://bucket/shop/../x",
            "s3://bucket/shop/%2E./x",
            "s3://bucket/shop/%2e%2e%2fx",
            "s3://bucket/shop?x=1",
            "s3://key:secret@bucket/shop",
        ] {
            assert!(matches!(open(url), Err(PlaceError::Url(_))), "{url}");
        }
        assert_eq!(
            s3("s3://bucket/a%20b/"),
            ("bucket".to_owned(), Path::parse("a b").unwrap())
        );
    }

    #[tokio::test]
    async fn a_store_is_read_as_a_folder_is() {
        let store = Arc::new(InMemory::new());
        let put = async |name: &str, text: &'static str| {
            let path = Path::parse(name).unwrap();
            store.put(&path, text.into()).await.unwrap();
        };
        put("exports/100% #1.csv", "0123456789").await;
        put("exports/b.csv", "b").await;
        put("exports/deeper/c.csv", "c").await;
        put("exports-old/d.csv", "d").await;
        let place = Place(Inner::Store {
            store: store.clone(),
            prefix: s3("s3://bucket/exports").1,
        });
        let found = place.list().await.unwrap();
        let names: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.size)).collect();
        assert_eq!(names, [("100% #1.csv", 10), ("b.csv", 1)]);
        assert_eq!(place.read(&found[0], 0, 4).await.unwrap(), "0123");
        assert_eq!(place.read(&found[0], 4, 100).await.unwrap(), "456789");
        assert_eq!(place.read(&found[0], 10, 100).await.unwrap(), "");
        // Replaced between two pieces.
        put("exports/100% #1.csv", "9876543210").await;
        assert!(matches!(
            place.read(&found[0], 4, 100).await,
            Err(PlaceError::Changed { .. })
        ));
        assert_ne!(place.list().await.unwrap()[0], found[0]);
        store.delete(&Path::from("exports/b.csv")).await.unwrap();
        assert!(matches!(
            place.read(&found[1], 0, 1).await,
            Err(PlaceError::Changed { .. })
        ));
    }
}
