//! Looking for malware with clamd.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// How many bytes are sent at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// An answer of clamd is a line.
const MOST_ANSWER_BYTES: u64 = 4096;

/// Where a clamd listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Clamd {
    address: Address,
    timeout: Duration,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What the scanner said of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It found nothing.
    Clean,
    /// It found what this signature is for.
    Infected(String),
    /// It has limits that the file is beyond, so it says nothing of it.
    TooLarge,
}

/// Why there is no verdict. None of these says that a file is clean.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// It cannot be reached, or does not answer in time.
    #[error("the scanner cannot be reached")]
    Away(#[source] io::Error),
    /// It answers something else than a verdict.
    #[error("the scanner gives no verdict: {0}")]
    NoVerdict(String),
    /// The file cannot be read.
    #[error("the file to scan cannot be read")]
    Unreadable(#[source] io::Error),
}

/// Not an address of a clamd.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write unix:/path/to/clamd.ctl or tcp://127.0.0.1:3310")]
pub struct BadClamdAddress;

impl Clamd {
    /// Reads `unix:/path` or `tcp://address:port`; each step of a scan may take `timeout`.
    ///
    /// # Errors
    ///
    /// [`BadClamdAddress`] for anything else, a host name too: files go to no machine that a name
    /// server may change.
    pub fn parse(address: &str, timeout: Duration) -> Result<Self, BadClamdAddress> {
        let address = match (address.strip_prefix("unix:"), address.strip_prefix("tcp://")) {
            (Some(path), _) if path.starts_with('/') => Address::Unix(path.into()),
            (_, Some(socket)) => Address::Tcp(socket.parse().map_err(|_| BadClamdAddress)?),
            _ => return Err(BadClamdAddress),
        };
        Ok(Self { address, timeout })
    }

    /// Sends a file, and says what the scanner found (clamd(8), `INSTREAM`). Blocks.
    ///
    /// # Errors
    ///
    /// [`ScanError`] if there is no verdict: try again later.
    pub fn scan(&self, file: &mut impl Read) -> Result<Verdict, ScanError> {
        match &self.address {
            Address::Tcp(socket) => {
                let stream =
                    TcpStream::connect_timeout(socket, self.timeout).map_err(ScanError::Away)?;
                let bounded = |limit| {
                    stream.set_read_timeout(limit).and_then(|()| stream.set_write_timeout(limit))
                };
                bounded(Some(self.timeout)).map_err(ScanError::Away)?;
                ask(stream, file)
            }
            Address::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(ScanError::Away)?;
                let bounded = |limit| {
                    stream.set_read_timeout(limit).and_then(|()| stream.set_write_timeout(limit))
                };
                bounded(Some(self.timeout)).map_err(ScanError::Away)?;
                ask(stream, file)
            }
        }
    }
}

fn ask(mut stream: impl Read + Write, file: &mut impl Read) -> Result<Verdict, ScanError> {
    stream.write_all(b"zINSTREAM\0").map_err(ScanError::Away)?;
    let sent = send(&mut stream, file);
    if let Err(ScanError::Unreadable(error)) = sent {
        return Err(ScanError::Unreadable(error));
    }
    // A file beyond its limits is answered before its end: then writing fails and reading does not.
    let mut answer = Vec::new();
    let read = stream.take(MOST_ANSWER_BYTES).read_to_end(&mut answer);
    if answer.is_empty() {
        sent?;
        read.map_err(ScanError::Away)?;
    }
    verdict(&answer)
}

fn send(stream: &mut impl Write, file: &mut impl Read) -> Result<(), ScanError> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk).map_err(ScanError::Unreadable)?;
        let length = u32::try_from(read).unwrap_or_default().to_be_bytes();
        stream.write_all(&length).map_err(ScanError::Away)?;
        if read == 0 {
            return stream.flush().map_err(ScanError::Away);
        }
        stream.write_all(&chunk[..read]).map_err(ScanError::Away)?;
    }
}

fn verdict(answer: &[u8]) -> Result<Verdict, ScanError> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_end_matches(['\0', '\n']).trim();
    let said = text.strip_prefix("stream: ").unwrap_or(text);
    match said.strip_suffix(" FOUND") {
        // A limit that was reached is told as a find (`AlertExceedsMax`).
        Some(limit) if limit.starts_with("Heuristics.Limits.Exceeded") => Ok(Verdict::TooLarge),
        Some(signature) => Ok(Verdict::Infected(signature.to_owned())),
        None if said == "OK" => Ok(Verdict::Clean),
        None if said.contains("size limit exceeded") => Ok(Verdict::TooLarge),
        None => Err(ScanError::NoVerdict(said.chars().take(200).collect())),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(20);

    /// A clamd that reads a whole stream, and answers this; what it got.
    fn answering(answer: &'static [u8]) -> (Clamd, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let got = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = vec![0; 10];
            stream.read_exact(&mut got).unwrap();
            assert_eq!(got, b"zINSTREAM\0");
            got.clear();
            loop {
                let mut length = [0; 4];
                stream.read_exact(&mut length).unwrap();
                let length = u32::from_be_bytes(length) as usize;
                if length == 0 {
                    break;
                }
                let start = got.len();
                got.resize(start + length, 0);
                stream.read_exact(&mut got[start..]).unwrap();
            }
            stream.write_all(answer).unwrap();
            got
        });
        (Clamd::parse(&address, TIMEOUT).unwrap(), got)
    }

    #[test]
    fn every_answer_is_what_it_says_and_only_ok_is_clean() {
        let infected = |name: &str| Some(Verdict::Infected(name.to_owned()));
        let cases: [(&[u8], Option<Verdict>); 9] = [
            (b"stream: OK\0", Some(Verdict::Clean)),
            (b"stream: Eicar-Test FOUND\0", infected("Eicar-Test")),
            (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Some(Verdict::TooLarge)),
            (b"INSTREAM size limit exceeded. ERROR\0", Some(Verdict::TooLarge)),
            (b"stream: Can't allocate memory ERROR\0", None),
            (b"stream: OK ERROR\0", None),
            (b"stream: NOT OK\0", None),
            (b"UNKNOWN COMMAND\0", None),
            (b"", None),
        ];
        let file: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
        for (answer, expected) in cases {
            let (clamd, got) = answering(answer);
            let said = clamd.scan(&mut file.as_slice());
            assert_eq!(said.ok(), expected, "{}", String::from_utf8_lossy(answer));
            assert_eq!(got.join().unwrap(), file);
        }
    }

    #[test]
    fn one_that_closes_early_or_is_not_there_gives_no_verdict() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let clamd = Clamd::parse(&address, TIMEOUT).unwrap();
        let closes = std::thread::spawn(move || drop(listener.accept().unwrap()));
        assert!(clamd.scan(&mut vec![1_u8; 3_000_000].as_slice()).is_err());
        closes.join().unwrap();
        assert!(matches!(clamd.scan(&mut &b"x"[..]), Err(ScanError::Away(_))));
    }

    #[test]
    fn an_address_is_a_socket_and_no_name() {
        for (raw, expected) in [
            ("unix:/run/clamav/clamd.ctl", true),
            ("tcp://127.0.0.1:3310", true),
            ("tcp://[::1]:3310", true),
            ("tcp://clamd.example.com:3310", false),
            ("unix:relative", false),
            ("127.0.0.1:3310", false),
            ("", false),
        ] {
            assert_eq!(Clamd::parse(raw, TIMEOUT).is_ok(), expected, "{raw}");
        }
    }
}
