use cloakroom_storage::{Attempt, Db, KeptAnswer, Reservation};
use cloakroom_token::UnixSeconds;

fn attempt(fingerprint: u8, id: u8) -> Attempt {
    Attempt { scope: [7; 32], fingerprint: [fingerprint; 32], id: [id; 16] }
}

fn answer() -> KeptAnswer {
    KeptAnswer { status: 200, body: Some(b"{\"data\":1}".to_vec()), created_id: None }
}

const NOW: UnixSeconds = UnixSeconds(1_000);
const LEASE: UnixSeconds = UnixSeconds(1_060);
const TOMORROW: UnixSeconds = UnixSeconds(90_000);

pub(crate) async fn of_attempts_at_one_call_one_does_it_and_the_others_get_its_answer(db: Db) {
    let kept = db.idempotency();
    let (first, second) = (attempt(1, 1), attempt(1, 2));
    assert_eq!(kept.reserve(&first, LEASE, NOW).await.unwrap(), Reservation::Mine);
    assert_eq!(kept.reserve(&second, LEASE, NOW).await.unwrap(), Reservation::UnderWay);
    assert!(!kept.keep(&second, &answer(), TOMORROW).await.unwrap());
    assert!(!kept.release(&second).await.unwrap());
    assert!(kept.keep(&first, &answer(), TOMORROW).await.unwrap());
    assert!(!kept.release(&first).await.unwrap(), "an answer stays");
    let again = kept.reserve(&second, LEASE, NOW).await.unwrap();
    assert_eq!(again, Reservation::Answered(answer()));
    let other = attempt(2, 3);
    assert_eq!(kept.reserve(&other, LEASE, NOW).await.unwrap(), Reservation::AnotherCall);
    let elsewhere = Attempt { scope: [8; 32], ..other };
    assert_eq!(kept.reserve(&elsewhere, LEASE, NOW).await.unwrap(), Reservation::Mine);
}

pub(crate) async fn a_lost_lease_and_an_old_answer_make_room(db: Db) {
    let kept = db.idempotency();
    let (first, second) = (attempt(1, 1), attempt(1, 2));
    assert_eq!(kept.reserve(&first, LEASE, NOW).await.unwrap(), Reservation::Mine);
    let before = UnixSeconds(LEASE.0 - 1);
    assert_eq!(kept.reserve(&second, TOMORROW, before).await.unwrap(), Reservation::UnderWay);
    assert_eq!(kept.reserve(&second, TOMORROW, LEASE).await.unwrap(), Reservation::Mine);
    assert!(!kept.keep(&first, &answer(), TOMORROW).await.unwrap(), "the lease was lost");
    let made = KeptAnswer { status: 200, body: None, created_id: Some("key_1".to_owned()) };
    assert!(kept.keep(&second, &made, TOMORROW).await.unwrap());
    let found = kept.reserve(&first, LEASE, LEASE).await.unwrap();
    assert_eq!(found, Reservation::Answered(made));
    assert_eq!(kept.sweep(UnixSeconds(TOMORROW.0 - 1)).await.unwrap(), 0);
    assert_eq!(kept.sweep(TOMORROW).await.unwrap(), 1);
    assert_eq!(kept.reserve(&attempt(2, 3), LEASE, NOW).await.unwrap(), Reservation::Mine);
    assert!(kept.release(&attempt(2, 3)).await.unwrap());
    assert_eq!(kept.reserve(&first, LEASE, NOW).await.unwrap(), Reservation::Mine);
}

pub(crate) async fn of_many_attempts_at_once_one_wins(db: Db) {
    let attempts = (0..8).map(|id| {
        let kept = db.idempotency();
        tokio::spawn(async move { kept.reserve(&attempt(1, id), LEASE, NOW).await.unwrap() })
    });
    let mut won = 0;
    for outcome in attempts.collect::<Vec<_>>() {
        match outcome.await.unwrap() {
            Reservation::Mine => won += 1,
            other => assert_eq!(other, Reservation::UnderWay),
        }
    }
    assert_eq!(won, 1);
}
