//! EXIF reduced to how a picture is turned.

/// How a picture is turned, by its EXIF; `None` if it is not, or does not say.
///
/// `tiff` is what follows `Exif\0\0` in a JPEG, and the data of `eXIf` in a PNG.
pub(crate) fn orientation_of(tiff: &[u8]) -> Option<u8> {
    let exif = exif::Reader::new().read_raw(tiff.to_vec()).ok()?;
    let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
    u8::try_from(field.value.get_uint(0)?).ok().filter(|value| (2..=8).contains(value))
}

/// EXIF that says this and nothing else.
pub(crate) fn tiff_with(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation;
    tiff
}

/// Width and height as displayed of a picture that has these as stored.
pub(crate) fn as_displayed(orientation: Option<u8>, (width, height): (u32, u32)) -> (u32, u32) {
    if orientation.is_some_and(|value| value >= 5) { (height, width) } else { (width, height) }
}
