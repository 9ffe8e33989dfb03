use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};

use crate::Limits;
use crate::patch::{Plan, malformed};

/// A `meta` box larger than this describes no photo.
const MAX_META_BYTES: u64 = 4 * 1024 * 1024;

/// Plans zeros over the EXIF and XMP items of a HEIC or AVIF photo, and reads its size.
///
/// ```text
/// meta( iinf: item id → type    iloc: item id → where its bytes lie    iprp( ipco( ispe ) ) )
/// ```
pub(crate) fn plan(source: &mut (impl Read + Seek), len: u64, limits: &Limits) -> io::Result<Plan> {
    let mut plan = Plan::of(len, limits);
    let mut at = 0;
    let mut described = false;
    while at < len {
        plan.in_time()?;
        let mut header = [0; 16];
        source.seek(SeekFrom::Start(at))?;
        source.read_exact(&mut header[..8])?;
        let (start, size) = match u32::from_be_bytes([header[0], header[1], header[2], header[3]]) {
            0 => (at + 8, len - at),
            1 => {
                source.read_exact(&mut header[8..])?;
                (at + 16, number(&header, 8, 8).ok_or_else(malformed)?)
            }
            size => (at + 8, u64::from(size)),
        };
        let end = at.checked_add(size).filter(|end| (start..=len).contains(end));
        let end = end.ok_or_else(malformed)?;
        if &header[4..8] == b"meta" && !described {
            described = true;
            if end - start > MAX_META_BYTES {
                return Err(malformed());
            }
            let mut meta = Vec::new();
            source.seek(SeekFrom::Start(start))?;
            source.by_ref().take(end - start).read_to_end(&mut meta)?;
            let private = items(&meta, start, &mut plan).ok_or_else(malformed)?;
            for (from, to) in private {
                if to > len {
                    return Err(malformed());
                }
                plan.blank(source, from, to)?;
            }
        }
        at = end;
    }
    if described { Ok(plan) } else { Err(malformed()) }
}

/// Where the private items lie in the file. `start` is where the payload of `meta` lies.
fn items(meta: &[u8], start: u64, plan: &mut Plan) -> Option<Vec<(u64, u64)>> {
    let mut private = HashSet::new();
    let mut iloc = None;
    let mut idat = 0;
    let base = 4;
    for (kind, at, payload) in boxes(meta, base)? {
        match &kind {
            b"iinf" => {
                let skip = if *payload.first()? == 0 { 6 } else { 8 };
                for (kind, _, entry) in boxes(payload, skip)? {
                    if &kind == b"infe" {
                        private.extend(private_item(entry)?);
                    }
                }
            }
            b"iloc" => iloc = Some(payload),
            b"idat" => idat = start + at as u64,
            b"iprp" => sizes(payload, plan),
            _ => {}
        }
    }
    locations(iloc?, idat, &private)
}

type BoxAt<'a> = ([u8; 4], usize, &'a [u8]);

fn boxes(data: &[u8], mut at: usize) -> Option<Vec<BoxAt<'_>>> {
    let mut found = Vec::new();
    while at < data.len() {
        let size =
            usize::try_from(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?)).ok()?;
        let kind = data.get(at + 4..at + 8)?.try_into().ok()?;
        found.push((kind, at + 8, data.get(at + 8..at.checked_add(size)?)?));
        at += size;
    }
    Some(found)
}

/// The id of an item that holds EXIF or XMP (`Some(None)`: it holds neither).
#[expect(clippy::option_option, reason = "the outer layer is malformed, the inner not private")]
fn private_item(entry: &[u8]) -> Option<Option<u32>> {
    let (id, at) = match *entry.first()? {
        2 => (u32::from(u16::from_be_bytes(entry.get(4..6)?.try_into().ok()?)), 8),
        3 => (u32::from_be_bytes(entry.get(4..8)?.try_into().ok()?), 10),
        _ => return Some(None),
    };
    Some(matches!(entry.get(at..at + 4)?, b"Exif" | b"mime").then_some(id))
}

/// The largest picture in it; a grid states its own size beside those of its tiles.
fn sizes(iprp: &[u8], plan: &mut Plan) {
    for (_, _, ipco) in boxes(iprp, 0).into_iter().flatten().filter(|found| &found.0 == b"ipco") {
        for (_, _, ispe) in boxes(ipco, 0).into_iter().flatten().filter(|found| &found.0 == b"ispe")
        {
            let Some((width, height)) = number(ispe, 4, 4).zip(number(ispe, 8, 4)) else {
                continue;
            };
            let (width, height) = (u32::try_from(width).ok(), u32::try_from(height).ok());
            let pixels = |width: Option<u32>, height: Option<u32>| {
                u64::from(width.unwrap_or(0)) * u64::from(height.unwrap_or(0))
            };
            if pixels(width, height) > pixels(plan.width, plan.height) {
                (plan.width, plan.height) = (width, height);
                plan.has_picture = true;
            }
        }
    }
}

fn locations(iloc: &[u8], idat: u64, private: &HashSet<u32>) -> Option<Vec<(u64, u64)>> {
    let version = *iloc.first()?;
    let (offset_len, length_len) = (usize::from(iloc.get(4)? >> 4), usize::from(iloc[4] & 15));
    let (base_len, index_len) = (usize::from(iloc.get(5)? >> 4), usize::from(iloc[5] & 15));
    let index_len = if version == 0 { 0 } else { index_len };
    let id_len = if version == 2 { 4 } else { 2 };
    let mut at = 6;
    let mut next = |len: usize| {
        let value = number(iloc, at, len);
        at += len;
        value
    };
    let mut found = Vec::new();
    for _ in 0..next(id_len)? {
        let id = next(id_len)?;
        let method = if version == 0 { 0 } else { next(2)? & 15 };
        next(2)?;
        let base = next(base_len)?;
        for _ in 0..next(2)? {
            next(index_len)?;
            let offset = base.checked_add(next(offset_len)?)?;
            let length = next(length_len)?;
            if !u32::try_from(id).is_ok_and(|id| private.contains(&id)) {
                continue;
            }
            let from = match method {
                0 => offset,
                1 => idat.checked_add(offset)?,
                _ => return None,
            };
            found.push((from, from.checked_add(length)?));
        }
    }
    Some(found)
}

fn number(data: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = data.get(at..at.checked_add(len)?).filter(|bytes| bytes.len() <= 8)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
