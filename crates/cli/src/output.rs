//! Standard output.

use std::io::Write as _;

/// Exit status of a program whose reader has left, as shells know it: 128 and the number of SIGPIPE.
const READER_LEFT: i32 = 141;

/// Prints a line. Where the reader has left, as `head` does, there is nothing more to do.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(READER_LEFT);
    }
}
