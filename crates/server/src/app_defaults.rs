//! What a new app starts with.

use cloakroom_storage::{AppPolicy, AppSettings};

const PRESIGN_TTL_SECONDS: u32 = 15 * 60;
const FAT_LIFETIME_SECONDS: u32 = 24 * 60 * 60;
const FILE_SIZE_MAX: u64 = 100 * 1024 * 1024;
const FILE_COUNT_MAX: u32 = 10;

/// The settings of a new app. Login by auth key from a client is off: an auth key in a web page
/// lets anybody be anybody.
pub(crate) fn app_settings(name: &str) -> AppSettings {
    AppSettings {
        name: name.to_owned(),
        presign_ttl_seconds: PRESIGN_TTL_SECONDS,
        fat_lifetime_seconds: FAT_LIFETIME_SECONDS,
        client_login_by_auth_key: false,
        file_size_max: FILE_SIZE_MAX,
        file_count_max: FILE_COUNT_MAX,
        allowed_origins: Vec::new(),
        policy: AppPolicy::default(),
    }
}
