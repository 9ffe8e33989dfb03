//! Just enough of HTTP/1.1 to ask and to know where an answer ends.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};

/// A longer head is not one of ours.
const MOST_HEAD_BYTES: usize = 16 * 1024;

/// Where a body begins and how long it is.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Of the head itself, the empty line included.
    pub(super) length: usize,
    pub(super) body_bytes: u64,
}

impl Head {
    /// `None` as long as it is not whole.
    ///
    /// # Errors
    ///
    /// If it is no head, or does not say how long the body is.
    pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            if bytes.len() > MOST_HEAD_BYTES {
                bail!("the head of the answer does not end");
            }
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..end]).context("the head is no text")?;
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())
            .context("the answer is not HTTP/1.1")?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then_some(value.trim())
        });
        let body_bytes = match (status, length) {
            (204 | 304, _) => 0,
            (_, Some(length)) => length.parse().context("content-length is no number")?,
            (_, None) => bail!("an answer without content-length"),
        };
        Ok(Some(Self { status, length: end + 4, body_bytes }))
    }
}

/// A plain `http:` URL whose host is an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    /// Path and query.
    pub(super) path: String,
}

impl Target {
    pub(super) fn parse(url: &str) -> anyhow::Result<Self> {
        let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not http"))?;
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address = address.parse().with_context(|| format!("{address} is no address"))?;
        Ok(Self { address, path: format!("/{path}") })
    }

    /// A whole request without a body.
    pub(super) fn get(&self, headers: &[String]) -> Vec<u8> {
        self.request("GET", headers, "")
    }

    /// A whole request.
    pub(super) fn request(
        &self,
        method: &str,
        headers: &[String],
        body: impl AsRef<[u8]>,
    ) -> Vec<u8> {
        let body = body.as_ref();
        let mut request = format!("{method} {} HTTP/1.1\r\nhost: {}\r\n", self.path, self.address);
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        if !body.is_empty() {
            request += "content-length: ";
            request += &body.len().to_string();
            request += "\r\n";
        }
        request.push_str("\r\n");
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let whole = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 12\r\n\r\nhello";
        assert_eq!(
            Head::parse(whole.as_bytes()).unwrap(),
            Some(Head { status: 200, length: whole.len() - 5, body_bytes: 12 })
        );
        for end in 0..whole.len() - 5 {
            assert_eq!(Head::parse(&whole.as_bytes()[..end]).unwrap(), None, "{end}");
        }
    }

    #[test]
    fn some_answers_have_no_body_whatever_they_say() {
        for (head, status) in [
            ("HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n", 304),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ] {
            let head = Head::parse(head.as_bytes()).unwrap().unwrap();
            assert_eq!((head.status, head.body_bytes), (status, 0));
        }
    }

    #[test]
    fn what_cannot_be_measured_is_an_error() {
        for head in [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            assert!(Head::parse(head.as_bytes()).is_err(), "{head:?}");
        }
        assert!(Head::parse(&vec![b'x'; MOST_HEAD_BYTES + 1]).is_err());
    }

    #[test]
    fn a_target_makes_whole_requests() {
        let target = Target::parse("http://127.0.0.1:80/a/b?c=d").unwrap();
        let request = target.request("POST", &["x: y".to_owned()], "{}");
        assert_eq!(
            String::from_utf8(request).unwrap(),
            "POST /a/b?c=d HTTP/1.1\r\nhost: 127.0.0.1:80\r\nx: y\r\ncontent-length: 2\r\n\r\n{}"
        );
        assert!(Target::parse("https://127.0.0.1:1/").is_err());
        assert!(Target::parse("http://localhost:1/").is_err());
    }
}
