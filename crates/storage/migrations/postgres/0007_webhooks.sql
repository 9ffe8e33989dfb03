-- Where an app is told of what happens.
CREATE TABLE webhook (
    id          TEXT COLLATE "C" PRIMARY KEY,
    app_id      TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    url         TEXT NOT NULL,
    -- a JSON array of event names
    events      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE INDEX webhook_by_app ON webhook (app_id, created_at, id);

-- What signs for a webhook. After a rotation the older one signs beside the newer until it expires.
CREATE TABLE webhook_secret (
    id         TEXT COLLATE "C" PRIMARY KEY,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    wrapped    BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX webhook_secret_by_webhook ON webhook_secret (webhook_id);

-- One event for one webhook, written in the transaction of what it tells of.
CREATE TABLE webhook_delivery (
    webhook_id  TEXT COLLATE "C" NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    -- the id of the event, the same for every webhook that hears of it
    id          TEXT COLLATE "C" NOT NULL,
    app_id      TEXT COLLATE "C" NOT NULL,
    event       TEXT NOT NULL,
    payload     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    -- when it is to be tried, or when it was settled
    next_at     BIGINT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    -- 0 pending, 1 delivered, 2 dead
    state       SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    last_status BIGINT,
    last_size   BIGINT,
    last_error  TEXT,
    lease_owner TEXT,
    lease_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (webhook_id, id)
);
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (state, next_at);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (webhook_id, created_at, id);
