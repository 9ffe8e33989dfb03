//! Candidates measured in turn: each round meets each of them once, so a noisy moment meets all.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::load::{self, Plan};
use super::process_account::{processor_time, used_since};
use super::statistics::{Spread, large_number};
use super::wrk::Wrk;
use crate::terminal;

/// How much is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Effort {
    pub(super) rounds: usize,
    /// Of each candidate in each round.
    pub(super) seconds: u32,
    /// Whether each is measured for a second before the first round, which is not counted.
    pub(super) warms_up: bool,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Generator {
    /// Ours; its duration is that of the effort.
    Own(Plan),
    Wrk(Wrk),
}

/// One thing to measure.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) name: String,
    /// The process whose time is counted.
    pub(super) server: u32,
    pub(super) generator: Generator,
    /// What one request counts for.
    pub(super) units: u32,
}

/// What one round showed of a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) per_second: f64,
    /// The server's processor time for each unit.
    pub(super) micros: f64,
    /// How much of its core the server used.
    pub(super) busy: f64,
}

/// All rounds of a candidate.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) rounds: Vec<Round>,
}

impl Candidate {
    pub(super) fn new(name: &str, server: u32, generator: Generator) -> Self {
        Self { name: name.to_owned(), server, generator, units: 1 }
    }

    fn measure(&self, seconds: u32) -> anyhow::Result<Round> {
        let (before, began) = (processor_time(self.server)?, Instant::now());
        let (answers, per_second) = match &self.generator {
            Generator::Own(plan) => {
                let duration = Duration::from_secs(seconds.into());
                let outcome = load::run(&Plan { duration, ..plan.clone() })?;
                let took = outcome.took.as_secs_f64();
                let answers = large_number(outcome.answers);
                (answers, answers / took)
            }
            Generator::Wrk(wrk) => {
                let told = wrk.run(seconds)?;
                (large_number(told.answers), told.per_second)
            }
        };
        let used = used_since(self.server, before)?;
        let took = began.elapsed().as_secs_f64();
        let units = f64::from(self.units);
        Ok(Round {
            per_second: per_second * units,
            micros: used * 1e6 / (answers * units),
            busy: used / took,
        })
    }
}

/// Measures every candidate in every round.
///
/// # Errors
///
/// If one of them cannot be measured.
pub(super) fn alternate(candidates: &[Candidate], effort: Effort) -> anyhow::Result<Vec<Measured>> {
    let mut measured: Vec<Measured> = candidates
        .iter()
        .map(|candidate| Measured { name: candidate.name.clone(), rounds: Vec::new() })
        .collect();
    for candidate in candidates.iter().filter(|_| effort.warms_up) {
        candidate.measure(1).with_context(|| candidate.name.clone())?;
    }
    for _ in 0..effort.rounds {
        for (candidate, measured) in candidates.iter().zip(&mut measured) {
            let round =
                candidate.measure(effort.seconds).with_context(|| candidate.name.clone())?;
            measured.rounds.push(round);
        }
    }
    for one in &measured {
        let (rate, micros) = (one.per_second(), one.micros());
        let (rate, micros) = (rate.median(), micros.median());
        terminal::line(&format!("{}: {rate:.0} a second, {micros:.2} µs each", one.name));
    }
    Ok(measured)
}

impl Measured {
    pub(super) fn per_second(&self) -> Spread {
        self.spread(|round| round.per_second)
    }

    pub(super) fn micros(&self) -> Spread {
        self.spread(|round| round.micros)
    }

    pub(super) fn busy(&self) -> Spread {
        self.spread(|round| round.busy)
    }

    /// How many times as much this one does with the same processor time, round by round.
    pub(super) fn gain_over(&self, other: &Self) -> Spread {
        self.against(other, |ours, theirs| theirs.micros / ours.micros)
    }

    /// How many times as many requests this one answered in the same time, round by round.
    pub(super) fn rate_over(&self, other: &Self) -> Spread {
        self.against(other, |ours, theirs| ours.per_second / theirs.per_second)
    }

    fn spread(&self, value: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(value).collect())
            .expect("what was measured has at least one round of whole numbers")
    }

    fn against(&self, other: &Self, ratio: impl Fn(&Round, &Round) -> f64) -> Spread {
        let pairs = self.rounds.iter().zip(&other.rounds);
        Spread::of(pairs.map(|(ours, theirs)| ratio(ours, theirs)).collect())
            .expect("what was measured has at least one round of whole numbers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rounds: &[(f64, f64)]) -> Measured {
        let round = |(per_second, micros): &(f64, f64)| Round {
            per_second: *per_second,
            micros: *micros,
            busy: 1.0,
        };
        Measured { name: String::new(), rounds: rounds.iter().map(round).collect() }
    }

    #[test]
    fn ratios_are_taken_within_each_round() {
        // A machine that is twice as slow in the second round changes no ratio.
        let ours = measured(&[(100.0, 10.0), (50.0, 20.0), (100.0, 10.0)]);
        let theirs = measured(&[(80.0, 12.0), (40.0, 24.0), (80.0, 12.0)]);
        let gain = ours.gain_over(&theirs);
        assert_eq!((gain.least(), gain.median(), gain.most()), (1.2, 1.2, 1.2));
        let others = (ours.rate_over(&theirs).median(), ours.micros().most());
        assert_eq!(others, (1.25, 20.0));
    }
}
