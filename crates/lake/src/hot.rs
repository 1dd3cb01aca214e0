//! A tenant's gold in memory: every column an integer, texts behind one dictionary, one frame a data
//! file, so that a new version loads only the months that changed.

use crate::{
    error::LakeError,
    extra,
    gold::GoldVersions,
    parquet::{decode, decode_rows},
    rollup::Source,
    schema::{EXTRA, Field, Kind, TableSchema},
    snapshot::Snapshot,
    store::Lake,
    wanted::Wanted,
};
use metrics::ExtraColumn;
use polars::prelude::{Column, DataFrame, PolarsResult};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;
use types::TenantId;

/// Columns of data files that are held beside the frames.
const EXTRAS: usize = 512;

/// The code of "not known".
pub(crate) const UNKNOWN: u32 = 0;

/// Texts and their codes, from 1; it only grows.
#[derive(Debug)]
pub(crate) struct Dictionary {
    codes: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            codes: FxHashMap::default(),
            texts: vec!["".into()],
        }
    }
}

impl Dictionary {
    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return UNKNOWN;
        }
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let text: Arc<str> = text.into();
        let code = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Arc::clone(&text));
        self.codes.insert(text, code);
        code
    }
}

#[derive(Debug, Default)]
pub(crate) struct Hot {
    dictionary: RwLock<Dictionary>,
    /// Frames of data files by path; files are never changed once written.
    files: Mutex<FxHashMap<String, DataFrame>>,
    /// Columns made of what is in no frame, by their name and the data file.
    extras: Mutex<FxHashMap<(ExtraColumn, String), Column>>,
    current: Mutex<Option<Arc<Snapshot>>>,
}

/// Stretches of a file's rows; `None`: all of them.
pub(crate) type Rows = Option<Vec<Range<usize>>>;

impl Hot {
    pub async fn snapshot(
        self: &Arc<Self>,
        lake: &Lake,
        tenant: TenantId,
        versions: GoldVersions,
    ) -> Result<Arc<Snapshot>, LakeError> {
        let mut current = self.current.lock().await;
        if let Some(snapshot) = current.as_ref()
            && snapshot.versions == versions
        {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(Snapshot::new(Arc::clone(self), tenant, versions));
        self.forget_replaced(&snapshot.all_paths(lake).await?).await;
        *current = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Frees what was made of files that are no longer there.
    async fn forget_replaced(&self, kept: &FxHashSet<String>) {
        let mut files = self.files.lock().await;
        files.retain(|path, _| kept.contains(path));
        let mut extras = self.extras.lock().await;
        extras.retain(|(_, path), _| kept.contains(path));
    }

    /// All rows of a data file, which are held from then on.
    pub async fn file(
        self: &Arc<Self>,
        lake: &Lake,
        source: Source,
        path: &str,
    ) -> Result<DataFrame, LakeError> {
        let mut files = self.files.lock().await;
        if let Some(frame) = files.get(path) {
            return Ok(frame.clone());
        }
        let bytes = lake.objects.get(path).await?;
        let hot = Arc::clone(self);
        let frame = tokio::task::spawn_blocking(move || {
            let columns: Vec<_> = kept(source.schema()).map(|f| f.name).collect();
            hot.encode(source.schema(), &decode(bytes, Some(&columns))?)
        })
        .await??;
        files.insert(path.to_owned(), frame.clone());
        Ok(frame)
    }

    /// The rows of a data file of the lines that can be wanted. Where they are at most half of a file that is not held,
    /// only they are read, and they are not held.
    pub async fn part(
        self: &Arc<Self>,
        lake: &Lake,
        path: &str,
        wanted: &Wanted,
    ) -> Result<(Rows, Vec<DataFrame>), LakeError> {
        if let Some(frame) = self.files.lock().await.get(path) {
            return Ok((None, vec![frame.clone()]));
        }
        let bytes = lake.objects.get(path).await?;
        let (hot, wanted) = (Arc::clone(self), wanted.clone());
        let part = tokio::task::spawn_blocking(move || {
            let (rows, of) = wanted.rows(&bytes)?;
            if rows.iter().map(ExactSizeIterator::len).sum::<usize>() * 2 > of {
                return Ok(None);
            }
            let schema = Source::Lines.schema();
            let columns: Vec<_> = kept(schema).map(|f| f.name).collect();
            let frames = decode_rows(&bytes, Some(&columns), &rows)?
                .iter()
                .map(|frame| hot.encode(schema, frame))
                .collect::<Result<Vec<_>, _>>()?;
            Ok::<_, LakeError>(Some((rows, frames)))
        })
        .await??;
        match part {
            Some((rows, frames)) => Ok((Some(rows), frames)),
            None => Ok((None, vec![self.file(lake, Source::Lines, path).await?])),
        }
    }

    /// The codes of a column that is not mapped, of all rows of a data file of the lines.
    pub async fn extra(
        self: &Arc<Self>,
        lake: &Lake,
        name: ExtraColumn,
        path: &str,
    ) -> Result<Column, LakeError> {
        let mut extras = self.extras.lock().await;
        if extras.len() > EXTRAS {
            extras.retain(|(of, _), _| *of == name);
        }
        let key = (name, path.to_owned());
        if let Some(column) = extras.get(&key) {
            return Ok(column.clone());
        }
        let bytes = lake.objects.get(path).await?;
        let hot = Arc::clone(self);
        let column = tokio::task::spawn_blocking(move || {
            let texts = extra::texts(bytes, name)?;
            let codes = hot.codes(texts.iter().map(Option::as_deref));
            Ok::<_, LakeError>(extra::codes(name, codes))
        })
        .await??;
        extras.insert(key, column.clone());
        Ok(column)
    }

    /// The codes of texts, which are given one where they have none.
    pub fn codes<'a>(&self, texts: impl Iterator<Item = Option<&'a str>>) -> Vec<u32> {
        let mut dictionary = self
            .dictionary
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut last: Option<(&str, u32)> = None;
        texts
            .map(|text| {
                let text = text.unwrap_or_default();
                match last {
                    Some((known, code)) if known == text => code,
                    _ => {
                        let code = dictionary.code(text);
                        last = Some((text, code));
                        code
                    }
                }
            })
            .collect()
    }

    fn encode(&self, schema: &TableSchema, frame: &DataFrame) -> Result<DataFrame, LakeError> {
        let columns = kept(schema)
            .map(|field| {
                let column = frame.column(field.name)?;
                if field.kind != Kind::Text {
                    return Ok(column.clone());
                }
                let codes = self.codes(column.str()?.iter());
                Ok(Column::new(field.name.into(), codes))
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        Ok(DataFrame::new(frame.height(), columns)?)
    }

    pub fn text(&self, code: u32) -> String {
        let dictionary = self
            .dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let index = usize::try_from(code).unwrap_or(0);
        dictionary
            .texts
            .get(index)
            .map(|t| t.to_string())
            .unwrap_or_default()
    }

    /// `None` where no row that was read has this text.
    pub fn code(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(UNKNOWN);
        }
        self.dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .codes
            .get(text)
            .copied()
    }
}

/// What is held in memory of a table.
pub(crate) fn kept(schema: &TableSchema) -> impl Iterator<Item = &Field> {
    schema.fields.iter().filter(|f| f.name != EXTRA)
}
