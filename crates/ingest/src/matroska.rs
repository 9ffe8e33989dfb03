use std::io::{self, Read, Seek};

use crate::patch::{Patch, Plan, clean_by, malformed, read_at};
use crate::{ContentType, IngestError, Limits};

/// Blanks the tags, attachments, title, date and file name of a `WebM` or Matroska file.
///
/// Every blanked element becomes a `Void` element of the same size, so no offset changes.
///
/// ```text
/// EBML │ Segment( SeekHead  Info  Tracks  Cues  Cluster( … ) …  Tags )     each: id │ size │ payload
/// ```
pub fn clean_matroska(bytes: &[u8]) -> Result<Vec<u8>, IngestError> {
    clean_by(plan, bytes, ContentType::Matroska)
}

const MAX_ELEMENTS: u32 = 4_000_000;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const TAGS: u64 = 0x1254_c367;
const ATTACHMENTS: u64 = 0x1941_a469;
const VOID: u64 = 0xec;
const CRC_32: u64 = 0xbf;

const INFO: u64 = 0x1549_a966;
const TIMESTAMP_SCALE: u64 = 0x2a_d7b1;
const DURATION: u64 = 0x4489;
const DATE_UTC: u64 = 0x4461;
const TITLE: u64 = 0x7ba9;
const SEGMENT_FILENAME: u64 = 0x7384;

const TRACKS: u64 = 0x1654_ae6b;
const TRACK_ENTRY: u64 = 0xae;
const VIDEO: u64 = 0xe0;
const PIXEL_WIDTH: u64 = 0xb0;
const PIXEL_HEIGHT: u64 = 0xba;

pub(crate) fn plan(source: &mut (impl Read + Seek), len: u64, limits: &Limits) -> io::Result<Plan> {
    let mut walk = Walk { plan: Plan::of(len, limits), source, elements: 0, scale: 1_000_000, len };
    if walk.next(0, len)?.id != EBML {
        return Err(malformed());
    }
    let mut at = 0;
    let mut has_tracks = false;
    while at < len {
        let found = walk.next(at, len)?;
        at = match found.id {
            // Live recordings do not know how long a segment or cluster gets: go in.
            SEGMENT => found.start,
            CLUSTER if found.is_open => found.start,
            _ if found.is_open => return Err(malformed()),
            TAGS | ATTACHMENTS => walk.erase(found)?,
            VOID => {
                walk.plan.blank(walk.source, found.start, found.end)?;
                found.end
            }
            INFO => walk.info(found)?,
            TRACKS => {
                has_tracks = true;
                walk.tracks(found)?
            }
            _ => found.end,
        };
    }
    // Cut off before it says what it holds, there is nothing in it to play.
    if has_tracks { Ok(walk.plan) } else { Err(malformed()) }
}

#[derive(Clone, Copy)]
struct Found {
    id: u64,
    at: u64,
    start: u64,
    end: u64,
    /// Its size is not stated.
    is_open: bool,
}

struct Walk<'a, S> {
    plan: Plan,
    source: &'a mut S,
    len: u64,
    elements: u32,
    /// Nanoseconds in one tick.
    scale: u64,
}

impl<S: Read + Seek> Walk<'_, S> {
    fn next(&mut self, at: u64, end: u64) -> io::Result<Found> {
        self.plan.in_time()?;
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(malformed());
        }
        let (id_len, id, _) = self.number(at, 4)?;
        let id = id | 1 << (7 * id_len);
        let (size_len, size, is_open) = self.number(at + id_len, 8)?;
        let start = at + id_len + size_len;
        let stated = start.checked_add(size).ok_or_else(malformed)?;
        // A recording that was cut off still plays up to there; only media may lack its end.
        let may_lack_end = end == self.len && !matches!(id, TAGS | ATTACHMENTS | INFO | TRACKS);
        if stated > end && !is_open && !may_lack_end {
            return Err(malformed());
        }
        Ok(Found { id, at, start, end: if is_open { end } else { stated.min(end) }, is_open })
    }

    /// A number that states its own length; `true` if all its bits are set, which means unknown.
    fn number(&mut self, at: u64, max_len: u64) -> io::Result<(u64, u64, bool)> {
        let [first] = read_at::<1>(self.source, at)?;
        let len = u64::from(first.leading_zeros()) + 1;
        if len > max_len {
            return Err(malformed());
        }
        let mut value = u64::from(first) & (0xff >> len);
        for _ in 1..len {
            let mut byte = [0];
            self.source.read_exact(&mut byte)?;
            value = value << 8 | u64::from(byte[0]);
        }
        Ok((len, value, value == (1 << (7 * len)) - 1))
    }

    fn children(&mut self, parent: Found) -> io::Result<Vec<Found>> {
        let mut at = parent.start;
        let mut found = Vec::new();
        while at < parent.end {
            let child = self.next(at, parent.end)?;
            if child.is_open {
                return Err(malformed());
            }
            at = child.end;
            found.push(child);
        }
        Ok(found)
    }

    fn erase(&mut self, found: Found) -> io::Result<u64> {
        let size = found.end - found.at;
        let mut header = vec![0xec];
        if let Some(short) = u8::try_from(size).ok().filter(|size| (2..=128).contains(size)) {
            header.push(0x80 | (short - 2));
        } else {
            header.extend((size.checked_sub(9).ok_or_else(malformed)? | 1 << 56).to_be_bytes());
        }
        let zeros = size - header.len() as u64;
        self.plan.patches.push(Patch { at: found.at, header, zeros });
        Ok(found.end)
    }

    fn info(&mut self, info: Found) -> io::Result<u64> {
        let children = self.children(info)?;
        let private = |id| matches!(id, DATE_UTC | TITLE | SEGMENT_FILENAME);
        let has_private = children.iter().any(|child| private(child.id));
        let mut ticks = None;
        for child in children {
            match child.id {
                TIMESTAMP_SCALE => self.scale = self.unsigned(child)?,
                DURATION => ticks = self.float(child)?,
                VOID => self.plan.blank(self.source, child.start, child.end)?,
                CRC_32 if has_private => drop(self.erase(child)?),
                id if private(id) => drop(self.erase(child)?),
                _ => {}
            }
        }
        self.plan.duration_ms = ticks.and_then(|ticks| milliseconds(ticks, self.scale));
        Ok(info.end)
    }

    fn tracks(&mut self, tracks: Found) -> io::Result<u64> {
        for track in self.children(tracks)? {
            if track.id != TRACK_ENTRY {
                continue;
            }
            for video in self.children(track)? {
                if video.id != VIDEO {
                    continue;
                }
                self.plan.has_picture = true;
                for child in self.children(video)? {
                    match child.id {
                        PIXEL_WIDTH => self.plan.width = u32::try_from(self.unsigned(child)?).ok(),
                        PIXEL_HEIGHT => {
                            self.plan.height = u32::try_from(self.unsigned(child)?).ok();
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(tracks.end)
    }

    fn unsigned(&mut self, found: Found) -> io::Result<u64> {
        let len = found.end - found.start;
        if len > 8 {
            return Err(malformed());
        }
        let mut value = 0;
        for at in found.start..found.end {
            value = value << 8 | u64::from(read_at::<1>(self.source, at)?[0]);
        }
        Ok(value)
    }

    fn float(&mut self, found: Found) -> io::Result<Option<f64>> {
        Ok(match found.end - found.start {
            4 => Some(f64::from(f32::from_be_bytes(read_at(self.source, found.start)?))),
            8 => Some(f64::from_be_bytes(read_at(self.source, found.start)?)),
            _ => None,
        })
    }
}

/// `None` for a duration that no film has.
fn milliseconds(ticks: f64, scale: u64) -> Option<u64> {
    const YEAR_MS: f64 = 3.2e10;
    let scale = u32::try_from(scale).ok()?;
    let ms = ticks * f64::from(scale) / 1e6;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded on both sides"
    )]
    (1.0..YEAR_MS).contains(&ms).then_some(ms as u64)
}
