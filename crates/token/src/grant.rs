//! The proof that one file may be read now.

use std::sync::Arc;

use crate::decide::{FileFacts, FileState, FileVersion, Reader, Refusal};
use crate::id::BlobKey;
use crate::media_path::MediaPath;
use crate::presign_terms::{Disposition, PresignTerms, UrlPurpose};
use crate::time::Seq;

/// Proves that this caller may read this version of this file now.
///
/// Only [`decide`](crate::decide()) makes one of a caller's facts. Opening bytes and presigning
/// demand one, so a handler that forgets the check does not compile.
///
/// ```compile_fail
/// // There is no way to build one from outside.
/// let grant = cloakroom_token::ReadGrant { };
/// ```
#[derive(Clone, Debug)]
pub struct ReadGrant {
    path: MediaPath,
    version: Arc<FileVersion>,
    file_name: Arc<str>,
    reader: Reader,
    generation: Seq,
    terms: PresignTerms,
}

/// What the server itself reads a file for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// Copying the bytes to a backup.
    Backup,
    /// Moving the bytes to another store.
    Migration,
    /// Looking for malware.
    Scan,
    /// Making a thumbnail.
    Thumbnail,
}

impl ReadGrant {
    pub(crate) fn new(
        path: &MediaPath,
        file: ReadableFile,
        reader: Reader,
        generation: Seq,
        terms: PresignTerms,
    ) -> Self {
        let ReadableFile { facts: FileFacts { file_name, .. }, version } = file;
        Self { path: path.clone(), version, file_name, reader, generation, terms }
    }

    /// Opens a file of an app whose protection is off, or that only observes, to everybody.
    ///
    /// What was taken back stays taken back: the switch decides about tokens, not about deletion
    /// and revocation.
    ///
    /// # Errors
    ///
    /// [`Refusal::FileMissing`], [`Refusal::NotReady`] or [`Refusal::FileRevoked`].
    pub fn unprotected(
        path: &MediaPath,
        file: Option<FileFacts>,
        disposition: Option<Disposition>,
    ) -> Result<Self, Refusal> {
        let file = readable(path, file)?;
        let terms = PresignTerms { disposition, ..PresignTerms::default() };
        Ok(Self::new(path, file, Reader::Anyone, Seq::default(), terms))
    }

    /// Opens a file for the server's own work, whatever its state.
    ///
    /// # Errors
    ///
    /// [`Refusal::FileMissing`] if this rendition has no bytes.
    pub fn internal(
        path: &MediaPath,
        mut facts: FileFacts,
        purpose: Purpose,
    ) -> Result<Self, Refusal> {
        let version = facts.version.take().ok_or(Refusal::FileMissing)?;
        let (file, reader) = (ReadableFile { facts, version }, Reader::Server(purpose));
        Ok(Self::new(path, file, reader, Seq::default(), PresignTerms::default()))
    }

    /// The file and rendition.
    #[must_use]
    pub const fn path(&self) -> &MediaPath {
        &self.path
    }

    /// The version whose bytes may be read.
    #[must_use]
    pub fn version(&self) -> &FileVersion {
        &self.version
    }

    /// Where the bytes lie.
    #[must_use]
    pub fn blob(&self) -> BlobKey {
        self.version.blob
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.version.size_bytes
    }

    /// The name under which the user sent the file, for a download.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Who reads.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The last revocation that concerns app, user, session or file, as known at the decision.
    #[must_use]
    pub const fn generation(&self) -> Seq {
        self.generation
    }

    /// Whether the credential asks for inline display or for a download.
    #[must_use]
    pub const fn disposition(&self) -> Option<Disposition> {
        self.terms.disposition
    }

    /// What the presigned URL was made for, if it says so.
    #[must_use]
    pub const fn url_purpose(&self) -> Option<UrlPurpose> {
        self.terms.purpose
    }
}

/// A file that is there, and the rendition that was asked for.
pub(crate) struct ReadableFile {
    /// What is known of it; the rendition was taken out.
    pub(crate) facts: FileFacts,
    version: Arc<FileVersion>,
}

/// The file and its version, if they are there and were not taken back.
pub(crate) fn readable(path: &MediaPath, file: Option<FileFacts>) -> Result<ReadableFile, Refusal> {
    let mut facts = file.ok_or(Refusal::FileMissing)?;
    match facts.state {
        FileState::Deleted | FileState::Refused => return Err(Refusal::FileMissing),
        FileState::Receiving | FileState::Checking => return Err(Refusal::NotReady),
        FileState::Ready => {}
    }
    if facts.ever_carried && facts.carriers.is_empty() {
        return Err(Refusal::FileMissing);
    }
    let version = facts
        .version
        .take()
        .filter(|version| *version.extension == *path.extension())
        .ok_or(Refusal::FileMissing)?;
    if facts.revoked {
        return Err(Refusal::FileRevoked);
    }
    Ok(ReadableFile { facts, version })
}
