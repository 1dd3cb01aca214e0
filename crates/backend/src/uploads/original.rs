//! What was sent, to be taken back home: the file, one of several, or all of them as a zip archive.

use super::{UploadError, get, sources};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use objects::{ObjectError, Objects, Window};
use storage::uploads::{Part, Upload};
use types::UploadId;

/// A file on its way out.
pub struct OriginalFile<S> {
    /// As the sender called it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub bytes: S,
}

/// Sizes and offsets in a plain zip archive have 32 bits.
const ARCHIVE: u64 = u32::MAX as u64;

/// The bytes of an upload, for who may take them away: of the part with this number, from 0, or of the whole, which is
/// a zip archive where there are several parts.
///
/// # Errors
/// [`UploadError::Incomplete`] where they are not all there yet; [`UploadError::TooLarge`] where the parts are too large
/// for an archive: each can be had by itself.
pub async fn original_file(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    part: Option<usize>,
) -> Result<OriginalFile<impl Stream<Item = Result<Bytes, ObjectError>> + Send + use<>>, UploadError>
{
    authorize(ctx, Action::Export, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    if upload.sha256.is_none() {
        return Err(UploadError::Incomplete {
            received: upload.received,
            size: upload.size,
        });
    }
    let windows = sources::windows(ctx, &upload);
    if part.is_none() && windows.len() > 1 {
        return archive(&backend.objects, &upload, windows);
    }
    let at = part.unwrap_or(0);
    let (Some(window), Some(name)) = (windows.get(at), sources::names(&upload).get(at).cloned())
    else {
        return Err(UploadError::NotFound);
    };
    let bytes = if windows.len() == 1 && upload.taken_from.is_none() {
        backend.objects.stream(&window.path).await?.boxed()
    } else {
        backend.objects.stream_window(window).await?.boxed()
    };
    Ok(OriginalFile {
        name,
        size: window.bytes.end - window.bytes.start,
        bytes,
    })
}

fn archive(
    objects: &Objects,
    upload: &Upload,
    windows: Vec<Window>,
) -> Result<OriginalFile<stream::BoxStream<'static, Result<Bytes, ObjectError>>>, UploadError> {
    let entries = entries(&upload.parts);
    // A local header, a descriptor and an entry of the directory for each, and the directory's end.
    let overhead = |e: &Entry| 30 + 16 + 46 + 2 * e.name.len() as u64;
    let size = upload.size + entries.iter().map(overhead).sum::<u64>() + 22;
    if size > ARCHIVE {
        return Err(UploadError::TooLarge {
            size,
            limit: ARCHIVE,
        });
    }
    let objects = objects.clone();
    let files = stream::iter(entries.into_iter().zip(windows).map(Ok::<_, ObjectError>));
    let directory = Directory::default();
    let written = stream::try_unfold(
        (files, directory, None::<Open>),
        move |(mut files, mut directory, open)| {
            let objects = objects.clone();
            async move {
                let mut open = match open {
                    Some(open) => open,
                    None => match files.try_next().await? {
                        Some((entry, window)) => {
                            let bytes = objects.stream_window(&window).await?.boxed();
                            let head = entry.local();
                            let open = Open {
                                entry,
                                bytes,
                                sum: flate2::Crc::new(),
                            };
                            return Ok(Some((head, (files, directory, Some(open)))));
                        }
                        None if directory.ended => return Ok(None),
                        None => return Ok(Some((directory.end(), (files, directory, None)))),
                    },
                };
                match open.bytes.try_next().await? {
                    Some(piece) => {
                        open.sum.update(&piece);
                        Ok(Some((piece, (files, directory, Some(open)))))
                    }
                    None => {
                        let descriptor = directory.close(&open.entry, open.sum.sum());
                        Ok(Some((descriptor, (files, directory, None))))
                    }
                }
            }
        },
    );
    Ok(OriginalFile {
        name: format!("{}.zip", upload.id),
        size,
        bytes: written.boxed(),
    })
}

struct Open {
    entry: Entry,
    bytes: stream::BoxStream<'static, Result<Bytes, ObjectError>>,
    sum: flate2::Crc,
}

/// One file of the archive, stored as it is.
struct Entry {
    name: String,
    size: u32,
}

/// Names without folders, each once.
fn entries(parts: &[Part]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let base = part.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let base: String = base.chars().filter(|c| !c.is_control()).take(200).collect();
        let taken = base.trim_matches('.').is_empty() || entries.iter().any(|e| e.name == base);
        entries.push(Entry {
            name: if taken {
                format!("{}-{base}", at + 1)
            } else {
                base
            },
            // The whole fits an archive, or is refused.
            size: u32::try_from(part.size).unwrap_or(u32::MAX),
        });
    }
    entries
}

/// The sum stands behind the bytes, and names are UTF-8.
const FLAGS: u16 = 0x0808;
const VERSION: u16 = 20;
/// The first of January 1980, the earliest there is: when a file was made is not known.
const DATE: u16 = 0x21;

impl Entry {
    fn local(&self) -> Bytes {
        let mut out = Vec::new();
        out.extend(0x0403_4b50_u32.to_le_bytes());
        for n in [VERSION, FLAGS, 0, 0, DATE] {
            out.extend(n.to_le_bytes());
        }
        // Sum and sizes: see the descriptor.
        out.extend([0; 12]);
        out.extend(length(&self.name));
        out.extend([0; 2]);
        out.extend(self.name.as_bytes());
        out.into()
    }
}

fn length(name: &str) -> [u8; 2] {
    // At most 200 characters and a number before them.
    u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes()
}

#[derive(Default)]
struct Directory {
    bytes: Vec<u8>,
    entries: u16,
    /// Where the next file begins.
    at: u32,
    ended: bool,
}

impl Directory {
    /// Returns the descriptor of a file that was written.
    fn close(&mut self, entry: &Entry, sum: u32) -> Bytes {
        let out = &mut self.bytes;
        out.extend(0x0201_4b50_u32.to_le_bytes());
        for n in [VERSION, VERSION, FLAGS, 0, 0, DATE] {
            out.extend(n.to_le_bytes());
        }
        for n in [sum, entry.size, entry.size] {
            out.extend(n.to_le_bytes());
        }
        out.extend(length(&entry.name));
        // Extra, comment, disk, attributes.
        out.extend([0; 12]);
        out.extend(self.at.to_le_bytes());
        out.extend(entry.name.as_bytes());
        self.entries += 1;
        let name = u32::try_from(entry.name.len()).unwrap_or(u32::MAX);
        self.at = self.at.saturating_add(30 + name + entry.size + 16);
        let mut descriptor = Vec::new();
        for n in [0x0807_4b50, sum, entry.size, entry.size] {
            descriptor.extend(u32::to_le_bytes(n));
        }
        descriptor.into()
    }

    fn end(&mut self) -> Bytes {
        self.ended = true;
        let mut out = std::mem::take(&mut self.bytes);
        let size = u32::try_from(out.len()).unwrap_or(u32::MAX);
        out.extend(0x0605_4b50_u32.to_le_bytes());
        out.extend([0; 4]);
        for _ in 0..2 {
            out.extend(self.entries.to_le_bytes());
        }
        out.extend(size.to_le_bytes());
        out.extend(self.at.to_le_bytes());
        out.extend([0; 2]);
        out.into()
    }
}
