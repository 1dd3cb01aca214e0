//! The history: what is asked of the storage, and how its rows are shown.

use super::{Around, moment, state, totals, uploads};
use crate::entry::Entered;
use api::uploads::{Listing, PAGE, Parent, Person, Piece, Row, Sort, State, Who};
use backend::{
    lineage,
    storage::uploads::{Sort as StoredSort, SortBy, UploadFilter, UploadState},
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::HashMap;
use types::{Day, Page, UploadId};
use uploads::{Upload as Stored, UploadError};

/// Uploads shown on the dashboard.
const RECENT: u32 = 5;

pub fn newest() -> UploadFilter {
    UploadFilter {
        limit: RECENT,
        ..UploadFilter::default()
    }
}

pub async fn list(on: &Entered, listing: &Listing) -> Result<Page<Row>, UploadError> {
    let zone = Around::of(on).await?.zone;
    match filter(listing, &zone) {
        Some(filter) => rows(on, &filter).await,
        None => Ok(Page {
            items: Vec::new(),
            total: 0,
            offset: 0,
        }),
    }
}

/// Everybody who ever sent an upload and can be named: people first, each kind by name.
pub async fn senders(on: &Entered) -> Result<Vec<Person>, UploadError> {
    let senders = uploads::senders(&on.backend, &on.ctx).await?;
    let around = Around::of(on).await?;
    let mut people: Vec<Person> = senders
        .into_iter()
        .filter_map(|sender| {
            Some(Person {
                id: sender.to_string(),
                who: around.who(Some(sender))?,
            })
        })
        .collect();
    people.sort_by_key(|person| match &person.who {
        Who::Person(name) => (0, name.clone(), person.id.clone()),
        Who::Key(name) => (1, name.clone(), person.id.clone()),
        Who::Watch(url) => (2, url.clone(), person.id.clone()),
        Who::Command => (3, String::new(), person.id.clone()),
    });
    Ok(people)
}

/// `None`: nothing can be meant, for nobody of that name ever sent anything.
fn filter(listing: &Listing, zone: &TimeZone) -> Option<UploadFilter> {
    let by = match &listing.who {
        Some(who) => Some(who.parse().ok()?),
        None => None,
    };
    Some(UploadFilter {
        data_set: listing.data_set.clone(),
        from: listing.since.and_then(|day| begin_of(day, zone)),
        before: listing.until.and_then(|day| begin_of(day.plus(1), zone)),
        by,
        text: listing.text.clone(),
        states: listing.state.map(stored_state).into_iter().collect(),
        sort: StoredSort {
            by: match listing.sort {
                Sort::Created => SortBy::Seq,
                Sort::FileName => SortBy::FileName,
                Sort::Size => SortBy::Size,
                Sort::State => SortBy::State,
                Sort::Rows => SortBy::Rows,
                Sort::Rejected => SortBy::Rejected,
            },
            descending: !listing.ascending,
        },
        offset: listing.page * PAGE,
        limit: PAGE as u32,
    })
}

/// When a day of the shop begins.
fn begin_of(day: Day, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(day.date().at(0, 0, 0, 0)).ok()
}

pub async fn rows(on: &Entered, filter: &UploadFilter) -> Result<Page<Row>, UploadError> {
    let found = uploads::list(&on.backend, &on.ctx, filter).await?;
    let around = Around::of(on).await?;
    let parents = found.items.iter().filter_map(|stored| stored.parent);
    let names = lineage::file_names(&on.backend, &on.ctx, parents).await?;
    let mut split = HashMap::new();
    for stored in &found.items {
        split.insert(stored.id, pieces(on, stored).await?);
    }
    Ok(found.map(|stored| {
        let pieces = split.remove(&stored.id).unwrap_or_default();
        row(&around, &stored, &names, pieces)
    }))
}

/// What an upload was split into.
async fn pieces(on: &Entered, stored: &Stored) -> Result<Vec<Piece>, UploadError> {
    let found = uploads::pieces(&on.backend, &on.ctx, stored).await?;
    let piece = |stored: Stored| Piece {
        id: stored.id,
        state: state(stored.state),
        file_name: stored.file_name,
    };
    Ok(found.into_iter().map(piece).collect())
}

/// What was split off an upload, and what it was split off from.
pub async fn kin(
    on: &Entered,
    found: &Result<Stored, UploadError>,
) -> Result<(Vec<Piece>, Option<Parent>), UploadError> {
    let Ok(stored) = found else {
        return Ok((Vec::new(), None));
    };
    let from = stored.taken_from.as_ref().map(|from| from.upload);
    let mut names = lineage::file_names(&on.backend, &on.ctx, from).await?;
    let parent = |id| {
        Some(Parent {
            id,
            file_name: names.remove(&id)?,
        })
    };
    Ok((pieces(on, stored).await?, from.and_then(parent)))
}

fn row(
    around: &Around,
    stored: &Stored,
    names: &HashMap<UploadId, String>,
    pieces: Vec<Piece>,
) -> Row {
    // A result of another version is shown as unknown: the page is no place to fail over it.
    let result = uploads::result(stored).ok().flatten();
    Row {
        id: stored.id,
        file_name: stored.file_name.clone(),
        size: stored.size,
        state: state(stored.state),
        created_by: around.who(stored.sent_by),
        created: moment(stored.created_at, &around.zone),
        rows: result.as_ref().map(|r| r.rows),
        rejected: result.as_ref().map(|r| r.rejected),
        totals: result.map(totals).unwrap_or_default(),
        parent: stored.parent.and_then(|id| {
            Some(Parent {
                id,
                file_name: names.get(&id)?.clone(),
            })
        }),
        pieces,
    }
}

fn stored_state(state: State) -> UploadState {
    match state {
        State::Receiving => UploadState::Receiving,
        State::Received => UploadState::Received,
        State::Inspecting => UploadState::Inspecting,
        State::Question => UploadState::Question,
        State::Ready => UploadState::Ready,
        State::Importing => UploadState::Importing,
        State::Held => UploadState::Held,
        State::Done => UploadState::Done,
        State::Failed => UploadState::Failed,
        State::Cancelled => UploadState::Cancelled,
        State::Undone => UploadState::Undone,
        State::Split => UploadState::Split,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_the_same_word_on_both_sides() {
        for stored in UploadState::ALL {
            assert_eq!(state(stored).as_str(), stored.as_str());
            assert_eq!(stored_state(state(stored)), stored);
        }
    }

    #[test]
    fn days_of_the_shop_begin_where_it_is() {
        let listing = Listing {
            since: Some("2026-03-28".parse().unwrap()),
            until: Some("2026-03-29".parse().unwrap()),
            who: Some("command".to_owned()),
            ..Listing::default()
        };
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let asked = filter(&listing, &berlin).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // The clocks go forward in between.
        assert_eq!(asked.from, Some(at("2026-03-27T23:00:00Z")));
        assert_eq!(asked.before, Some(at("2026-03-29T22:00:00Z")));
        let nobody = Listing {
            who: Some("the cat".to_owned()),
            ..Listing::default()
        };
        assert!(filter(&nobody, &berlin).is_none());
    }
}
