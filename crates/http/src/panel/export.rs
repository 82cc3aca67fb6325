//! Activity as a file, page after page: memory does not grow with the log.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use rollcall_application::panel::activity::list_activity;
use rollcall_application::ports::{ActivityEntry, ActivityQuery, Page};
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

fn csv_lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let written = writer.write_record(row.iter().map(|cell| harmless(cell)));
        written.expect("writing to memory cannot fail, and every row has the same columns");
    }
    let bytes = writer.into_inner().expect("flushing to memory cannot fail");
    String::from_utf8(bytes).expect("cells are text and CSV adds only ASCII")
}

/// A cell that no spreadsheet takes for a formula (SEC-26; V1.2.10).
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

type NextPage = Pin<Box<dyn Future<Output = Result<Page<ActivityEntry>, Failure>>>>;

/// The body of an export: asks for the next page only once the one before was taken.
pub(super) struct Export {
    services: Services,
    caller: Caller,
    query: ActivityQuery,
    format: Format,
    ready: Option<String>,
    pending: Option<NextPage>,
}

impl Export {
    /// Fetches the first page, so that a refusal is still an answer of its own.
    pub(super) async fn begin(
        services: &Services,
        caller: &Caller,
        query: ActivityQuery,
        format: Format,
    ) -> Result<Self, Failure> {
        let query = ActivityQuery {
            limit: BATCH,
            ..query
        };
        let first = list_activity(services, caller, query.clone()).await?;
        let mut export = Self {
            services: services.clone(),
            caller: caller.clone(),
            query,
            format,
            ready: None,
            pending: None,
        };
        export.take(first);
        let text = export.ready.take().unwrap_or_default();
        export.ready = Some(format.header() + &text);
        Ok(export)
    }

    fn take(&mut self, page: Page<ActivityEntry>) {
        self.pending = page.next.map(|next| {
            self.query.before = Some(ActivityId::new(next.id));
            let (services, caller) = (self.services.clone(), self.caller.clone());
            let query = self.query.clone();
            let next: NextPage =
                Box::pin(async move { list_activity(&services, &caller, query).await });
            next
        });
        self.ready = Some(self.format.lines(page.items));
    }
}

impl MessageBody for Export {
    type Error = Failure;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Failure>>> {
        let export = self.get_mut();
        loop {
            if let Some(text) = export.ready.take().filter(|text| !text.is_empty()) {
                return Poll::Ready(Some(Ok(Bytes::from(text))));
            }
            let Some(pending) = export.pending.as_mut() else {
                return Poll::Ready(None);
            };
            match pending.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(page)) => export.take(page),
                Poll::Ready(Err(failure)) => {
                    export.pending = None;
                    tracing::warn!(error = %failure, "an export broke off");
                    return Poll::Ready(Some(Err(failure)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_26_no_cell_is_a_formula() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("Ada", "Ada"),
        ] {
            assert_eq!(harmless(cell), written);
        }
        let line = csv_lines([["=cmd|' /C calc'!A0".to_owned(), "a,\"b".to_owned()]]);
        assert_eq!(line, "'=cmd|' /C calc'!A0,\"a,\"\"b\"\r\n");
    }
}
