-- Revocations whose receipt was asked for.
CREATE TABLE receipt (
    id           TEXT PRIMARY KEY,
    -- NULL for a signing key, which is every app's
    app_id       TEXT REFERENCES app (id),
    kind         TEXT NOT NULL,
    target       TEXT NOT NULL,
    -- the revocation in the feed, and the entry that nodes acknowledge
    seq          BIGINT NOT NULL,
    barrier      BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    applied_at   BIGINT,
    nodes        BIGINT,
    took_ms      BIGINT
);
CREATE INDEX receipt_by_age ON receipt (requested_at);
