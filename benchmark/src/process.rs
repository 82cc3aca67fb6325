//! What the kernel says of a process: the time it ran and the memory it held.

use std::fs;
use std::io;
use std::time::Duration;

/// A process that is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The time that all threads of the process have run so far: to the nanosecond where the
    /// scheduler counts it, for threads that are still there.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn cpu_time(self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0))? {
            let path = thread?.path().join("schedstat");
            // A thread may end between the two looks.
            let Ok(text) = fs::read_to_string(path) else {
                continue;
            };
            let ran = text.split(' ').next().unwrap_or_default();
            nanoseconds += ran.parse::<u64>().unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Memory that is held now, in MiB.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn memory(self) -> io::Result<f64> {
        self.status("VmRSS:")
    }

    /// The most memory that was ever held, in MiB.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn peak_memory(self) -> io::Result<f64> {
        self.status("VmHWM:")
    }

    fn status(self, name: &str) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes =
            line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kibibytes
            .map(|kibibytes| kibibytes / 1024.0)
            .ok_or_else(|| io::Error::other(format!("the kernel does not say {name}")))
    }
}
