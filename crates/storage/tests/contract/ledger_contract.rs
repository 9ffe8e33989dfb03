//! What the ledger promises, the same on both databases.

use cloakroom_storage::{
    ChainCheck, Fault, Ledger, LedgerDay, NewRecord, PostgresOptions, RecordFilter, SqliteOptions,
};
use cloakroom_token::{AppId, MediaId, SessionId, Uid, UnixSeconds};
use serde_json::{Map, Value, json};
use sqlx::Executor;

use crate::postgres::Server;

const NOW: UnixSeconds = UnixSeconds(1_790_000_000);

fn app() -> AppId {
    AppId::parse("demoapp").unwrap()
}

fn uid(name: &str) -> Uid {
    Uid::parse(name).unwrap()
}

fn read(at: UnixSeconds, name: &str, media: &str, refused: bool) -> NewRecord {
    let fields: Map<String, Value> =
        json!({"kind": "read", "count": 1}).as_object().unwrap().clone();
    NewRecord {
        at,
        uid: Some(uid(name)),
        session: Some(SessionId::parse(&"1".repeat(32)).unwrap()),
        media: Some(MediaId::parse(&media.repeat(32)).unwrap()),
        refused: Some(refused),
        fields,
    }
}

/// All that is wrong with a day.
async fn faults(ledger: &Ledger, app: &AppId, day: LedgerDay) -> Vec<Fault> {
    let mut check = ChainCheck::new(Some(app), day);
    let mut after = 0;
    loop {
        let records = ledger.of_day(Some(app), day, after, 2).await.unwrap();
        let Some(last) = records.last() else { break };
        after = last.number;
        for record in &records {
            check.take(record);
        }
    }
    let days = ledger.days(Some(app), Some(day), Some(day), 1).await.unwrap();
    check.end(&days[0])
}

/// Changes the tables behind the ledger's back.
struct Tamper {
    lite: Option<sqlx::SqlitePool>,
    pg: Option<sqlx::PgPool>,
}

impl Tamper {
    async fn run(&self, sql: &'static str) {
        if let Some(pool) = &self.lite {
            assert!(pool.execute(sql).await.unwrap().rows_affected() > 0);
        }
        if let Some(pool) = &self.pg {
            assert!(pool.execute(sql).await.unwrap().rows_affected() > 0);
        }
    }
}

async fn keeps_its_promises(ledger: Ledger) {
    assert!(ledger.prepare_all().await.unwrap() > 15);
    let (app, today) = (app(), LedgerDay::of(NOW));
    let records: Vec<_> = (0..7)
        .map(|n| read(NOW.plus(n), if n % 2 == 0 { "ann" } else { "ben" }, "a", n == 3))
        .collect();
    ledger.append(Some(&app), &records[..4]).await.unwrap();
    ledger.append(Some(&app), &records[4..]).await.unwrap();
    assert_eq!(faults(&ledger, &app, today).await, []);

    // Found by user, by file, by outcome; and no uid stands in any record.
    let count =
        async |filter: RecordFilter| ledger.page(&app, &filter, None, 100).await.unwrap().len();
    let of = |name: &str| RecordFilter { uid: Some(uid(name)), ..RecordFilter::default() };
    assert_eq!((count(of("ann")).await, count(of("ben")).await, count(of("eve")).await), (4, 3, 0));
    assert_eq!(count(RecordFilter { refused: Some(true), ..of("ben") }).await, 1);
    let file = MediaId::parse(&"b".repeat(32)).unwrap();
    assert_eq!(count(RecordFilter { media: Some(file), ..RecordFilter::default() }).await, 0);
    let from = RecordFilter { from: Some(NOW.plus(5)), ..RecordFilter::default() };
    assert_eq!(count(from).await, 2);
    let first = ledger.page(&app, &RecordFilter::default(), None, 5).await.unwrap();
    let (day, last) = first.last().unwrap();
    let rest = ledger.page(&app, &RecordFilter::default(), Some((*day, last.number)), 5).await;
    assert_eq!(rest.unwrap().iter().map(|(_, r)| r.number).collect::<Vec<_>>(), [2, 1]);
    let text: String = first.iter().map(|(_, record)| record.body.clone()).collect();
    assert!(!text.contains("ann") && !text.contains(&"1".repeat(32)), "{text}");

    // Whose they were is forgotten with the user, and the chain still verifies.
    let body: Value = serde_json::from_str(&first[0].1.body).unwrap();
    let person = body["person"].as_str().unwrap().to_owned();
    assert_eq!(ledger.uids(&app, [person.clone()]).await.unwrap()[&person], "ann");
    assert!(ledger.erase(&app, &uid("ann")).await.unwrap());
    assert!(!ledger.erase(&app, &uid("ann")).await.unwrap());
    assert!(ledger.uids(&app, [person]).await.unwrap().is_empty());
    assert_eq!(count(of("ann")).await, 0);
    ledger.append(Some(&app), &[read(NOW, "ann", "a", true)]).await.unwrap();
    assert_eq!(count(of("ann")).await, 0, "and never linked again");
    assert_eq!(faults(&ledger, &app, today).await, []);
    assert_eq!(ledger.known(None, 9).await.unwrap(), [("demoapp".into(), "ben".into())]);

    // A closed day takes no more: what comes late goes to the next.
    let row = ledger.days(Some(&app), None, None, 9).await.unwrap().remove(0);
    assert!(ledger.close_day(Some(&app), &row, "head", NOW.plus(90_000)).await.unwrap());
    assert!(!ledger.close_day(Some(&app), &row, "other", NOW.plus(90_000)).await.unwrap());
    ledger.append(Some(&app), &[read(NOW, "ben", "a", false)]).await.unwrap();
    let days = ledger.days(Some(&app), None, None, 9).await.unwrap();
    assert_eq!(days.iter().map(|day| day.records).collect::<Vec<_>>(), [8, 1]);
    assert_eq!(ledger.untold(9).await.unwrap(), [(Some(app.clone()), today)]);
    ledger.told(Some(&app), today, NOW).await.unwrap();
    assert_eq!(ledger.untold(9).await.unwrap(), []);
    assert_eq!(ledger.day_before(Some(&app), today.plus(1)).await.unwrap().unwrap().records, 8);
}

/// The faults that each way of tampering leaves.
async fn tampering_shows(ledger: Ledger, tamper: Tamper) {
    let (app, today) = (app(), LedgerDay::of(NOW));
    let records: Vec<_> = (0..9).map(|n| read(NOW.plus(n), "ann", "a", false)).collect();
    ledger.append(Some(&app), &records).await.unwrap();
    assert_eq!(faults(&ledger, &app, today).await, []);
    tamper.run("UPDATE ledger_record SET body = replace(body, '\"count\":1', '\"count\":2') WHERE number = 2").await;
    assert_eq!(faults(&ledger, &app, today).await, [Fault::Altered { number: 2 }]);
    tamper.run("UPDATE ledger_record SET person = NULL WHERE number = 4").await;
    let altered = |number| Fault::Altered { number };
    assert_eq!(faults(&ledger, &app, today).await, [altered(2), altered(4)]);
    tamper.run("DELETE FROM ledger_record WHERE number = 6").await;
    let missing = Fault::Missing { from: 6, to: 6 };
    assert_eq!(faults(&ledger, &app, today).await, [altered(2), altered(4), missing]);
    tamper.run("DELETE FROM ledger_record WHERE number <> 1").await;
    let cut = Fault::Cut { written: 9, found: 1 };
    assert_eq!(faults(&ledger, &app, today).await, std::slice::from_ref(&cut));
    // Whoever cuts the day row too is found by a head that was kept elsewhere.
    let whole = ledger.days(Some(&app), None, None, 1).await.unwrap().remove(0);
    tamper.run("UPDATE ledger_day SET records = 1, hash = (SELECT hash FROM ledger_record)").await;
    assert_eq!(faults(&ledger, &app, today).await, []);
    let mut check = ChainCheck::new(Some(&app), today);
    let left = ledger.of_day(Some(&app), today, 0, 9).await.unwrap();
    for record in &left {
        check.take(record);
    }
    assert_eq!(check.end_at(whole.records, whole.hash), [cut]);
    tamper.run("UPDATE ledger_record SET number = 3").await;
    assert!(!faults(&ledger, &app, today).await.is_empty());
}

async fn runs_and_retention(ledger: Ledger) {
    let (app, today) = (app(), LedgerDay::of(NOW));
    ledger.begin_run("one", NOW).await.unwrap();
    ledger.begin_run("two", NOW).await.unwrap();
    assert!(ledger.run_goes_on("one", NOW.plus(50)).await.unwrap());
    assert_eq!(ledger.broken_runs("two", NOW.plus(40)).await.unwrap(), [], "one wrote since");
    let broken = ledger.broken_runs("two", NOW.plus(50)).await.unwrap();
    assert_eq!(broken, [("one".to_owned(), NOW.plus(50))]);
    ledger.give_up_run("one", NOW.plus(99)).await.unwrap();
    assert_eq!(ledger.broken_runs("two", NOW.plus(99)).await.unwrap(), []);
    assert!(!ledger.run_goes_on("one", NOW.plus(100)).await.unwrap(), "it was given up");
    ledger.end_run("two", NOW.plus(100)).await.unwrap();
    assert_eq!(ledger.broken_runs("x", NOW.plus(999)).await.unwrap(), []);
    ledger.forget_runs(NOW.plus(10_000)).await.unwrap();

    ledger.append(Some(&app), &[read(NOW, "ann", "a", false)]).await.unwrap();
    ledger.append(None, &[NewRecord { uid: None, ..read(NOW, "ann", "a", false) }]).await.unwrap();
    assert_eq!(ledger.chains().await.unwrap(), [None, Some(app.clone())]);
    assert_eq!(ledger.remove_days(Some(&app), today.plus(9), NOW).await.unwrap(), 0, "still open");
    let row = ledger.days(Some(&app), None, None, 1).await.unwrap().remove(0);
    assert_eq!(ledger.open_days(today, 9).await.unwrap(), []);
    assert_eq!(ledger.open_days(today.plus(1), 9).await.unwrap().len(), 2);
    ledger.close_day(Some(&app), &row, "head", NOW).await.unwrap();
    assert_eq!(ledger.remove_days(Some(&app), today, NOW).await.unwrap(), 0, "not yet");
    assert_eq!(ledger.remove_days(Some(&app), today.plus(1), NOW).await.unwrap(), 1);
    let row = ledger.days(Some(&app), None, None, 1).await.unwrap().remove(0);
    assert_eq!((row.records, row.removed_at, row.head.as_deref()), (1, Some(NOW), Some("head")));
    assert_eq!(ledger.of_day(Some(&app), today, 0, 9).await.unwrap(), []);
    assert_eq!(ledger.of_day(None, today, 0, 9).await.unwrap().len(), 1);
}

/// Two writers at once make one chain.
async fn writers_share_a_chain(ledger: Ledger) {
    let (app, today) = (app(), LedgerDay::of(NOW));
    let writers = (0..8).map(|n| {
        let (ledger, app) = (ledger.clone(), app.clone());
        async move {
            for at in 0..5 {
                let record = read(NOW.plus(at), &format!("user{n}"), "a", false);
                ledger.append(Some(&app), &[record]).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(writers).await;
    assert_eq!(faults(&ledger, &app, today).await, []);
    assert_eq!(ledger.days(Some(&app), None, None, 1).await.unwrap()[0].records, 40);
}

async fn on_sqlite() -> (tempfile::TempDir, Ledger, Tamper) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    (folder, ledger, Tamper { lite: Some(pool), pg: None })
}

#[tokio::test]
async fn an_erased_secret_is_on_the_disk_no_more() {
    let (folder, ledger, tamper) = on_sqlite().await;
    ledger.append(Some(&app()), &[read(NOW, "ann", "a", false)]).await.unwrap();
    let pool = tamper.lite.unwrap();
    let secret: Vec<u8> =
        sqlx::query_scalar("SELECT secret FROM ledger_person").fetch_one(&pool).await.unwrap();
    pool.close().await;
    let is_there = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        bytes.any(|bytes| bytes.windows(secret.len()).any(|window| window == secret))
    };
    assert!(is_there());
    assert!(ledger.erase(&app(), &uid("ann")).await.unwrap());
    assert!(!is_there());
}

#[tokio::test]
async fn on_sqlite_the_ledger_keeps_its_promises() {
    let (_folder, ledger, _) = on_sqlite().await;
    keeps_its_promises(ledger).await;
    let (_folder, ledger, tamper) = on_sqlite().await;
    tampering_shows(ledger, tamper).await;
    let (_folder, ledger, _) = on_sqlite().await;
    runs_and_retention(ledger).await;
    let (_folder, ledger, _) = on_sqlite().await;
    writers_share_a_chain(ledger).await;
}

#[tokio::test]
async fn on_postgresql_the_ledger_keeps_its_promises() {
    let Some(server) = Server::start() else { return };
    let fresh = async || {
        let url = server.fresh_url().await;
        let ledger = Ledger::open_postgres(&url, PostgresOptions::default()).await.unwrap();
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let options = options.options([("search_path", "cloakroom_ledger")]);
        let pool = sqlx::PgPool::connect_with(options).await.unwrap();
        (ledger, Tamper { lite: None, pg: Some(pool) })
    };
    let (ledger, _) = fresh().await;
    keeps_its_promises(ledger).await;
    let (ledger, tamper) = fresh().await;
    tampering_shows(ledger, tamper).await;
    let (ledger, _) = fresh().await;
    runs_and_retention(ledger).await;
    let (ledger, _) = fresh().await;
    writers_share_a_chain(ledger).await;
}
