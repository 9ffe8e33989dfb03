//! A list that grows in pieces of one size.

use std::ops::{Index, IndexMut};

/// A list in pieces of `EACH` things, a power of two. Nothing moves as it grows, no more than a
/// piece is ever unused, and what one list gives back, another can use: with lists that grow as a
/// whole, in steps of their own, an allocator was seen to keep half as much again.
pub(super) struct Pieces<T, const EACH: usize> {
    pieces: Vec<Vec<T>>,
    len: usize,
}

impl<T, const EACH: usize> Pieces<T, EACH> {
    pub(super) const fn new() -> Self {
        assert!(EACH.is_power_of_two(), "places are found by bits");
        Self { pieces: Vec::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// What lies at an index, if that is not beyond the end.
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.pieces.get(index / EACH)?.get(index % EACH)
    }

    pub(super) fn push(&mut self, value: T) {
        if self.len == self.pieces.len() * EACH {
            self.pieces.push(Vec::with_capacity(EACH));
        }
        self.pieces[self.len / EACH].push(value);
        self.len += 1;
    }

    /// Takes out what lies at an index; the last thing moves there.
    pub(super) fn swap_remove(&mut self, index: usize) -> T {
        let last = self.pieces[(self.len - 1) / EACH].pop().expect("the last piece is not empty");
        self.len -= 1;
        if self.len.is_multiple_of(EACH) {
            self.pieces.pop();
        }
        if index == self.len { last } else { std::mem::replace(&mut self[index], last) }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pieces.iter_mut().flatten()
    }

    /// What it takes in memory.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.pieces.capacity() * size_of::<Vec<T>>() + self.pieces.len() * EACH * size_of::<T>()
    }
}

impl<T, const EACH: usize> Default for Pieces<T, EACH> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const EACH: usize> Index<usize> for Pieces<T, EACH> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        &self.pieces[index / EACH][index % EACH]
    }
}

impl<T, const EACH: usize> IndexMut<usize> for Pieces<T, EACH> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.pieces[index / EACH][index % EACH]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_vec_would(
            acts in prop::collection::vec((any::<bool>(), any::<u16>()), 0..200),
        ) {
            let (mut pieces, mut model) = (Pieces::<u16, 4>::new(), Vec::new());
            for (adds, value) in acts {
                if adds || model.is_empty() {
                    pieces.push(value);
                    model.push(value);
                } else {
                    let index = usize::from(value) % model.len();
                    prop_assert_eq!(pieces.swap_remove(index), model.swap_remove(index));
                }
                prop_assert_eq!(pieces.len(), model.len());
                prop_assert_eq!(pieces.get(model.len()), None);
                prop_assert_eq!(pieces.iter_mut().map(|value| *value).collect::<Vec<_>>(), &model[..]);
                prop_assert!((0..model.len()).all(|index| pieces[index] == model[index]));
                prop_assert_eq!(pieces.pieces.len(), model.len().div_ceil(4));
            }
        }
    }
}
