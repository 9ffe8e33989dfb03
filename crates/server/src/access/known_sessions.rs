//! Sessions in few bytes: of these there are as many as people who read.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use cloakroom_token::{Seq, SessionFacts, SessionId, Uid, UnixSeconds, UserFacts};
use foldhash::quality::RandomState;
use smallvec::SmallVec;

use super::app_numbers::AppNumber;
use super::people::{People, PersonNumber, UnknownUser};
use super::places::{Missing, Places, SHARDS, Slots, at, place_of, shard_of};

/// The first half of the hash of an auth token: nobody finds a second token for that either.
pub(super) type TokenHash = [u8; 16];

/// Sessions by id and by auth token, and the users they are of; as bounded as
/// [`super::bounded_map::BoundedMap`], and as careful as [`super::read_through::ReadThrough`].
///
/// Locks are taken in this order: a shard of sessions, then one of tokens or of people.
pub(super) struct KnownSessions {
    shards: Box<[RwLock<Shard>]>,
    /// The numbers of sessions by the hash of their token. Whether it is theirs, they say.
    tokens: Box<[RwLock<Places>]>,
    people: People,
    hasher: RandomState,
    most_per_shard: usize,
}

/// What is known of a session and its user.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) session: SessionFacts,
    pub(super) user: Result<UserFacts, UnknownUser>,
}

#[derive(Default)]
struct Shard {
    /// How often something was forgotten here.
    epoch: u64,
    places: Places,
    slots: Slots<Slot>,
    hand: usize,
}

struct Slot {
    id: SessionId,
    token: TokenHash,
    generation: Seq,
    state: AtomicU64,
    app: AppNumber,
    person: PersonNumber,
}

/// It was read since the hand last passed it.
const WAS_READ: u64 = 1;
/// Its token is known.
const HAS_TOKEN: u64 = 1 << 1;
/// It was ended.
const ENDED: u64 = 1 << 2;
/// What was known of it was forgotten, except which token it has: that never changes.
const FORGOTTEN: u64 = 1 << 3;
/// Above these bits stands the second at which it ends by itself.
const FLAGS: u32 = 4;
/// The second at which a session ends that does not end by itself.
const NEVER: u64 = u64::MAX >> FLAGS;

impl Slot {
    fn is(&self, app: AppNumber, id: SessionId) -> bool {
        self.id == id && self.app == app
    }

    fn has(&self, flag: u64) -> bool {
        self.state.load(Ordering::Relaxed) & flag > 0
    }

    /// Half of its token's hash, if that is known.
    fn token(&self) -> Option<&TokenHash> {
        self.has(HAS_TOKEN).then_some(&self.token)
    }

    fn facts(&self, uid: Uid) -> SessionFacts {
        let state = self.state.load(Ordering::Relaxed);
        let second = state >> FLAGS;
        let expires_at = (second < NEVER).then(|| UnixSeconds(second.cast_signed()));
        SessionFacts { uid, ended: state & ENDED > 0, expires_at, generation: self.generation }
    }
}

/// The state of a session that was not read yet.
fn state_of(facts: &SessionFacts, flags: u64) -> AtomicU64 {
    let second = facts.expires_at.map_or(NEVER, |at| at.0.max(0).cast_unsigned().min(NEVER));
    AtomicU64::new(second << FLAGS | flags | if facts.ended { ENDED } else { 0 })
}

impl KnownSessions {
    /// None yet; about `most` at most.
    pub(super) fn new(most: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            tokens: (0..SHARDS).map(|_| RwLock::default()).collect(),
            people: People::new(),
            hasher: RandomState::default(),
            most_per_shard: most.div_ceil(at(SHARDS)).max(1),
        }
    }

    /// What is known of a session.
    pub(super) fn get(&self, app: AppNumber, id: SessionId) -> Result<Known, Missing> {
        let hash = self.hash(app, id);
        let shard = self.read(shard_of(hash));
        let missing = Missing { hash, epoch: shard.epoch };
        let slot = &shard.slots[at(shard.find(hash, app, id).ok_or(missing)?)];
        match slot.state.load(Ordering::Relaxed) & (FORGOTTEN | WAS_READ) {
            0 => {
                slot.state.fetch_or(WAS_READ, Ordering::Relaxed);
            }
            WAS_READ => {}
            _ => return Err(missing),
        }
        self.known(slot).ok_or(missing)
    }

    /// The session of an auth token, if both are known.
    pub(super) fn by_token(&self, app: AppNumber, token: &TokenHash) -> Option<SessionId> {
        let hash = hash_of(token);
        let mut numbers = SmallVec::<[u32; 4]>::new();
        // Looked at afterwards, for the order of locks.
        self.read_tokens(hash).find(hash, |number| {
            numbers.push(number);
            numbers.len() == numbers.inline_size()
        });
        numbers.into_iter().find_map(|number| {
            let shard = self.read(number % SHARDS);
            let slot = shard.slots.get(at(number / SHARDS))?;
            (slot.app == app && slot.token() == Some(token)).then_some(slot.id)
        })
    }

    /// Keeps what was loaded of a session, unless something in its shard was forgotten since
    /// `missing` was looked for; then it is to be loaded again.
    pub(super) fn keep(
        &self,
        missing: Missing,
        (app, id): (AppNumber, SessionId),
        facts: &SessionFacts,
    ) -> Option<Known> {
        let Missing { hash, epoch } = missing;
        let number = shard_of(hash);
        let mut shard = self.write(number);
        if shard.epoch != epoch {
            return None;
        }
        let person = self.people.join(app, &facts.uid);
        let place = if let Some(place) = shard.find(hash, app, id) {
            let slot = &mut shard.slots[at(place)];
            let before = std::mem::replace(&mut slot.person, person);
            let flags = *slot.state.get_mut() & (WAS_READ | HAS_TOKEN);
            slot.state = state_of(facts, flags);
            slot.generation = facts.generation;
            self.people.leave(before);
            place
        } else {
            if shard.slots.len() >= self.most_per_shard {
                let victim = shard.victim();
                self.remove_at(&mut shard, number, victim);
            }
            let (generation, state) = (facts.generation, state_of(facts, 0));
            shard.add(hash, Slot { id, token: [0; 16], generation, state, app, person })
        };
        self.known(&shard.slots[at(place)])
    }

    /// Keeps what was loaded of the user of a session; says whether that holds still.
    pub(super) fn keep_user(
        &self,
        unknown: UnknownUser,
        user: (AppNumber, &Uid),
        facts: UserFacts,
    ) -> bool {
        self.people.keep(unknown, user, facts)
    }

    /// Keeps the auth token of a session that is known, which never has another one.
    pub(super) fn keep_token(&self, app: AppNumber, id: SessionId, token: &TokenHash) {
        let hash = self.hash(app, id);
        let number = shard_of(hash);
        let mut shard = self.write(number);
        let Some(place) = shard.find(hash, app, id) else { return };
        let slot = &mut shard.slots[at(place)];
        let state = slot.state.get_mut();
        if *state & HAS_TOKEN == 0 {
            *state |= HAS_TOKEN;
            slot.token = *token;
            let hash = hash_of(token);
            self.write_tokens(hash).insert(hash, place * SHARDS + number);
        }
    }

    /// Forgets what is known of a session, whether or not it is, but for its token.
    pub(super) fn forget(&self, app: AppNumber, id: SessionId) {
        let hash = self.hash(app, id);
        let mut shard = self.write(shard_of(hash));
        shard.epoch += 1;
        if let Some(place) = shard.find(hash, app, id) {
            *shard.slots[at(place)].state.get_mut() |= FORGOTTEN;
        }
    }

    /// Forgets what is known of a user.
    pub(super) fn forget_user(&self, app: AppNumber, uid: &Uid) {
        self.people.forget(app, uid);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        for number in 0..SHARDS {
            let mut shard = self.write(number);
            shard.epoch += 1;
            while let Some(last) = shard.slots.len().checked_sub(1) {
                self.remove_at(&mut shard, number, place_of(last));
            }
            *shard = Shard { epoch: shard.epoch, ..Shard::default() };
        }
        self.people.forget_all();
    }

    fn known(&self, slot: &Slot) -> Option<Known> {
        let (uid, user) = self.people.of(slot.person)?;
        Some(Known { session: slot.facts(uid), user })
    }

    /// Takes a slot out; the last one moves to its place.
    fn remove_at(&self, shard: &mut Shard, shard_number: u32, place: u32) {
        let Shard { places, slots, .. } = shard;
        let last = place_of(slots.len() - 1);
        let number_of = |place: u32| place * SHARDS + shard_number;
        let gone = slots.swap_remove(at(place));
        places.remove(self.hash(gone.app, gone.id), place);
        if let Some(token) = gone.token() {
            let hash = hash_of(token);
            self.write_tokens(hash).remove(hash, number_of(place));
        }
        self.people.leave(gone.person);
        let Some(moved) = slots.get(at(place)) else { return };
        places.moved(self.hash(moved.app, moved.id), last, place);
        if let Some(token) = moved.token() {
            let hash = hash_of(token);
            self.write_tokens(hash).moved(hash, number_of(last), number_of(place));
        }
    }

    fn hash(&self, app: AppNumber, id: SessionId) -> u64 {
        self.hasher.hash_one((app, id))
    }

    fn read(&self, number: u32) -> RwLockReadGuard<'_, Shard> {
        self.shards[at(number)].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, number: u32) -> RwLockWriteGuard<'_, Shard> {
        self.shards[at(number)].write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_tokens(&self, hash: u64) -> RwLockReadGuard<'_, Places> {
        self.tokens[at(shard_of(hash))].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_tokens(&self, hash: u64) -> RwLockWriteGuard<'_, Places> {
        self.tokens[at(shard_of(hash))].write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn find(&self, hash: u64, app: AppNumber, id: SessionId) -> Option<u32> {
        self.places.find(hash, |place| self.slots[at(place)].is(app, id))
    }

    fn add(&mut self, hash: u64, slot: Slot) -> u32 {
        let place = place_of(self.slots.len());
        self.slots.push(slot);
        self.places.insert(hash, place);
        place
    }

    /// The next slot under the hand that was not read since the hand passed it.
    fn victim(&mut self) -> u32 {
        loop {
            self.hand = if self.hand + 1 < self.slots.len() { self.hand + 1 } else { 0 };
            let state = self.slots[self.hand].state.get_mut();
            if *state & WAS_READ == 0 {
                return place_of(self.hand);
            }
            *state &= !WAS_READ;
        }
    }
}

/// A token's hash is as good as any.
fn hash_of(token: &TokenHash) -> u64 {
    let [half @ .., _, _, _, _, _, _, _, _] = *token;
    u64::from_le_bytes(half)
}

#[cfg(test)]
impl KnownSessions {
    /// What all of it takes.
    fn bytes(&self) -> usize {
        let of = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap();
            shard.slots.bytes() + shard.places.bytes()
        };
        let tokens = self.tokens.iter().map(|places| places.read().unwrap().bytes());
        self.shards.iter().map(of).chain(tokens).sum::<usize>() + self.people.bytes()
    }

    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap().slots.len()).sum()
    }

    fn is_there(&self, app: AppNumber, id: SessionId) -> bool {
        let hash = self.hash(app, id);
        self.read(shard_of(hash)).find(hash, app, id).is_some()
    }

    fn tokens(&self) -> usize {
        self.tokens.iter().map(|places| places.read().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use cloakroom_token::AppId;
    use proptest::prelude::*;

    use super::*;
    use crate::access::app_numbers::AppNumbers;

    fn app(raw: &str) -> AppNumber {
        AppNumbers::default().of(&AppId::parse(raw).unwrap())
    }

    fn id(number: u32) -> SessionId {
        SessionId::from_bytes(u128::from(number).to_be_bytes())
    }

    fn token(number: u32) -> TokenHash {
        u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
    }

    fn facts(uid: &str) -> SessionFacts {
        let uid = Uid::parse(uid).unwrap();
        SessionFacts { uid, ended: false, expires_at: None, generation: Seq(1) }
    }

    const ACTIVE: UserFacts = UserFacts { active: true, generation: Seq(3) };

    fn keep(sessions: &KnownSessions, number: u32, facts: &SessionFacts) {
        let app = app("demoapp");
        if let Err(missing) = sessions.get(app, id(number)) {
            assert!(sessions.keep(missing, (app, id(number)), facts).is_some());
        }
    }

    #[test]
    fn a_known_session_says_what_was_known_of_it_and_of_its_user() {
        let (sessions, app) = (KnownSessions::new(1000), app("demoapp"));
        let ends = [None, Some(UnixSeconds(0)), Some(UnixSeconds(1_790_000_000))];
        let all = ends.into_iter().flat_map(|end| [false, true].map(|ended| (end, ended)));
        for (number, (expires_at, ended)) in (0..).zip(all) {
            let facts = SessionFacts { expires_at, ended, generation: Seq(7), ..facts("ann") };
            keep(&sessions, number, &facts);
            sessions.keep_token(app, id(number), &token(number));
            let known = sessions.get(app, id(number)).unwrap();
            assert_eq!(known.session, facts);
            if let Err(unknown) = known.user {
                assert_eq!(number, 0, "a user is known to all of their sessions");
                assert!(sessions.keep_user(unknown, (app, &facts.uid), ACTIVE));
            }
            assert_eq!(sessions.get(app, id(number)).unwrap().user.unwrap(), ACTIVE);
        }
        assert_eq!(sessions.people.len(), 1);
    }

    #[test]
    fn what_was_forgotten_while_it_was_loaded_is_not_kept() {
        let (sessions, app, ann) = (KnownSessions::new(1000), app("demoapp"), facts("ann"));
        let missing = sessions.get(app, id(1)).unwrap_err();
        sessions.forget(app, id(1));
        assert!(sessions.keep(missing, (app, id(1)), &ann).is_none());
        let missing = sessions.get(app, id(1)).unwrap_err();
        sessions.forget_all();
        assert!(sessions.keep(missing, (app, id(1)), &ann).is_none());
        assert_eq!(sessions.people.len(), 0);
        keep(&sessions, 1, &ann);
        let unknown = || sessions.get(app, id(1)).unwrap().user.unwrap_err();
        for forget in [&(|| sessions.forget_user(app, &ann.uid)) as &dyn Fn(), &|| {
            sessions.forget_all();
            keep(&sessions, 1, &ann);
        }] {
            let before = unknown();
            forget();
            assert!(!sessions.keep_user(before, (app, &ann.uid), ACTIVE));
            let after = unknown();
            assert!(sessions.keep_user(after, (app, &ann.uid), ACTIVE));
            sessions.forget_user(app, &ann.uid);
        }
    }

    #[test]
    fn a_session_is_found_by_its_whole_token_in_its_own_app() {
        let sessions = KnownSessions::new(1000);
        let numbers = AppNumbers::default();
        let [one, other] =
            ["demoapp", "another"].map(|raw| numbers.of(&AppId::parse(raw).unwrap()));
        keep(&sessions, 1, &facts("ann"));
        assert_eq!(sessions.by_token(one, &[0; 16]), None, "its token is not known");
        sessions.keep_token(one, id(1), &token(1));
        assert_eq!(sessions.by_token(one, &token(1)), Some(id(1)));
        assert_eq!(sessions.by_token(other, &token(1)), None);
        for byte in 0..16 {
            let mut almost = token(1);
            almost[byte] ^= 1;
            assert_eq!(sessions.by_token(one, &almost), None, "byte {byte}");
        }
        sessions.forget(one, id(1));
        assert_eq!(sessions.by_token(one, &token(1)), Some(id(1)), "it never has another one");
        assert!(sessions.get(one, id(1)).is_err());
        sessions.forget_all();
        assert_eq!(sessions.by_token(one, &token(1)), None);
    }

    #[test]
    fn a_known_session_takes_few_bytes_at_whatever_number_of_them() {
        assert_eq!((size_of::<Slot>(), People::BYTES_EACH), (56, 40));
        let (sessions, app, ann) = (KnownSessions::new(1 << 20), app("demoapp"), facts("ann"));
        for number in 0..120_000 {
            keep(&sessions, number, &ann);
            sessions.keep_token(app, id(number), &token(number));
            // In steps that come by every filling of the tables.
            if number >= 60_000 && number % 500 == 0 {
                let each = sessions.bytes() / usize::try_from(number).unwrap();
                assert!((76..=84).contains(&each), "{number}: {each}");
            }
        }
    }

    #[test]
    fn what_is_read_again_outlives_a_pass_over_what_is_read_once() {
        // So much room that no shard is passed over whole between two reads, however ids fall.
        let most = 128 * at(SHARDS);
        let (sessions, app, ann) = (KnownSessions::new(most), app("demoapp"), facts("ann"));
        (0..100).for_each(|number| keep(&sessions, number, &ann));
        for cold in 1_000..50_000 {
            if cold % 100 == 0 {
                (0..100).for_each(|number| assert!(sessions.get(app, id(number)).is_ok()));
            }
            keep(&sessions, cold, &ann);
        }
        assert!(sessions.len() <= most);
    }

    #[derive(Clone, Default)]
    struct Model {
        facts: Option<SessionFacts>,
        has_token: bool,
    }

    /// Two in a shard.
    const FEW: usize = 2 * at(SHARDS);

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_tells_what_was_kept_last_and_keeps_nothing_that_nobody_finds(
            acts in prop::collection::vec((0..100_u8, 0..200_u32, 0..20_u32), 0..400),
            most in prop_oneof![Just(FEW), Just(FEW * 100)],
        ) {
            let (sessions, app) = (KnownSessions::new(most), app("demoapp"));
            let mut model = HashMap::<u32, Model>::new();
            for (act, number, user) in acts {
                let facts = facts(&format!("user{user}"));
                match act {
                    0 => {
                        sessions.forget_all();
                        model.clear();
                    }
                    1..=19 => {
                        sessions.forget(app, id(number));
                        model.entry(number).and_modify(|one| one.facts = None);
                    }
                    20..=49 => {
                        sessions.keep_token(app, id(number), &token(number));
                        model.entry(number).and_modify(|one| one.has_token = true);
                    }
                    _ => if let Err(missing) = sessions.get(app, id(number)) {
                        prop_assert!(sessions.keep(missing, (app, id(number)), &facts).is_some());
                        model.entry(number).or_default().facts = Some(facts);
                    }
                }
                if most == FEW {
                    model.retain(|number, _| sessions.is_there(app, id(*number)));
                }
                for number in 0..200 {
                    let one = model.get(&number).cloned().unwrap_or_default();
                    let known = sessions.get(app, id(number)).ok().map(|known| known.session);
                    prop_assert_eq!(known, one.facts);
                    let by_token = sessions.by_token(app, &token(number));
                    prop_assert_eq!(by_token, one.has_token.then_some(id(number)));
                }
                prop_assert!(model.len() <= most);
                prop_assert_eq!(sessions.len(), model.len());
                let tokens = model.values().filter(|one| one.has_token).count();
                prop_assert_eq!(sessions.tokens(), tokens);
                let of = |one: &Model| one.facts.as_ref().map(|facts| facts.uid.clone());
                let people: HashSet<Uid> = model.values().filter_map(of).collect();
                let forgotten = model.values().filter(|one| one.facts.is_none()).count();
                let most_people = people.len() + forgotten;
                prop_assert!((people.len()..=most_people).contains(&sessions.people.len()));
            }
        }
    }
}
