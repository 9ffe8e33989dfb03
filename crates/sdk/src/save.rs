//! Downloads into files, which a later call goes on with.
//!
//! ```text
//! film.mp4.3f2a….part   what has come of the version that its ETag names: "3f2a…"
//! film.mp4              there only when it is whole
//! ```

use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use crate::byte_range::ByteRange;
use crate::open::Ask;
use crate::{Client, Download, Error, ErrorCode};

const SUFFIX: &str = ".part";

/// A file that [`Client::download_to_file`] has written.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SavedFile {
    /// Bytes of the whole file.
    pub size_bytes: u64,
    /// How many of them an earlier call had left.
    pub resumed_at_bytes: u64,
    /// By content, such as `video/mp4`.
    pub content_type: Option<String>,
}

impl Client {
    /// Downloads a medium into a file, which appears under its name once it is whole and on disk.
    ///
    /// What a call that failed has left beside it, in a file that ends in `.part`, is gone on with
    /// if the server still has the same version. Two calls for one path at once disturb each other.
    ///
    /// # Errors
    ///
    /// As [`Self::download`] and [`Download::chunk`]; [`Error::UnwritableFile`].
    pub async fn download_to_file(
        &self,
        url: &str,
        path: impl AsRef<Path> + Send,
    ) -> Result<SavedFile, Error> {
        let path = path.as_ref();
        let left = Partial::left_of(path).await;
        let (mut download, resumed_at_bytes) = self.go_on(url, left.as_ref()).await?;
        let partial = Partial::of(path, download.strong_etag());
        if let Some(left) = left.filter(|_| resumed_at_bytes == 0) {
            remove(&left.path).await?;
        }
        let mut file = partial.open().await?;
        let fetched = append(&mut download, &mut file).await;
        // Also of a failed download: what came is to be there for the next call.
        file.sync_all().await.map_err(Error::unwritable)?;
        if fetched.is_err() && partial.etag.is_none() {
            remove(&partial.path).await?;
        }
        fetched?;
        let written = file.metadata().await.map_err(Error::unwritable)?.len();
        if written != download.position() {
            remove(&partial.path).await?;
            return Err(Error::InvalidResponse {
                status: 0,
                what: "as many bytes as were written",
            });
        }
        fs::rename(&partial.path, path).await.map_err(Error::unwritable)?;
        Ok(SavedFile {
            size_bytes: download.position(),
            resumed_at_bytes,
            content_type: download.content_type().map(str::to_owned),
        })
    }

    /// A download, and how many bytes of it are there already.
    async fn go_on(&self, url: &str, left: Option<&Partial>) -> Result<(Download, u64), Error> {
        let Some(left) = left.filter(|left| left.size_bytes > 0) else {
            return Ok((self.download(url).await?, 0));
        };
        let range = Some(ByteRange::from(left.size_bytes));
        match self.open(url, &Ask { range, if_range: left.etag.clone() }).await {
            Ok(answer) => {
                let is_part = answer.status() == StatusCode::PARTIAL_CONTENT;
                let download = Download::new(self.clone(), url, answer);
                if is_part && download.strong_etag() != left.etag.as_deref() {
                    return Err(Error::InvalidResponse {
                        status: 206,
                        what: "the version asked for",
                    });
                }
                Ok((download, if is_part { left.size_bytes } else { 0 }))
            }
            // Whole already, or too long: begin again.
            Err(error) if error.code() == ErrorCode::RangeNotSatisfiable => {
                Ok((self.download(url).await?, 0))
            }
            Err(error) => Err(error),
        }
    }
}

/// What has come of a file.
struct Partial {
    path: PathBuf,
    /// Of the version; `None` if the server named none, so nobody can go on.
    etag: Option<String>,
    size_bytes: u64,
}

impl Partial {
    fn of(path: &Path, etag: Option<&str>) -> Self {
        let tag = etag.and_then(|etag| etag.strip_prefix('"')?.strip_suffix('"'));
        let tag = tag.filter(|tag| is_tag(tag));
        let mut name = path.as_os_str().to_owned();
        if let Some(tag) = tag {
            name.push(".");
            name.push(tag);
        }
        name.push(SUFFIX);
        let etag = tag.map(|tag| format!("\"{tag}\""));
        Self { path: name.into(), etag, size_bytes: 0 }
    }

    /// What an earlier call has left, if anything.
    async fn left_of(path: &Path) -> Option<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let beginning = format!("{}.", path.file_name()?.to_str()?);
        let mut entries = fs::read_dir(folder.unwrap_or(Path::new("."))).await.ok()?;
        while let Some(entry) = entries.next_entry().await.ok()? {
            let name = entry.file_name();
            let tag = name.to_str().and_then(|name| name.strip_prefix(&beginning));
            let tag = tag.and_then(|tag| tag.strip_suffix(SUFFIX)).filter(|tag| is_tag(tag));
            if let Some(tag) = tag {
                let size_bytes = entry.metadata().await.ok()?.len();
                let etag = Some(format!("\"{tag}\""));
                return Some(Self { path: entry.path(), etag, size_bytes });
            }
        }
        None
    }

    async fn open(&self) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        let keeps = self.etag.is_some();
        options.create(true).append(keeps).write(true).truncate(!keeps);
        options.open(&self.path).await.map_err(Error::unwritable)
    }
}

/// Whether it can stand in a file name.
fn is_tag(tag: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    (1..=128).contains(&tag.len()) && tag.bytes().all(allowed)
}

async fn append(download: &mut Download, file: &mut File) -> Result<(), Error> {
    let fetched = loop {
        match download.chunk().await {
            Ok(Some(chunk)) => file.write_all(&chunk).await.map_err(Error::unwritable)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    file.flush().await.map_err(Error::unwritable)?;
    fetched
}

async fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::unwritable(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_after_its_version() {
        for (etag, expected, keeps) in [
            (Some("\"3f-2_a\""), "a/f.mp4.3f-2_a.part", true),
            (Some("\"../x\""), "a/f.mp4.part", false),
            (Some("\"\""), "a/f.mp4.part", false),
            (None, "a/f.mp4.part", false),
        ] {
            let partial = Partial::of(Path::new("a/f.mp4"), etag);
            assert_eq!((partial.path.to_str(), partial.etag.is_some()), (Some(expected), keeps));
        }
    }
}
