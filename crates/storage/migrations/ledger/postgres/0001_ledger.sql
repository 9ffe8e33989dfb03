CREATE TABLE ledger_record (
    app_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT,
    media_id TEXT,
    refused BIGINT,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (app_id, day, number)
);
CREATE INDEX ledger_record_person ON ledger_record (app_id, person, day, number);
CREATE INDEX ledger_record_media ON ledger_record (app_id, media_id, day, number);

CREATE TABLE ledger_day (
    app_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    records BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    head TEXT,
    closed_at BIGINT,
    told_at BIGINT,
    removed_at BIGINT,
    PRIMARY KEY (app_id, day)
);

CREATE TABLE ledger_person (
    app_id TEXT NOT NULL,
    uid TEXT NOT NULL,
    secret BYTEA,
    person TEXT,
    PRIMARY KEY (app_id, uid)
);
CREATE UNIQUE INDEX ledger_person_name ON ledger_person (app_id, person);

CREATE TABLE ledger_run (
    id TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    ended_at BIGINT
);
