-- Keys with which an app's back end presigns by itself, within bounds.
CREATE TABLE delegated_key (
    id                 TEXT PRIMARY KEY,
    app_id             TEXT NOT NULL REFERENCES app (id),
    name               TEXT NOT NULL,
    wrapped            BLOB NOT NULL,
    max_ttl_seconds    BIGINT NOT NULL,
    -- a JSON array of words; empty: every purpose
    purposes           TEXT NOT NULL,
    -- how the uid of every principal begins; NULL: in any way
    uid_prefix         TEXT,
    -- NULL: no bound
    fetches_per_minute BIGINT,
    created_at         BIGINT NOT NULL,
    revoked_at         BIGINT,
    generation         BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX delegated_key_by_app ON delegated_key (app_id, created_at, id);

-- How often a presigned URL with a number of views was viewed.
CREATE TABLE url_view (
    -- SHA-256 of the signature
    url_id       BLOB PRIMARY KEY,
    app_id       TEXT NOT NULL REFERENCES app (id),
    expires_at   BIGINT NOT NULL,
    used         BIGINT NOT NULL,
    -- until when fetches belong to the last view
    window_until BIGINT NOT NULL
);
CREATE INDEX url_view_by_expiry ON url_view (expires_at);
