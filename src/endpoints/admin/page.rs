//! Lists in pages. A page starts after the last entry of the one before it, by an index.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use writ_core::{Cause, Error, Params};

use super::reply::Reply;
use crate::{
    fault::{Fault, Stop},
    store::Id,
};

/// The default number of entries.
const DEFAULT: i64 = 50;
/// Maximum number of entries.
const MOST: i64 = 200;
/// Maximum length of a cursor, in bytes.
const LONGEST_CURSOR: usize = 2000;

/// The parameters of a list.
pub(super) const PARAMETERS: [&str; 2] = ["after", "limit"];

/// The parameters of a list, for its description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes the query")]
pub(super) struct PageParams {
    /// The `next` of the page before.
    after: Option<String>,
    /// The number of entries, 1 to 200. The default is 50.
    limit: Option<i64>,
}

/// The requested page.
#[derive(Debug, Clone)]
pub(super) struct PageRequest {
    /// The cursor. Empty for the first page.
    pub(super) after: String,
    limit: i64,
}

/// A page of entries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// The `after` of the next page. `null` on the last page.
    next: Option<String>,
}

impl PageRequest {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`Cause::QueryInvalid`].
    pub(super) fn parse(params: &Params) -> Result<Self, Error> {
        let invalid = |description: String| Error::new(Cause::QueryInvalid, description);
        let limit = params.get("limit")?.map_or(Some(DEFAULT), |limit| limit.parse().ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        let limit = limit.ok_or_else(|| invalid(format!("limit must be 1 to {MOST}")))?;
        let after = params.get("after")?.unwrap_or_default();
        if after.len() > LONGEST_CURSOR || after.contains('\0') {
            return Err(invalid("after is not the next of a page".to_owned()));
        }
        Ok(Self { after: after.to_owned(), limit })
    }

    /// The number of rows to read: one more than on the page, to know whether there is a next one.
    pub(super) fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// The cursor of rows that are ordered by their id.
    ///
    /// # Errors
    /// [`Cause::QueryInvalid`].
    pub(super) fn after_id(&self) -> Result<Option<Id>, Error> {
        if self.after.is_empty() {
            return Ok(None);
        }
        let id = self.after.parse().map_err(|_| Error::new(Cause::QueryInvalid, "after is not the next of a page"))?;
        Ok(Some(id))
    }

    /// Responds with the rows that were read. `cursor` is that of an entry.
    ///
    /// # Errors
    /// The fault of an entry that cannot be shown.
    pub(super) fn respond<R, T: Serialize>(
        &self,
        mut rows: Vec<R>,
        cursor: impl Fn(&R) -> String,
        entry: impl FnMut(R) -> Result<T, Fault>,
    ) -> Result<Reply, Stop> {
        let most = usize::try_from(self.limit).unwrap_or_default();
        let has_more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| has_more).map(cursor);
        let items = rows.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Reply::ok(&Page { items, next }))
    }
}

/// A list that is short enough for one page.
pub(super) fn whole<T>(items: Vec<T>) -> Page<T> {
    Page { items, next: None }
}
