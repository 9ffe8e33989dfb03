//! What an operator watches, as Prometheus reads it (`OpenMetrics` text).
//!
//! Nothing here names an app, a user or a file. Counting costs a few atomic additions a request;
//! docs/performance.md says what was measured.

use std::borrow::Borrow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cloakroom_wire::Reason;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::access::Access;
use crate::objects::Objects;

/// From a microsecond, the warm path, to what somebody would wait for.
const SECONDS: [f64; 13] = [
    0.000_001, 0.000_002, 0.000_005, 0.000_01, 0.000_025, 0.000_1, 0.000_5, 0.002_5, 0.01, 0.05,
    0.25, 1.0, 5.0,
];

/// How a request of the secure media host came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// 200.
    Whole,
    /// 206.
    Part,
    /// 304.
    NotModified,
    /// A preflight, a redirect, 412, 416 or the public keys.
    Other,
    /// Refused, for this reason.
    Refused(Reason),
    /// Too much was asked for.
    Limited,
    /// The node may not decide.
    Stale,
    /// Our fault.
    Failed,
}

impl Outcome {
    /// All that are counted, each at its own place.
    fn all() -> impl Iterator<Item = Self> {
        [Self::Whole, Self::Part, Self::NotModified, Self::Other, Self::Limited, Self::Stale]
            .into_iter()
            .chain([Self::Failed])
            .chain(Reason::ALL.iter().copied().map(Self::Refused))
    }

    /// That of an answer that is no refusal.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::OK => Self::Whole,
            StatusCode::PARTIAL_CONTENT => Self::Part,
            StatusCode::NOT_MODIFIED => Self::NotModified,
            _ => Self::Other,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Part => "part",
            Self::NotModified => "not_modified",
            Self::Other => "other",
            Self::Refused(reason) => reason.as_str(),
            Self::Limited => "rate_limited",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct BySource {
    source: &'static str,
}

/// The counters of one server. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    /// One counter an outcome, looked up once.
    requests: Vec<(Outcome, Counter)>,
    decision_seconds: Histogram,
    first_byte_seconds: Histogram,
    in_flight: Gauge,
    bytes_from_memory: Counter,
    bytes_from_store: Counter,
    presigned: Counter,
    cache_hits: Counter<u64, AtomicU64>,
    cache_misses: Counter<u64, AtomicU64>,
    cache_bytes: Gauge<i64, AtomicI64>,
    feed_age_seconds: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// All at nought.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("cloakroom");
        let requests = Family::<ByOutcome, Counter>::default();
        let bytes = Family::<BySource, Counter>::default();
        let seconds = || Histogram::new(SECONDS);
        let (decision_seconds, first_byte_seconds) = (seconds(), seconds());
        let (in_flight, presigned) = (Gauge::default(), Counter::default());
        let (cache_hits, cache_misses) = (Counter::default(), Counter::default());
        let (cache_bytes, feed_age_seconds) = (Gauge::default(), Gauge::default());
        let from = |source| bytes.get_or_create(&BySource { source }).clone();
        let (bytes_from_memory, bytes_from_store) = (from("memory"), from("store"));
        let counted = Outcome::all()
            .map(|outcome| {
                let label = ByOutcome { outcome: outcome.label() };
                (outcome, requests.get_or_create(&label).clone())
            })
            .collect();
        registry.register("media_requests", "Requests of media, by how they came out", requests);
        registry.register_with_unit(
            "media_decision",
            "From a parsed request to grant or refusal",
            Unit::Seconds,
            decision_seconds.clone(),
        );
        registry.register_with_unit(
            "media_first_byte",
            "From a parsed request to head and first bytes",
            Unit::Seconds,
            first_byte_seconds.clone(),
        );
        registry.register("media_in_flight", "Answers on their way", in_flight.clone());
        registry.register_with_unit("media", "Bytes of files sent, by source", Unit::Bytes, bytes);
        registry.register("presigned_urls", "URLs presigned", presigned.clone());
        registry.register("cache_hits", "Reads of small files from memory", cache_hits.clone());
        registry.register(
            "cache_misses",
            "Reads of small files from the store",
            cache_misses.clone(),
        );
        registry.register_with_unit(
            "cache",
            "Memory that kept files take",
            Unit::Bytes,
            cache_bytes.clone(),
        );
        registry.register_with_unit(
            "feed_age",
            "Since the last good look at the change feed",
            Unit::Seconds,
            feed_age_seconds.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            requests: counted,
            decision_seconds,
            first_byte_seconds,
            in_flight,
            bytes_from_memory,
            bytes_from_store,
            presigned,
            cache_hits,
            cache_misses,
            cache_bytes,
            feed_age_seconds,
        }))
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, outcome: Outcome, took: Duration) {
        if let Some((_, counter)) = self.0.requests.iter().find(|(known, _)| *known == outcome) {
            counter.inc();
        }
        self.0.first_byte_seconds.observe(took.as_secs_f64());
    }

    /// Notes how long a decision took.
    pub(crate) fn decided(&self, took: Duration) {
        self.0.decision_seconds.observe(took.as_secs_f64());
    }

    /// Counts bytes that were in memory.
    pub(crate) fn sent_from_memory(&self, bytes: u64) {
        self.0.bytes_from_memory.inc_by(bytes);
    }

    /// Counts bytes that came from the store.
    pub(crate) fn sent_from_store(&self, bytes: u64) {
        self.0.bytes_from_store.inc_by(bytes);
    }

    /// Counts URLs presigned.
    pub(crate) fn presigned(&self, urls: u64) {
        self.0.presigned.inc_by(urls);
    }

    /// An answer that is on its way until this is dropped.
    pub(crate) fn begin(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.clone())
    }

    /// An answer that is being made until this is dropped.
    pub(crate) fn answering(&self) -> InFlight<&Self> {
        self.0.in_flight.inc();
        InFlight(self)
    }

    fn text(&self, access: &Access, objects: &Objects) -> Result<String, std::fmt::Error> {
        let (hits, misses) = objects.hits_and_misses();
        let inner = &self.0;
        inner.cache_hits.inner().store(hits, std::sync::atomic::Ordering::Relaxed);
        inner.cache_misses.inner().store(misses, std::sync::atomic::Ordering::Relaxed);
        inner.cache_bytes.set(i64::try_from(objects.weight()).unwrap_or(i64::MAX));
        inner.feed_age_seconds.set(access.feed_age().as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &inner.registry)?;
        Ok(text)
    }
}

/// An answer on its way.
pub(crate) struct InFlight<M: Borrow<Metrics> = Metrics>(M);

impl InFlight {
    /// Counts bytes of it that came from the store.
    pub(crate) fn sent_from_store(&self, bytes: u64) {
        self.0.sent_from_store(bytes);
    }
}

impl<M: Borrow<Metrics>> Drop for InFlight<M> {
    fn drop(&mut self) {
        self.0.borrow().0.in_flight.dec();
    }
}

/// `GET /metrics`, on a listener of its own.
pub(crate) fn router(metrics: Metrics, access: Access, objects: Objects) -> Router {
    Router::new().route("/metrics", get(show)).with_state((metrics, access, objects))
}

async fn show(State((metrics, access, objects)): State<(Metrics, Access, Objects)>) -> Response {
    match metrics.text(&access, &objects) {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_counter_and_a_label_of_its_own() {
        let metrics = Metrics::new();
        let labels: std::collections::HashSet<_> = Outcome::all().map(Outcome::label).collect();
        assert_eq!(labels.len(), Outcome::all().count());
        for outcome in Outcome::all() {
            metrics.answered(outcome, Duration::from_micros(3));
        }
        assert!(metrics.0.requests.iter().all(|(_, counter)| counter.get() == 1));
    }
}
