-- What became of a call that carries an Idempotency-Key, so that sending it again does it once.
CREATE TABLE idempotency (
    -- SHA-256 of app, caller, method, path and key
    scope       BYTEA PRIMARY KEY,
    -- SHA-256 of the call: another one under the same key is a mistake
    fingerprint BYTEA NOT NULL,
    -- which attempt holds the reservation
    attempt     BYTEA NOT NULL,
    -- of the answer; NULL while the call is under way
    status      BIGINT,
    -- NULL if the answer is not kept: it holds a secret, or is too large
    body        BYTEA,
    -- of what an answer without a body has made
    created_id  TEXT COLLATE "C",
    -- of the reservation, then of the answer
    expires_at  BIGINT NOT NULL
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
