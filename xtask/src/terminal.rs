//! The one place of this program that writes to the terminal.
#![expect(clippy::print_stdout, reason = "everything this program prints goes through here")]

use std::io::Write as _;

/// One line for the person who reads along.
pub(crate) fn line(text: &str) {
    println!("{text}");
    flush();
}

/// The start of a stage.
pub(crate) fn heading(text: &str) {
    println!("\n== {text}");
    flush();
}

/// What went wrong, on standard error.
pub(crate) fn error(text: &str) {
    flush();
    eprintln!("\nxtask: {text}");
}

/// Children write to the same terminal: what was said before them has to stand before them.
fn flush() {
    // A closed pipe is the reader's choice, not a failure of the tests.
    drop(std::io::stdout().flush());
}
