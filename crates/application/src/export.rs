//! A list as a file, page after page: memory grows neither with the list nor with a slow reader.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::Failure;
use crate::ports::Cursor;

/// A page as text, and where the next one begins.
pub type Part = (String, Option<Cursor>);

type NextPart = Pin<Box<dyn Future<Output = Result<Part, Failure>>>>;

/// The text of a file: a stream that asks for the next page only once the one before was taken.
pub struct Export {
    fetch: Box<dyn Fn(Option<Cursor>) -> NextPart>,
    ready: String,
    pending: Option<NextPart>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Export")
    }
}

impl Export {
    /// Begins with a head and the first page, so that a refusal is still an answer of its own.
    /// `fetch` gives the page that begins at a cursor, the first one without.
    ///
    /// # Errors
    /// What `fetch` answers.
    pub async fn begin<F, N>(head: String, fetch: F) -> Result<Self, Failure>
    where
        F: Fn(Option<Cursor>) -> N + 'static,
        N: Future<Output = Result<Part, Failure>> + 'static,
    {
        let mut export = Self {
            fetch: Box::new(move |cursor| Box::pin(fetch(cursor))),
            ready: head,
            pending: None,
        };
        let first = (export.fetch)(None).await?;
        export.take(first);
        Ok(export)
    }

    fn take(&mut self, (text, next): Part) {
        self.ready.push_str(&text);
        self.pending = next.map(|cursor| (self.fetch)(Some(cursor)));
    }
}

impl Stream for Export {
    type Item = Result<Bytes, Failure>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let export = self.get_mut();
        loop {
            if !export.ready.is_empty() {
                let text = std::mem::take(&mut export.ready);
                return Poll::Ready(Some(Ok(Bytes::from(text))));
            }
            let Some(pending) = export.pending.as_mut() else {
                return Poll::Ready(None);
            };
            match pending.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(part)) => export.take(part),
                Poll::Ready(Err(failure)) => {
                    export.pending = None;
                    tracing::warn!(error = %failure, "an export broke off");
                    return Poll::Ready(Some(Err(failure)));
                }
            }
        }
    }
}

/// Rows as comma-separated values (RFC 4180), none of whose cells is a formula.
pub fn csv_lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;

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

    async fn next(export: &mut Export) -> Option<Result<Bytes, Failure>> {
        poll_fn(|context| Pin::new(&mut *export).poll_next(context)).await
    }

    fn cursor() -> Cursor {
        Cursor {
            key: String::new(),
            id: uuid::Uuid::nil(),
        }
    }

    #[tokio::test]
    async fn a_page_is_asked_for_once_the_one_before_was_taken_and_a_failure_ends_it() {
        let asked = Rc::new(Cell::new(0));
        let counted = Rc::clone(&asked);
        let begun = Export::begin("head ".to_owned(), move |_| {
            counted.set(counted.get() + 1);
            let page = counted.get();
            async move {
                match page {
                    1 => Ok(("one ".to_owned(), Some(cursor()))),
                    2 => Ok((String::new(), Some(cursor()))),
                    3 => Ok(("three".to_owned(), Some(cursor()))),
                    _ => Err(Failure::Absent("page")),
                }
            }
        });
        let mut export = begun.await.expect("it begins");
        let text = next(&mut export).await.expect("a part").expect("text");
        assert_eq!(text, "head one ");
        let text = next(&mut export).await.expect("a part").expect("text");
        assert_eq!(text, "three", "an empty page is no end");
        assert!(next(&mut export).await.is_some_and(|part| part.is_err()));
        assert!(next(&mut export).await.is_none());
        let refused = Export::begin(String::new(), async |_| Err(Failure::Absent("list"))).await;
        assert!(refused.is_err(), "a refusal is an answer of its own");
    }
}
