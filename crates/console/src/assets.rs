//! Styles, scripts and pictures: part of the program, under names that change with their content.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::error::{Answer, PageError};

const FILES: [(&str, &str, &str, &str); 5] = [
    (
        "entra",
        "svg",
        "image/svg+xml",
        include_str!("../assets/entra.svg"),
    ),
    (
        "console",
        "css",
        "text/css; charset=utf-8",
        include_str!("../assets/console.css"),
    ),
    (
        "console",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/console.js"),
    ),
    (
        "okta",
        "svg",
        "image/svg+xml",
        include_str!("../assets/okta.svg"),
    ),
    (
        "rollcall",
        "svg",
        "image/svg+xml",
        include_str!("../assets/rollcall.svg"),
    ),
];

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let name = |(stem, ending, _, text): &(&str, &str, &str, &str)| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        format!("{stem}-{:016x}.{ending}", hasher.finish())
    };
    FILES.iter().map(name).collect()
});

/// The address of a file by its plain name.
pub(crate) fn address(stem: &str, ending: &str) -> String {
    let at = FILES
        .iter()
        .position(|file| file.0 == stem && file.1 == ending);
    let name = at.and_then(|at| NAMES.get(at)).map_or("", String::as_str);
    format!("/assets/{name}")
}

/// Answers a file; its name changes with it, so a browser keeps it for good.
pub(crate) async fn get(name: web::Path<String>) -> Answer {
    let at = NAMES.iter().position(|known| *known == *name);
    let file = at.and_then(|at| FILES.get(at)).ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, file.2))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.3))
}
