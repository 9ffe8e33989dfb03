//! Where things lie, by their hash.

use super::pieces::Pieces;

/// How many shards a table has.
pub(super) const SHARDS: u32 = 64;

/// Cells in a piece: half a kilobyte.
const CELLS: usize = 64;
/// Slots in a piece.
const SLOTS: usize = 32;

/// Things by their place.
pub(super) type Slots<T> = Pieces<T, SLOTS>;

/// Something that is not known, and the epoch of its shard when it was looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    pub(super) hash: u64,
    pub(super) epoch: u64,
}

/// Places by the hash of what lies there: open addressing, eight bytes a cell, of which at most
/// four fifths are taken. It grows by a sixteenth, not to twice as much, since most of what is known
/// stays for long, and without a look at what lies there.
#[derive(Default)]
pub(super) struct Places {
    cells: Pieces<Cell, CELLS>,
    taken: usize,
}

/// Half of a hash and a place plus 1; where nothing is, the latter is 0.
#[derive(Clone, Copy, Default)]
struct Cell {
    hash: u32,
    place: u32,
}

impl Places {
    /// What the cells take.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.cells.bytes()
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.taken
    }

    /// The first place of something of this hash for which `is_it` says yes.
    pub(super) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.cell_of(hash, &mut is_it).map(|cell| self.cells[cell].place - 1)
    }

    /// Adds a place that is not in it yet; there are fewer than `u32::MAX`.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        if (self.taken + 1) * 5 > self.cells.len() * 4 {
            self.grow();
        }
        self.taken += 1;
        self.put(Cell { hash: half(hash), place: place + 1 });
    }

    /// Takes a place out, if it is there.
    pub(super) fn remove(&mut self, hash: u64, place: u32) {
        let Some(mut hole) = self.cell_of(hash, &mut |other| other == place) else { return };
        self.taken -= 1;
        // What follows moves up as far as it may, so that no search ends at the hole.
        let mut cell = hole;
        loop {
            cell = self.after(cell);
            let content = self.cells[cell];
            if content.place == 0 {
                break;
            }
            let wants = self.home(content.hash);
            if self.distance(wants, cell) >= self.distance(hole, cell) {
                self.cells[hole] = content;
                hole = cell;
            }
        }
        self.cells[hole] = Cell::default();
    }

    /// What lay at one place lies at another now.
    pub(super) fn moved(&mut self, hash: u64, from: u32, to: u32) {
        if let Some(cell) = self.cell_of(hash, &mut |place| place == from) {
            self.cells[cell].place = to + 1;
        }
    }

    fn cell_of(&self, hash: u64, is_it: &mut impl FnMut(u32) -> bool) -> Option<usize> {
        if self.taken == 0 {
            return None;
        }
        let hash = half(hash);
        let mut cell = self.home(hash);
        loop {
            let content = self.cells[cell];
            if content.place == 0 {
                return None;
            }
            if content.hash == hash && is_it(content.place - 1) {
                return Some(cell);
            }
            cell = self.after(cell);
        }
    }

    fn put(&mut self, content: Cell) {
        let mut cell = self.home(content.hash);
        while self.cells[cell].place != 0 {
            cell = self.after(cell);
        }
        self.cells[cell] = content;
    }

    #[cold]
    fn grow(&mut self) {
        let cells = self.cells.iter_mut().map(std::mem::take);
        let taken: Vec<Cell> = cells.filter(|cell| cell.place != 0).collect();
        let more_pieces = (self.cells.len() / 16 / CELLS).max(1);
        (0..more_pieces * CELLS).for_each(|_| self.cells.push(Cell::default()));
        for cell in taken {
            self.put(cell);
        }
    }

    /// Where the search for something of this hash begins.
    const fn home(&self, hash: u32) -> usize {
        ((hash as u64 * self.cells.len() as u64) >> u32::BITS) as usize
    }

    const fn after(&self, cell: usize) -> usize {
        if cell + 1 < self.cells.len() { cell + 1 } else { 0 }
    }

    /// How far it is on to another cell.
    const fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.cells.len() - from }
    }
}

/// The shard of what has this hash.
pub(super) const fn shard_of(hash: u64) -> u32 {
    (hash >> u32::BITS) as u32 % SHARDS
}

/// A place as the index that it is.
pub(super) const fn at(place: u32) -> usize {
    place as usize
}

/// The place of an index.
pub(super) fn place_of(index: usize) -> u32 {
    u32::try_from(index).expect("a shard has few slots")
}

/// The half of a hash that is kept; the other chooses the shard.
#[expect(clippy::cast_possible_truncation, reason = "it is the half that is wanted")]
const fn half(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_place_is_found_until_it_is_taken_out(
            acts in prop::collection::vec((0..3_u8, 0..200_u32, 0..200_u32), 0..1_000),
            // Few homes, so that what has another one lies in between.
            spread in prop_oneof![Just(1_u64), Just(7), Just(0x0123_4567)],
        ) {
            let hash_of = |place: u32| u64::from(place).wrapping_mul(spread << 20);
            let (mut places, mut model) = (Places::default(), HashSet::new());
            for (act, place, to) in acts {
                match act {
                    0 if model.insert(place) => places.insert(hash_of(place), place),
                    1 => {
                        model.remove(&place);
                        places.remove(hash_of(place), place);
                    }
                    // A place and its hash go together here, so it moves there and back.
                    2 if !model.contains(&to) => {
                        places.moved(hash_of(place), place, to);
                        let there = places.find(hash_of(place), |other| other == to);
                        prop_assert_eq!(there.is_some(), model.contains(&place));
                        places.moved(hash_of(place), to, place);
                    }
                    _ => {}
                }
                for place in 0..200 {
                    let found = places.find(hash_of(place), |other| other == place);
                    prop_assert_eq!(found.is_some(), model.contains(&place), "{}", place);
                }
            }
        }
    }

    #[test]
    fn a_place_takes_few_bytes_at_whatever_number_of_them() {
        let mut places = Places::default();
        for place in 0..100_000_u32 {
            places.insert(u64::from(place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16, place);
            if place > 4_000 {
                let (taken, count) = (places.bytes(), at(place + 1));
                assert!((10 * count..12 * count).contains(&taken), "{place}: {taken}");
            }
        }
    }
}
