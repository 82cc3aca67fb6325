//! A backup of a file that is in use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::open::{OpenError, broken, establish, failed, prepare_file, require_ours};
use crate::options::Options;

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// What is wrong with a backup that was just made.
#[derive(Debug, thiserror::Error)]
#[error("the backup is not whole: {0}")]
struct NotWhole(String);

/// Writes everything that is committed in a database, as of one moment, into a new file. The
/// service goes on reading and writing meanwhile. The new file appears under its name once it is
/// whole and on disk.
///
/// # Errors
/// [`OpenError`], also where the new file is there already.
pub fn backup(path: &Path, to: &Path) -> Result<(), OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing {
            path: path.to_owned(),
        });
    }
    if to.exists() {
        return Err(OpenError::Exists {
            path: to.to_owned(),
        });
    }
    prepare_file(path)?;
    let mut connection = establish(path, &Options::default())?;
    require_ours(&mut connection, path)?;
    let partial = with_ending(to, "partial");
    // Left over from a backup that broke off.
    let _ = fs::remove_file(&partial);
    prepare_file(&partial)?;
    let written = write(&mut connection, &partial).and_then(|()| keep(&partial, to));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

fn write(connection: &mut SqliteConnection, partial: &Path) -> Result<(), OpenError> {
    let name = partial.to_str().ok_or_else(|| {
        let source = std::io::Error::other("the path is not UTF-8");
        broken(partial, Box::new(source))
    })?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(name)
        .execute(connection)
        .map_err(|error| failed(partial, error))?;
    let mut copy = establish(partial, &Options::default())?;
    let verdict: Verdict = diesel::sql_query("PRAGMA integrity_check")
        .get_result(&mut copy)
        .map_err(|error| failed(partial, error))?;
    if verdict.integrity_check == "ok" {
        Ok(())
    } else {
        let source = NotWhole(verdict.integrity_check);
        Err(broken(partial, Box::new(source)))
    }
}

/// Gives a file that is whole its name, so that a power cut leaves all of it or none.
fn keep(partial: &Path, to: &Path) -> Result<(), OpenError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(partial)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(partial, to))
        .and_then(|()| File::open(folder.unwrap_or(Path::new(".")))?.sync_all())
        .map_err(|source| OpenError::File {
            path: to.to_owned(),
            source,
        })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
