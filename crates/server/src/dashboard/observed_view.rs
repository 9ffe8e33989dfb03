//! What the settings page shows of an app that only observes.

use cloakroom_token::{AppId, UnixSeconds};

use super::Dashboard;
use super::error::DashboardError;

const DAYS: u32 = 7;
const MOST_ROWS: usize = 50;

/// Whose media would break, and what would be refused.
pub(super) struct ObservedView {
    pub(super) live_sessions: u64,
    pub(super) without_fat: u64,
    pub(super) days: u32,
    pub(super) rows: Vec<ObservedRow>,
    /// Kinds of requests beyond those that are shown.
    pub(super) more: usize,
}

/// Requests of one kind.
pub(super) struct ObservedRow {
    pub(super) count: i64,
    pub(super) why: &'static str,
    pub(super) client: String,
    pub(super) path: String,
    pub(super) last: String,
}

impl ObservedView {
    pub(super) async fn of(dashboard: &Dashboard, app: &AppId) -> Result<Self, DashboardError> {
        let (live_sessions, without_fat) = dashboard.observer.sessions(app).await?;
        let seen = dashboard.observer.seen(app, DAYS).await?;
        let more = seen.len().saturating_sub(MOST_ROWS);
        let now = dashboard.clock.now();
        let rows = seen.into_iter().take(MOST_ROWS).map(|seen| ObservedRow {
            count: seen.count,
            why: in_words(&seen.reason),
            client: seen.client,
            path: seen.path,
            last: ago(seen.last_at, now),
        });
        Ok(Self { live_sessions, without_fat, days: DAYS, rows: rows.collect(), more })
    }
}

fn in_words(reason: &str) -> &'static str {
    match reason {
        "fat_missing" => "carries no credential",
        "fat_invalid" => "carries a token that is not genuine",
        "fat_expired" => "carries a token that has expired",
        "session_ended" => "comes from a login that has ended",
        "presign_expired" => "uses a presigned URL that has expired",
        "presign_altered" => "uses a presigned URL that is not genuine",
        "two_credentials" => "carries two credentials",
        "not_permitted" => "comes from somebody outside the conversation",
        _ => "would not be answered",
    }
}

fn ago(at: UnixSeconds, now: UnixSeconds) -> String {
    match now.since(at).max(0) {
        seconds @ 0..120 => format!("{seconds} s ago"),
        seconds @ 120..7200 => format!("{} min ago", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_roughly_as_it_is_useful() {
        let now = UnixSeconds(1_000_000);
        let cases = [
            (-5, "0 s ago"),
            (119, "119 s ago"),
            (120, "2 min ago"),
            (7200, "2 h ago"),
            (172_800, "2 days ago"),
        ];
        for (seconds, text) in cases {
            assert_eq!(ago(now.plus(-seconds), now), text);
        }
    }
}
