use std::path::Path;

use cloakroom_storage::{
    Db, PostgresOptions, SqliteOptions, StorageError, VIEW_WINDOW_SECONDS, View,
};
use cloakroom_token::{AppId, UnixSeconds, UrlId};

use crate::postgres::Server;
use crate::world::{self, NOW};

const URL: UrlId = UrlId([7; 32]);
const EXPIRES: UnixSeconds = UnixSeconds(100_000);

pub(crate) async fn a_view_lasts_ten_minutes_and_there_are_no_more_than_were_given(db: Db) {
    let app = world::app(&db).await;
    let views = db.url_views();
    let take = async |seconds| views.take(&app, URL, 2, EXPIRES, NOW.plus(seconds)).await.unwrap();
    let rows = [
        (0, View::Taken),
        (0, View::Continues),
        (VIEW_WINDOW_SECONDS - 1, View::Continues),
        (VIEW_WINDOW_SECONDS, View::Taken),
        (2 * VIEW_WINDOW_SECONDS - 1, View::Continues),
        (2 * VIEW_WINDOW_SECONDS, View::Refused),
        (9 * VIEW_WINDOW_SECONDS, View::Refused),
    ];
    for (seconds, expected) in rows {
        assert_eq!(take(seconds).await, expected, "after {seconds} s");
    }
    let other = views.take(&app, UrlId([8; 32]), 1, EXPIRES, NOW).await.unwrap();
    assert_eq!(other, View::Taken, "each URL has views of its own");
    let nowhere = AppId::parse("nowhere").unwrap();
    let refused = views.take(&nowhere, UrlId([9; 32]), 1, EXPIRES, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)), "{refused:?}");
}

pub(crate) async fn a_url_is_forgotten_only_after_its_end(db: Db) {
    let app = world::app(&db).await;
    let views = db.url_views();
    assert_eq!(views.take(&app, URL, 1, EXPIRES, NOW).await.unwrap(), View::Taken);
    let later = NOW.plus(VIEW_WINDOW_SECONDS);
    assert_eq!(views.sweep(EXPIRES).await.unwrap(), 0);
    assert_eq!(views.take(&app, URL, 1, EXPIRES, later).await.unwrap(), View::Refused);
    assert_eq!(views.sweep(EXPIRES.plus(1)).await.unwrap(), 1);
    assert_eq!(views.take(&app, URL, 1, EXPIRES, later).await.unwrap(), View::Taken);
}

/// Two nodes, many fetches at the same moment, five times a window apart.
async fn race(nodes: [Db; 2]) {
    const VIEWS: u32 = 3;
    let app = world::app(&nodes[0]).await;
    for round in 0..5 {
        let now = NOW.plus(round * VIEW_WINDOW_SECONDS);
        let mut fetches = tokio::task::JoinSet::new();
        for fetch in 0..16 {
            let (views, app) = (nodes[fetch % 2].url_views(), app.clone());
            fetches.spawn(async move { views.take(&app, URL, VIEWS, EXPIRES, now).await.unwrap() });
        }
        let all = fetches.join_all().await;
        let count = |view| all.iter().filter(|got| **got == view).count();
        let counted = (count(View::Taken), count(View::Continues), count(View::Refused));
        let expected = if round < i64::from(VIEWS) { (1, 15, 0) } else { (0, 0, 16) };
        assert_eq!(counted, expected, "round {round}");
    }
    for number in 10..40 {
        let mut fetches = tokio::task::JoinSet::new();
        for fetch in 0..16_u8 {
            let now = NOW.plus(i64::from(fetch) * VIEW_WINDOW_SECONDS);
            let (views, app) = (nodes[usize::from(fetch % 2)].url_views(), app.clone());
            let url = UrlId([number; 32]);
            fetches.spawn(async move { views.take(&app, url, 1, EXPIRES, now).await.unwrap() });
        }
        let taken = fetches.join_all().await.into_iter().filter(|got| *got == View::Taken);
        assert_eq!(taken.count(), 1, "clocks that differ add no view");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_file_never_give_a_view_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let open = async |path: &Path| Db::open_sqlite(path, SqliteOptions::default()).await.unwrap();
    let nodes = [open(&path).await, open(&path).await];
    race(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_postgresql_never_give_a_view_twice() {
    let Some(server) = Server::start() else { return };
    let url = server.fresh_url().await;
    let open = async |url: &str| Db::open_postgres(url, PostgresOptions::default()).await.unwrap();
    let nodes = [open(&url).await, open(&url).await];
    race(nodes.clone()).await;
    for node in nodes {
        node.close().await;
    }
}
