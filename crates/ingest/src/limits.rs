/// How much one image may ask of us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Largest image file in bytes; images are held in memory while they are cleaned.
    pub max_image_bytes: u64,
    /// Largest width × height of an image, as its header states it.
    pub max_pixels: u64,
}

impl Default for Limits {
    /// 64 MiB and 100 megapixels.
    fn default() -> Self {
        Self { max_image_bytes: 64 * 1024 * 1024, max_pixels: 100_000_000 }
    }
}
