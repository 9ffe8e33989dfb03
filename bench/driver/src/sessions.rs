//! Many sessions as rows, with auth tokens whose hashes the database holds.

use std::io::{BufWriter, Write as _};

use aws_lc_rs::digest::{SHA256, digest};

/// Writes `token hash-in-hex session-id` for each session to the standard output.
pub(crate) fn write(count: u32) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for place in 0..count {
        let token = token(place);
        let hash = hex::encode(digest(&SHA256, token.as_bytes()));
        writeln!(out, "{token},{hash},{place:032x}")?;
    }
    Ok(out.flush()?)
}

/// Of the length of a real one.
fn token(place: u32) -> String {
    format!("{:x<43}", format!("ckr_auth_bench_{place:08}_"))
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn tokens_differ_and_have_one_length() {
        assert_ne!(token(1), token(2));
        assert_eq!(token(0).len(), token(99_999_999).len());
    }
}
