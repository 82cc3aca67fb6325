//! The members of a list as a file, page after page: memory does not grow with the list.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use rollcall_application::panel::members::{MemberRow, list_members};
use rollcall_application::ports::{MemberQuery, Page};
use rollcall_application::{Caller, Failure};

use crate::Console;
use crate::error::Answer;
use crate::gate::SignedIn;
use crate::members::query_of;
use crate::params::Params;
use crate::view::MemberView;

/// Rows fetched in one go.
const BATCH: u32 = 200;

type NextPage = Pin<Box<dyn Future<Output = Result<Page<MemberRow>, Failure>>>>;

/// The body: asks for the next page only once the one before was taken.
struct Export {
    console: web::Data<Console>,
    caller: Caller,
    query: MemberQuery,
    pending: Option<NextPage>,
    ready: Option<String>,
}

/// What the filters let through, as CSV (RFC 4180).
pub(crate) async fn members(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Vec<(String, String)>>,
) -> Answer {
    let now = console.services.clock.now();
    let mut query = query_of(&Params(query.into_inner()).ordered(), now)?;
    query.limit = BATCH;
    query.after = None;
    let first = list_members(&console.services, &caller.0, query.clone()).await?;
    let mut export = Export {
        console,
        caller: caller.0,
        query,
        pending: None,
        ready: None,
    };
    export.take(&first);
    let head = "name,email,role,status,source,teams,created\r\n";
    export.ready = Some(head.to_owned() + &export.ready.take().unwrap_or_default());
    let name = format!(
        "attachment; filename=\"members-{}.csv\"",
        now.format("%Y-%m-%d")
    );
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", "text/csv; charset=utf-8; header=present"))
        .insert_header(("content-disposition", name))
        .body(export))
}

impl Export {
    fn take(&mut self, page: &Page<MemberRow>) {
        let now = self.console.services.clock.now();
        let rows = page
            .items
            .iter()
            .map(|row| line(&MemberView::row(row, now)));
        self.ready = Some(rows.collect());
        self.pending = page.next.clone().map(|next| {
            self.query.after = Some(next);
            let (console, caller) = (self.console.clone(), self.caller.clone());
            let query = self.query.clone();
            let next: NextPage =
                Box::pin(async move { list_members(&console.services, &caller, query).await });
            next
        });
    }
}

fn line(row: &MemberView) -> String {
    let cells = [
        &row.label,
        &row.email,
        row.role,
        row.status,
        row.source.label,
        &row.teams,
        &row.created.machine,
    ];
    cells.map(cell).join(",") + "\r\n"
}

/// A quoted cell that no spreadsheet takes for a formula (SEC-26).
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
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
                Poll::Ready(Ok(page)) => export.take(&page),
                Poll::Ready(Err(failure)) => {
                    export.pending = None;
                    return Poll::Ready(Some(Err(failure)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn sec_26_no_cell_is_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
    }
}
