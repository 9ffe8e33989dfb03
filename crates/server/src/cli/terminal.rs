//! The one place that prints.

use std::io::Write;

/// Prints to standard output, as it is.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away, such as `head`, is no failure of ours.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line to standard output.
pub fn line(text: &str) {
    print(&format!("{text}\n"));
}

/// Prints why a command failed, with its causes, to standard error.
pub fn failure(error: &anyhow::Error) {
    let mut text = format!("cloakroom: {error}\n");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            text.extend(["  because: ", &cause, "\n"]);
            said = cause;
        }
    }
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
