//! The log: a file that an environment variable names. Nothing is ever printed.

use core::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use log::{LevelFilter, Log, Metadata, Record};

/// Which environment variables control the log.
#[derive(Debug, Clone, Copy)]
pub struct LogConfig {
    /// The variable that holds the file's path; unset or empty, nothing is logged.
    pub file_variable: &'static str,
    /// The variable that holds the level: error, warn, info (if unset), debug, trace.
    pub level_variable: &'static str,
}

/// Starts logging, the first time it is called. A file that cannot be opened means no log.
pub(crate) fn start(config: &LogConfig) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Some(path) = std::env::var_os(config.file_variable).filter(|p| !p.is_empty()) else { return };
        let level = std::env::var(config.level_variable).ok().and_then(|l| l.trim().parse().ok());
        let Ok(file) = OpenOptions::new().create(true).append(true).open(path) else { return };
        if log::set_logger(Box::leak(Box::new(FileLog { file: Mutex::new(file) }))).is_ok() {
            log::set_max_level(level.unwrap_or(LevelFilter::Info));
        }
    });
}

struct FileLog {
    file: Mutex<File>,
}

impl Log for FileLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut line = String::with_capacity(128);
        let thread = std::thread::current();
        let _ = write!(line, "{} {:5} ", timestamp(SystemTime::now()), record.level());
        let _ = match thread.name() {
            Some(name) => write!(line, "[{name}] "),
            None => write!(line, "[{:?}] ", thread.id()),
        };
        let _ = writeln!(line, "{}: {}", record.target(), record.args());
        // One write for each line, so that processes that share the file do not mix theirs.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(line.as_bytes());
    }

    fn flush(&self) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.flush();
    }
}

/// `2026-11-22T08:42:25.123Z`.
fn timestamp(now: SystemTime) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (days, day_seconds) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil_from_days(days);
    let (h, m, s) = (day_seconds / 3600, day_seconds / 60 % 60, day_seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{millis:03}Z")
}

/// Days since 1970-01-01 as a date of the Gregorian calendar (years counted from March, in eras of 400).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates() {
        let at = |s| timestamp(UNIX_EPOCH + Duration::from_secs(s));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(1_795_336_945), "2026-11-22T08:42:25.000Z");
    }
}
