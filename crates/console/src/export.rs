//! The members of a list as a file.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::export::{Export, csv_lines};
use rollcall_application::panel::members::{MemberRow, list_members};
use rollcall_application::ports::MemberQuery;

use crate::Console;
use crate::error::Answer;
use crate::gate::SignedIn;
use crate::members::query_of;
use crate::params::Params;
use crate::view::MemberView;

/// Rows fetched in one go.
const BATCH: u32 = 200;

const COLUMNS: [&str; 7] = [
    "name", "email", "role", "status", "source", "teams", "created",
];

/// What the filters let through, as CSV (RFC 4180).
pub(crate) async fn members(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Vec<(String, String)>>,
) -> Answer {
    let now = console.services.clock.now();
    let query = query_of(&Params(query.into_inner()).ordered(), now)?;
    let caller = caller.0;
    let export = Export::begin(csv_lines([COLUMNS.map(str::to_owned)]), move |after| {
        let (console, caller) = (console.clone(), caller.clone());
        let query = MemberQuery {
            after,
            limit: BATCH,
            ..query.clone()
        };
        async move {
            let page = list_members(&console.services, &caller, query).await?;
            let lines = csv_lines(page.items.iter().map(|row| cells(row, now)));
            Ok((lines, page.next))
        }
    });
    let name = format!(
        "attachment; filename=\"members-{}.csv\"",
        now.format("%Y-%m-%d")
    );
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", "text/csv; charset=utf-8; header=present"))
        .insert_header(("content-disposition", name))
        .streaming(export.await?))
}

fn cells(row: &MemberRow, now: DateTime<Utc>) -> [String; 7] {
    let row = MemberView::row(row, now);
    [
        row.label,
        row.email,
        row.role.to_owned(),
        row.status.to_owned(),
        row.source.label.to_owned(),
        row.teams,
        row.created.machine,
    ]
}
