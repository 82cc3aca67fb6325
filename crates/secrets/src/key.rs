//! The key that secrets are sealed with.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Length of the key, in bytes.
const KEY_LENGTH: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is neither base64 nor hexadecimal of 32 bytes.
    #[error(
        "a key is 32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` makes"
    )]
    Malformed,
    /// The file cannot be read.
    #[error("cannot use the key file {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the key file {0} does not hold 32 bytes in base64")]
    MalformedFile(PathBuf),
    /// Others on the machine may read the file.
    #[error("the key file {0} can be read by other users: run `chmod 600` on it")]
    Exposed(PathBuf),
}

/// A key of 256 bits; wiped from memory when dropped, never printed.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; KEY_LENGTH]>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl SealingKey {
    /// A new random key.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        getrandom::fill(&mut *bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// Reads a key as configuration holds it: 32 bytes in base64 (either alphabet, padded or not)
    /// or 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when it is neither.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let decoded = decode_hex(text).or_else(|| decode_base64(text));
        let decoded = Zeroizing::new(decoded.ok_or(KeyError::Malformed)?);
        let bytes: [u8; KEY_LENGTH] = decoded
            .as_slice()
            .try_into()
            .map_err(|_| KeyError::Malformed)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Reads the key from a file that only its owner can read.
    ///
    /// # Errors
    /// [`KeyError`] when the file cannot be used, holds no key, or is readable by others.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        if is_exposed(path).map_err(failed)? {
            return Err(KeyError::Exposed(path.to_owned()));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
        Self::parse(&text).map_err(|_| KeyError::MalformedFile(path.to_owned()))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != KEY_LENGTH * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..KEY_LENGTH)
        .map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_base64_and_from_hexadecimal() {
        let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 8).expect("small"));
        let hex = "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8".to_owned();
        for text in [hex, STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)] {
            let key = SealingKey::parse(&format!(" {text}\n")).expect("a key");
            assert_eq!(key.bytes(), &bytes);
        }
        for text in [
            "",
            "secret",
            &STANDARD.encode([1; 31]),
            &STANDARD.encode([1; 33]),
        ] {
            assert!(
                matches!(SealingKey::parse(text), Err(KeyError::Malformed)),
                "{text}"
            );
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", SealingKey::random()), "SealingKey");
    }

    #[cfg(unix)]
    fn write(path: &Path, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(path, text).expect("written");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_read_and_never_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        assert!(matches!(
            SealingKey::load(&path),
            Err(KeyError::File { .. })
        ));
        assert!(!path.exists());
        write(&path, &STANDARD.encode([7; 32]), 0o600);
        assert_eq!(SealingKey::load(&path).expect("read").bytes(), &[7; 32]);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        write(&path, &STANDARD.encode([7; 32]), 0o644);
        assert!(matches!(SealingKey::load(&path), Err(KeyError::Exposed(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_a_key_is_refused_and_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        write(&path, "not a key", 0o600);
        let refused = SealingKey::load(&path);
        assert!(matches!(refused, Err(KeyError::MalformedFile(_))));
        assert_eq!(std::fs::read(&path).expect("read"), b"not a key");
    }
}
