//! A poster frame of a video, decoded by ffmpeg where it can do no harm.
//!
//! The decoder of a hostile file is taken to be the attacker's. It runs as a child of `bwrap`: in
//! namespaces of its own, without network, home and data folder, with nothing of the machine but
//! `/usr` to read and nothing to write to; `prlimit` bounds its memory, time, files and processes;
//! its environment is empty; the file comes as standard input, by descriptor, and the demuxer is
//! the one of the sniffed type, so that no playlist can name other files.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::thumbnail::{Thumbnails, thumbnails_of_bytes};
use crate::{ContentType, IngestError, Limits};

/// A frame that needs more bytes as PNG is not taken.
const MOST_FRAME_BYTES: u64 = 64 * 1024 * 1024;
/// How much memory the child may address: room for a few frames of a large video.
const MOST_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Seconds of computing time of the child.
const MOST_CPU_SECONDS: u32 = 20;
/// Longer side of the frame, in pixels: no thumbnail is larger.
const FRAME_SIDE: u32 = 1600;

/// Makes posters. Made by [`PosterMaker::find`] only where the child can be shut in.
#[derive(Clone, Debug)]
pub struct PosterMaker {
    setsid: PathBuf,
    bwrap: PathBuf,
    prlimit: PathBuf,
    ffmpeg: PathBuf,
    time_limit: Duration,
}

/// Why no posters are made here. Each says what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPosters {
    /// A program is missing.
    #[error("videos get no poster: {0} is not installed")]
    Missing(&'static str),
    /// The child cannot be shut in.
    #[error("videos get no poster: bwrap cannot make a sandbox here ({0}); allow user namespaces")]
    NoSandbox(String),
}

impl PosterMaker {
    /// Looks for ffmpeg, bwrap and prlimit in `/usr`, and tries the sandbox once. A poster may take
    /// `time_limit`.
    ///
    /// # Errors
    ///
    /// [`NoPosters`] says what is missing.
    pub fn find(time_limit: Duration) -> Result<Self, NoPosters> {
        let find = |name: &'static str| {
            let places = ["/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name));
            places.into_iter().find(|path| path.is_file()).ok_or(NoPosters::Missing(name))
        };
        let (ffmpeg, bwrap) = (find("ffmpeg")?, find("bwrap")?);
        let (prlimit, setsid) = (find("prlimit")?, find("setsid")?);
        let maker = Self { setsid, bwrap, prlimit, ffmpeg, time_limit };
        let tried = maker.shut_in(["-version"]).stdin(Stdio::null()).output();
        match tried {
            Ok(output) if output.status.success() => Ok(maker),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let line = said.lines().next().unwrap_or("it says nothing");
                Err(NoPosters::NoSandbox(line.chars().take(200).collect()))
            }
            Err(error) => Err(NoPosters::NoSandbox(error.to_string())),
        }
    }

    /// Makes the thumbnails of a video's first second. `None` if it is no video, or no frame of it
    /// can be decoded. Blocks.
    ///
    /// # Errors
    ///
    /// [`IngestError::Io`] if the child cannot be started or the disk fails.
    pub fn poster(
        &self,
        input: &Path,
        content_type: ContentType,
        limits: &Limits,
    ) -> Result<Option<Thumbnails>, IngestError> {
        let Some(demuxer) = demuxer(content_type) else { return Ok(None) };
        for seconds in ["1", "0"] {
            let frame = self.frame(input, demuxer, seconds)?;
            if frame.is_empty() {
                continue;
            }
            match thumbnails_of_bytes(&frame, ContentType::Png, limits) {
                Err(IngestError::Malformed { .. } | IngestError::TooManyPixels { .. }) => {}
                made => return made,
            }
        }
        Ok(None)
    }

    /// One frame as PNG; empty if the child gives none in time.
    fn frame(&self, input: &Path, demuxer: &str, seconds: &str) -> io::Result<Vec<u8>> {
        let scaled = format!(
            "scale=w='min(iw,{FRAME_SIDE})':h='min(ih,{FRAME_SIDE})':force_original_aspect_ratio=decrease"
        );
        let mut child = self
            .shut_in([
                "-v",
                "error",
                "-nostdin",
                "-threads",
                "1",
                "-protocol_whitelist",
                "file",
                "-ss",
                seconds,
                "-f",
                demuxer,
                "-i",
                "file:/dev/stdin",
                "-map",
                "0:v:0",
                "-frames:v",
                "1",
                "-vf",
                &scaled,
                "-f",
                "image2pipe",
                "-c:v",
                "png",
                "pipe:1",
            ])
            .stdin(File::open(input)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let Some(output) = child.stdout.take() else { return Ok(Vec::new()) };
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut frame = Vec::new();
            let read = output.take(MOST_FRAME_BYTES + 1).read_to_end(&mut frame);
            // Nobody may be waiting any more.
            let _ = sender.send(read.map(|_| frame));
        });
        let frame = receiver.recv_timeout(self.time_limit);
        end(&mut child)?;
        drop(reader);
        match frame {
            Ok(Ok(frame)) if frame.len() as u64 <= MOST_FRAME_BYTES => Ok(frame),
            _ => Ok(Vec::new()),
        }
    }

    /// ffmpeg with these arguments, in the sandbox.
    fn shut_in<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        // A session of its own has no terminal to write to, and is one group that can be ended.
        let mut command = Command::new(&self.setsid);
        command.env_clear().arg(&self.bwrap);
        command.args(["--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]);
        command.args([
            "--clearenv",
            "--ro-bind",
            "/usr",
            "/usr",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
        ]);
        for (target, link) in [("usr/lib", "/lib"), ("usr/lib64", "/lib64"), ("usr/bin", "/bin")] {
            if Path::new(link).exists() {
                command.args(["--symlink", target, link]);
            }
        }
        // Where shared libraries are found by name (blas and others of ffmpeg's).
        for alternatives in ["/etc/alternatives", "/etc/ld.so.cache"] {
            command.args(["--ro-bind-try", alternatives, alternatives]);
        }
        command.args(["--chdir", "/", "--"]).arg(&self.prlimit);
        command.arg(format!("--as={MOST_MEMORY_BYTES}"));
        command.arg(format!("--cpu={MOST_CPU_SECONDS}"));
        command.args(["--fsize=0", "--core=0", "--nofile=64", "--"]);
        command.arg(&self.ffmpeg).args(arguments);
        command
    }
}

/// Ends the child and all that it started, whatever they are at.
fn end(child: &mut Child) -> io::Result<()> {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // They may have ended by themselves, or not yet be a group: then only the child is there.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    child.wait().map(|_| ())
}

/// ffmpeg's name for what reads this container; `None` if it holds no video.
const fn demuxer(content_type: ContentType) -> Option<&'static str> {
    match content_type {
        ContentType::Mp4 | ContentType::Mov | ContentType::ThreeGp => Some("mov"),
        ContentType::WebM | ContentType::Matroska => Some("matroska"),
        ContentType::Avi => Some("avi"),
        ContentType::OggVideo => Some("ogg"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A maker, or aloud why there is none.
    fn maker() -> Option<PosterMaker> {
        match PosterMaker::find(Duration::from_mins(1)) {
            Ok(maker) => Some(maker),
            Err(reason) => {
                eprintln!("SKIPPED: {reason}");
                None
            }
        }
    }

    fn video(folder: &Path, name: &str, seconds: &str, more: &[&str]) -> PathBuf {
        let path = folder.join(name);
        let source = format!("testsrc=size=640x360:rate=5:duration={seconds}");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", &source])
            .args(more)
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        path
    }

    #[test]
    fn a_video_has_a_poster_wherever_its_index_lies_and_however_short_it_is() {
        let Some(maker) = maker() else { return };
        let folder = tempfile::tempdir().unwrap();
        let fast: &[&str] = &["-movflags", "+faststart"];
        for (name, seconds, more, content_type) in [
            ("a.mp4", "2", fast, ContentType::Mp4),
            ("b.mp4", "2", &[], ContentType::Mp4),
            ("c.mp4", "0.4", &[], ContentType::Mp4),
            ("d.webm", "2", &[], ContentType::WebM),
            ("e.mkv", "2", &[], ContentType::Matroska),
        ] {
            let path = video(folder.path(), name, seconds, more);
            let made = maker.poster(&path, content_type, &Limits::default()).unwrap();
            let made = made.unwrap_or_else(|| unreachable!("{name} has no poster"));
            assert_eq!((made.width, made.height), (640, 360), "{name}");
            assert_eq!(made.items[0].width, 320);
        }
    }

    #[test]
    fn what_is_no_video_has_no_poster_and_a_playlist_reads_nothing() {
        let Some(maker) = maker() else { return };
        let folder = tempfile::tempdir().unwrap();
        let secret = video(folder.path(), "secret.mp4", "1", &[]);
        let path = secret.display();
        let hls = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{path}\n#EXT-X-ENDLIST\n"
        );
        let concat = format!("ffconcat version 1.0\nfile '{path}'\n");
        let hostile = folder.path().join("hostile");
        for bytes in [hls.as_bytes(), concat.as_bytes(), b"", b"\0\0\0\x18ftypmp42junk"] {
            std::fs::write(&hostile, bytes).unwrap();
            for content_type in [ContentType::Mp4, ContentType::WebM, ContentType::Avi] {
                let made = maker.poster(&hostile, content_type, &Limits::default()).unwrap();
                assert_eq!(made, None, "{content_type}");
            }
        }
        let made = maker.poster(&secret, ContentType::Jpeg, &Limits::default()).unwrap();
        assert_eq!(made, None);
    }

    #[test]
    fn the_child_sees_neither_network_nor_home_and_writes_nothing() {
        let Some(maker) = maker() else { return };
        let folder = tempfile::tempdir().unwrap();
        let secret = video(folder.path(), "secret.mp4", "1", &[]);
        let outcome = |arguments: &[&str]| {
            let mut command = maker.shut_in(arguments);
            command.stdin(Stdio::null()).output().unwrap().status.success()
        };
        assert!(outcome(&[
            "-v",
            "quiet",
            "-f",
            "lavfi",
            "-i",
            "testsrc=duration=1",
            "-f",
            "null",
            "-"
        ]));
        let path = secret.display().to_string();
        assert!(!outcome(&["-i", &path, "-f", "null", "-"]), "it reads a file of ours");
        assert!(!outcome(&["-f", "lavfi", "-i", "testsrc=duration=1", "/tmp/x.mp4"]), "it writes");
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("tcp://{}", socket.local_addr().unwrap());
        assert!(!outcome(&["-f", "lavfi", "-i", "testsrc=duration=1", "-f", "mpegts", &url]));
        socket.set_nonblocking(true).unwrap();
        assert!(socket.accept().is_err(), "it reached the network");
    }

    #[test]
    fn a_child_that_takes_too_long_is_ended() {
        let Some(mut maker) = maker() else { return };
        maker.time_limit = Duration::ZERO;
        let folder = tempfile::tempdir().unwrap();
        let path = video(folder.path(), "a.mp4", "2", &[]);
        assert_eq!(maker.poster(&path, ContentType::Mp4, &Limits::default()).unwrap(), None);
    }
}
