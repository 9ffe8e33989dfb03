use cloakroom_storage::{Db, JobKind};
use cloakroom_token::{Seq, UnixSeconds};

use crate::world::NOW;

pub(crate) async fn a_lease_counts_by_the_database_and_never_moves_back(db: Db) {
    let nodes = db.nodes();
    let node = nodes.heartbeat("one", Seq(7), 10).await.unwrap();
    assert_eq!(node.lease_until.since(node.now), 10);
    assert!(node.now > UnixSeconds(1_700_000_000));
    let again = nodes.heartbeat("one", Seq(3), 10).await.unwrap();
    assert_eq!((again.applied_seq, again.started_at), (Seq(7), node.started_at));
    nodes.heartbeat("two", Seq(1), 0).await.unwrap();
    let names = async |grace| {
        let nodes = nodes.list(grace).await.unwrap();
        nodes.into_iter().map(|node| node.id).collect::<Vec<_>>()
    };
    assert_eq!(names(0).await, ["one"]);
    assert_eq!(names(100).await, ["one", "two"]);
    nodes.leave("one").await.unwrap();
    assert_eq!(names(100).await, ["two"]);
}

pub(crate) async fn a_job_is_leased_to_one_owner_until_the_lease_ends(db: Db) {
    let jobs = db.jobs();
    jobs.add(JobKind::Scan, "file", NOW).await.unwrap();
    jobs.add(JobKind::Scan, "file", NOW).await.unwrap();
    let lease =
        async |owner, now| jobs.lease(JobKind::Scan, owner, 60, UnixSeconds(now)).await.unwrap();
    assert_eq!(lease("a", 999).await, None);
    assert_eq!(jobs.lease(JobKind::Sweep, "a", 60, NOW).await.unwrap(), None);
    let first = lease("a", 1_000).await.unwrap();
    assert_eq!((first.key.as_str(), first.attempts), ("file", 1));
    assert_eq!(lease("b", 1_059).await, None);
    let second = lease("b", 1_060).await.unwrap();
    assert_eq!(second.attempts, 2);
    assert!(!jobs.complete(&first, "a").await.unwrap(), "the lease went to somebody else");
    jobs.free_all().await.unwrap();
    assert!(!jobs.complete(&second, "b").await.unwrap(), "its lease was ended");
    let second = lease("b", 1_061).await.unwrap();
    assert!(jobs.again(&second, "b", UnixSeconds(2_000)).await.unwrap());
    assert_eq!(lease("a", 1_999).await, None);
    let third = lease("a", 2_000).await.unwrap();
    assert!(jobs.complete(&third, "a").await.unwrap());
    assert_eq!(lease("a", 9_000).await, None);
}
