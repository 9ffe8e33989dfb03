use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};

use crate::{ContentType, IngestError, Limits};

/// Bytes to overwrite in a copy of a file, so that every offset in it stays true.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Patch {
    pub(crate) at: u64,
    pub(crate) header: Vec<u8>,
    /// How many zeros follow the header.
    pub(crate) zeros: u64,
}

/// What a film or a boxed photo says about itself, and what must go.
#[derive(Debug)]
pub(crate) struct Plan {
    limits: Limits,
    /// How many bytes may still be looked at and blanked. A table of a hostile file can name the
    /// same bytes a million times over.
    budget: u64,
    pub(crate) patches: Vec<Patch>,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) duration_ms: Option<u64>,
    pub(crate) has_picture: bool,
}

impl Plan {
    /// Nothing has to go yet of a file of `len` bytes.
    pub(crate) fn of(len: u64, limits: &Limits) -> Self {
        Self {
            limits: *limits,
            // Whatever is named twice for a reason, such as a table inside a track that goes
            // altogether, is not named a third time.
            budget: len.saturating_mul(2),
            patches: Vec::new(),
            width: None,
            height: None,
            duration_ms: None,
            has_picture: false,
        }
    }

    /// Fails once the time for the file is over.
    pub(crate) fn in_time(&self) -> io::Result<()> {
        self.limits.in_time().map_err(|_| ErrorKind::TimedOut.into())
    }

    /// Plans zeros over `at..end`, unless they are there already.
    pub(crate) fn blank(
        &mut self,
        source: &mut (impl Read + Seek),
        at: u64,
        end: u64,
    ) -> io::Result<()> {
        self.in_time()?;
        let left = self.budget.checked_sub(end.saturating_sub(at));
        self.budget = left.ok_or_else(malformed)?;
        if !is_zero(source, at, end)? {
            self.patches.push(Patch { at, header: Vec::new(), zeros: end - at });
        }
        Ok(())
    }

    pub(crate) fn apply(&self, target: &mut (impl Write + Seek)) -> io::Result<()> {
        for patch in &self.patches {
            target.seek(SeekFrom::Start(patch.at))?;
            target.write_all(&patch.header)?;
            io::copy(&mut io::repeat(0).take(patch.zeros), target)?;
        }
        Ok(())
    }
}

/// Applies the plan that `plan_of` makes of a whole file in memory.
pub(crate) fn clean_by<'a>(
    plan_of: impl FnOnce(&mut Cursor<&'a [u8]>, u64, &Limits) -> io::Result<Plan>,
    bytes: &'a [u8],
    content_type: ContentType,
) -> Result<Vec<u8>, IngestError> {
    let plan = plan_of(&mut Cursor::new(bytes), bytes.len() as u64, &Limits::default())
        .map_err(|error| IngestError::from_parser(error, content_type))?;
    let mut out = Cursor::new(bytes.to_vec());
    plan.apply(&mut out)?;
    Ok(out.into_inner())
}

/// Reads `N` bytes at `at`.
pub(crate) fn read_at<const N: usize>(
    source: &mut (impl Read + Seek),
    at: u64,
) -> io::Result<[u8; N]> {
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn malformed() -> io::Error {
    ErrorKind::InvalidData.into()
}

fn is_zero(source: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<bool> {
    source.seek(SeekFrom::Start(at))?;
    let mut left = end.saturating_sub(at);
    let mut block = [0; 4096];
    while left > 0 {
        let want = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
        let got = source.read(&mut block[..want])?;
        if got == 0 {
            return Ok(true);
        }
        if block[..got].iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        left -= got as u64;
    }
    Ok(true)
}
