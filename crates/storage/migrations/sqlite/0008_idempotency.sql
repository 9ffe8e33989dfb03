-- What became of a call that carries an Idempotency-Key, so that sending it again does it once.
CREATE TABLE idempotency (
    -- SHA-256 of app, caller, method, path and key
    scope       BLOB PRIMARY KEY,
    -- SHA-256 of the call: another one under the same key is a mistake
    fingerprint BLOB NOT NULL,
    -- which attempt holds the reservation
    attempt     BLOB NOT NULL,
    -- of the answer; NULL while the call is under way
    status      BIGINT,
    -- NULL if the answer is not kept: it holds a secret, or is too large
    body        BLOB,
    -- of what an answer without a body has made
    created_id  TEXT,
    -- of the reservation, then of the answer
    expires_at  BIGINT NOT NULL
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
