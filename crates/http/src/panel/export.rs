//! Activity as a file.

use rollcall_application::export::{Export, csv_lines};
use rollcall_application::panel::activity::list_activity;
use rollcall_application::ports::{ActivityEntry, ActivityQuery};
use rollcall_application::{Caller, Failure, Services};
use rollcall_domain::ActivityId;

use super::activity::ActivityEntryView;

/// Entries fetched in one go.
const BATCH: u32 = 500;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Comma-separated values with a header row (RFC 4180).
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// The format of a stable name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The ending of a file's name.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    fn header(self) -> String {
        match self {
            Self::Csv => csv_lines([ActivityEntryView::COLUMNS.map(str::to_owned)]),
            Self::JsonLines => String::new(),
        }
    }

    fn lines(self, entries: Vec<ActivityEntry>) -> String {
        let views = entries.into_iter().map(ActivityEntryView::from);
        match self {
            Self::Csv => csv_lines(views.map(|view| view.row())),
            Self::JsonLines => views.map(|view| json_line(&view)).collect(),
        }
    }
}

fn json_line(view: &ActivityEntryView) -> String {
    let mut line = serde_json::to_string(view).expect("an entry always renders as JSON");
    line.push('\n');
    line
}

/// The entries that the filters let through, as the text of a file.
///
/// # Errors
/// `not_allowed`.
pub(super) async fn export(
    services: &Services,
    caller: &Caller,
    query: ActivityQuery,
    format: Format,
) -> Result<Export, Failure> {
    let (services, caller) = (services.clone(), caller.clone());
    let begins = query.before;
    Export::begin(format.header(), move |cursor| {
        let (services, caller) = (services.clone(), caller.clone());
        let query = ActivityQuery {
            before: cursor.map_or(begins, |cursor| Some(ActivityId::new(cursor.id))),
            limit: BATCH,
            ..query.clone()
        };
        async move {
            let page = list_activity(&services, &caller, query).await?;
            Ok((format.lines(page.items), page.next))
        }
    })
    .await
}
