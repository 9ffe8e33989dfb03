use std::io::{self, Read, Seek};

use crate::patch::{Patch, Plan, clean_by, malformed, read_at};
use crate::{ContentType, IngestError, Limits};

/// Blanks what an MP4 or MOV says about its maker: places, names, dates, user data, XMP, and whole
/// tracks of telemetry.
///
/// Every blanked box becomes a `free` box of the same size, so no offset changes.
///
/// ```text
/// size │ type │ payload        ftyp  mdat  moov( mvhd  udta  meta  trak( tkhd  mdia … ) )
/// ```
pub fn clean_mp4(bytes: &[u8]) -> Result<Vec<u8>, IngestError> {
    clean_by(plan, bytes, ContentType::Mp4)
}

/// More boxes than any player would read.
const MAX_BOXES: u32 = 1_000_000;
/// More entries than the sample table of a day-long track.
const MAX_ENTRIES: u32 = 4_000_000;
const XMP: &[u8; 16] = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
const USER_MEDIA: &[u8; 4] = b"USMT";

pub(crate) fn plan(source: &mut (impl Read + Seek), len: u64, limits: &Limits) -> io::Result<Plan> {
    let mut walk = Walk { plan: Plan::of(len, limits), source, len, boxes: 0 };
    let mut at = 0;
    while at < len {
        let found = walk.next(at, len)?;
        match &found.kind {
            b"moov" => walk.moov(found)?,
            b"meta" | b"udta" => walk.erase(found)?,
            b"free" | b"skip" => walk.plan.blank(walk.source, found.start, found.end)?,
            b"uuid" => walk.uuid(found)?,
            kind if kind.iter().all(|byte| matches!(byte, b' '..=b'~')) => {}
            _ => return Err(malformed()),
        }
        at = found.end;
    }
    Ok(walk.plan)
}

/// One box: its header at `at`, its payload from `start` to `end`.
#[derive(Clone, Copy)]
struct Found {
    at: u64,
    start: u64,
    end: u64,
    kind: [u8; 4],
}

struct Walk<'a, S> {
    plan: Plan,
    source: &'a mut S,
    len: u64,
    boxes: u32,
}

impl<S: Read + Seek> Walk<'_, S> {
    fn next(&mut self, at: u64, end: u64) -> io::Result<Found> {
        self.plan.in_time()?;
        self.boxes += 1;
        if self.boxes > MAX_BOXES {
            return Err(malformed());
        }
        let [a, b, c, d, kind @ ..] = read_at::<8>(self.source, at)?;
        let (start, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (at + 8, end - at),
            1 => (at + 16, u64::from_be_bytes(read_at(self.source, at + 8)?)),
            size => (at + 8, u64::from(size)),
        };
        let box_end = at.checked_add(size).filter(|box_end| *box_end >= start);
        let box_end = box_end.ok_or_else(malformed)?;
        // A recording that was cut off in its media still plays up to there.
        let cut_off = &kind == b"mdat" && end == self.len;
        if box_end > end && !cut_off {
            return Err(malformed());
        }
        Ok(Found { at, start, end: box_end.min(end), kind })
    }

    fn children(&mut self, parent: Found) -> io::Result<Vec<Found>> {
        let mut at = parent.start;
        let mut found = Vec::new();
        // QuickTime may close a list with a 32-bit zero.
        while at + 8 <= parent.end {
            let child = self.next(at, parent.end)?;
            at = child.end;
            found.push(child);
        }
        Ok(found)
    }

    fn erase(&mut self, found: Found) -> io::Result<()> {
        self.plan.patches.push(Patch { at: found.at + 4, header: b"free".to_vec(), zeros: 0 });
        self.plan.blank(self.source, found.start, found.end)
    }

    fn uuid(&mut self, found: Found) -> io::Result<()> {
        let id: [u8; 16] = read_at(self.source, found.start)?;
        if &id == XMP || id.starts_with(USER_MEDIA) {
            self.erase(found)?;
        }
        Ok(())
    }

    fn moov(&mut self, moov: Found) -> io::Result<()> {
        for child in self.children(moov)? {
            match &child.kind {
                b"mvhd" => {
                    let (scale, duration) = self.times(child)?;
                    let ms = u128::from(duration) * 1000 / u128::from(scale.max(1));
                    self.plan.duration_ms = u64::try_from(ms).ok().filter(|ms| *ms > 0);
                }
                b"trak" => self.trak(child)?,
                b"meta" | b"udta" => self.erase(child)?,
                b"free" | b"skip" => self.plan.blank(self.source, child.start, child.end)?,
                b"uuid" => self.uuid(child)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Blanks the dates of a `mvhd` or `mdhd`; gives its units per second and its duration in them.
    fn times(&mut self, header: Found) -> io::Result<(u32, u64)> {
        let start = header.start + 4;
        if read_at::<1>(self.source, header.start)? == [1] {
            self.blank_inside(header, start, start + 16)?;
            let scale = u32::from_be_bytes(read_at(self.source, start + 16)?);
            return Ok((scale, u64::from_be_bytes(read_at(self.source, start + 20)?)));
        }
        self.blank_inside(header, start, start + 8)?;
        let scale = u32::from_be_bytes(read_at(self.source, start + 8)?);
        Ok((scale, u64::from(u32::from_be_bytes(read_at(self.source, start + 12)?))))
    }

    fn blank_inside(&mut self, found: Found, at: u64, end: u64) -> io::Result<()> {
        if end > found.end {
            return Err(malformed());
        }
        self.plan.blank(self.source, at, end)
    }

    fn trak(&mut self, trak: Found) -> io::Result<()> {
        let children = self.children(trak)?;
        let mut handler = None;
        let mut tables = Vec::new();
        for mdia in children.iter().filter(|child| &child.kind == b"mdia") {
            for child in self.children(*mdia)? {
                match &child.kind {
                    b"hdlr" => handler = Some(read_at::<4>(self.source, child.start + 8)?),
                    b"mdhd" => drop(self.times(child)?),
                    b"minf" => tables.push(child),
                    b"udta" | b"meta" => self.erase(child)?,
                    b"free" | b"skip" => self.plan.blank(self.source, child.start, child.end)?,
                    _ => {}
                }
            }
        }
        if handler == Some(*b"meta") {
            for minf in tables {
                self.blank_samples(minf)?;
            }
            return self.erase(trak);
        }
        for child in children {
            match &child.kind {
                b"tkhd" => self.tkhd(child, handler == Some(*b"vide"))?,
                b"meta" | b"udta" => self.erase(child)?,
                b"free" | b"skip" => self.plan.blank(self.source, child.start, child.end)?,
                b"uuid" => self.uuid(child)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn tkhd(&mut self, tkhd: Found, is_video: bool) -> io::Result<()> {
        let long = read_at::<1>(self.source, tkhd.start)? == [1];
        let dates = tkhd.start + 4;
        self.blank_inside(tkhd, dates, dates + if long { 16 } else { 8 })?;
        if is_video && tkhd.end - tkhd.start >= 84 {
            let size: [u8; 8] = read_at(self.source, tkhd.end - 8)?;
            let width = u32::from(u16::from_be_bytes([size[0], size[1]]));
            let height = u32::from(u16::from_be_bytes([size[4], size[5]]));
            // The first number of the matrix is 0 when the picture lies on its side.
            let turned = read_at::<4>(self.source, tkhd.end - 44)? == [0; 4];
            let (width, height) = if turned { (height, width) } else { (width, height) };
            self.plan.has_picture = true;
            self.plan.width.get_or_insert(width);
            self.plan.height.get_or_insert(height);
        }
        Ok(())
    }

    /// Blanks the samples of a telemetry track, which lie between those of picture and sound.
    fn blank_samples(&mut self, minf: Found) -> io::Result<()> {
        let stbl = self.children(minf)?.into_iter().find(|child| &child.kind == b"stbl");
        let Some(stbl) = stbl else { return Ok(()) };
        let (mut chunks, mut runs, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        for table in self.children(stbl)? {
            match &table.kind {
                b"stco" => {
                    for [offset] in self.entries::<1>(table, 4)? {
                        chunks.push(u64::from(offset));
                    }
                }
                b"co64" => {
                    for [high, low] in self.entries::<2>(table, 4)? {
                        chunks.push(u64::from(high) << 32 | u64::from(low));
                    }
                }
                b"stsc" => runs = self.entries::<3>(table, 4)?,
                b"stsz" => {
                    let size = u32::from_be_bytes(read_at(self.source, table.start + 4)?);
                    let count = u32::from_be_bytes(read_at(self.source, table.start + 8)?);
                    if count > MAX_ENTRIES {
                        return Err(malformed());
                    }
                    sizes = if size == 0 {
                        self.entries::<1>(table, 8)?.into_iter().map(|[size]| size).collect()
                    } else {
                        vec![size; count as usize]
                    };
                }
                _ => {}
            }
        }
        let mut sizes = sizes.into_iter();
        let mut runs = runs.into_iter().peekable();
        let mut per_chunk = 0;
        for (number, at) in (1_u32..).zip(chunks) {
            while let Some([_, samples, _]) = runs.next_if(|[first, ..]| *first <= number) {
                per_chunk = samples;
            }
            let taken = sizes.by_ref().take(per_chunk as usize);
            let bytes: u64 = taken.map(u64::from).sum();
            let end = at.saturating_add(bytes).min(self.len);
            if at < end {
                self.plan.blank(self.source, at, end)?;
            }
        }
        Ok(())
    }

    /// Rows of `N` numbers; their count is read `skip` bytes into the table.
    fn entries<const N: usize>(&mut self, table: Found, skip: u64) -> io::Result<Vec<[u32; N]>> {
        let count = u32::from_be_bytes(read_at(self.source, table.start + skip)?);
        let first = table.start + skip + 4;
        let room = table.end.saturating_sub(first) / (4 * N as u64);
        if count > MAX_ENTRIES || u64::from(count) > room {
            return Err(malformed());
        }
        let mut rows = Vec::new();
        for _ in 0..count {
            let mut row = [0; N];
            for number in &mut row {
                let mut bytes = [0; 4];
                self.source.read_exact(&mut bytes)?;
                *number = u32::from_be_bytes(bytes);
            }
            rows.push(row);
        }
        Ok(rows)
    }
}
