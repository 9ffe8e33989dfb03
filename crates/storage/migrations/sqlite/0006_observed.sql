-- What would have been refused, of apps that only observe.
CREATE TABLE observed (
    app_id   TEXT NOT NULL REFERENCES app (id),
    -- days since 1970 UTC
    day      BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    path     TEXT NOT NULL,
    client   TEXT NOT NULL,
    count    BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (app_id, day, reason, path, client)
);
