//! Log lines: one for each event, on standard error.

use std::fmt::{self, Write};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::time::FormatTime;

use crate::config::{LogFormat, LogSettings};

/// Starts logging for the rest of the process.
///
/// # Errors
/// When the process logs already.
pub(crate) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Arc::new(sink()?))
        .with_timer(Moments);
    let started = match settings.format {
        // A colour code in a log is a control character to whoever reads it later (SEC-34).
        LogFormat::Human => lines
            .with_ansi(false)
            .fmt_fields(debug_fn(write_field).delimited(" "))
            .try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}

/// Standard error, without the lock that goes with it: each line is one write, which the system keeps whole,
/// and under the lock threads would wait for each other.
fn sink() -> io::Result<File> {
    #[cfg(unix)]
    let stderr = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned()?;
    #[cfg(windows)]
    let stderr = std::os::windows::io::AsHandle::as_handle(&io::stderr()).try_clone_to_owned()?;
    Ok(stderr.into())
}

/// The time of a line (RFC 3339), to the microsecond: what the library writes, in fewer steps, since a
/// line goes with every request.
struct Moments;

impl FormatTime for Moments {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        let now = DateTime::<Utc>::from(SystemTime::now());
        line.write_str(&now.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A field as `name=value`, without the styles of a terminal, which cost more than all the rest also
/// where they are none.
fn write_field(line: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let mut line = Escaping(line);
    match field.name() {
        "message" => write!(line, "{value:?}"),
        name => write!(line, "{name}={value:?}"),
    }
}

/// Escapes control characters: what somebody sent must not begin a line of its own or steer the terminal
/// of whoever reads it (SEC-34).
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Nearly everything is plain ASCII, for which looking at bytes is enough: at all of them, which
        // many at a time is faster than to stop at the first that is not.
        let is_plain = text
            .bytes()
            .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
        if is_plain || !text.chars().any(char::is_control) {
            return self.0.write_str(text);
        }
        for character in text.chars() {
            if character.is_control() {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn sec_34_a_line_has_its_fields_and_no_control_character() {
        let kept = Kept::default();
        let sink = kept.clone();
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .fmt_fields(debug_fn(write_field).delimited(" "))
            .with_writer(move || sink.clone())
            .finish();
        let sent = "a\nb\u{1b}[31m\u{9b}1mc";
        tracing::subscriber::with_default(lines, || {
            let nothing = None::<u8>;
            tracing::info!(http.status = 200_u16, shown = %sent, quoted = sent, nothing, "served {sent}");
        });
        let line = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let escaped = r"a\nb\u{1b}[31m\u{9b}1mc";
        let target = module_path!();
        let expected = format!(
            " INFO {target}: served {escaped} http.status=200 shown={escaped} quoted=\"{escaped}\"\n"
        );
        assert_eq!(line, expected);
    }
}
