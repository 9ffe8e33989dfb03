-- What is held is neither removed by retention nor are its bytes.
ALTER TABLE media ADD COLUMN legal_hold BOOLEAN NOT NULL DEFAULT FALSE;

-- Who has looked at the files of a message that is to go once all have.
CREATE TABLE message_view (
    app_id     TEXT COLLATE "C" NOT NULL,
    message_id BIGINT NOT NULL REFERENCES message (id),
    uid        TEXT COLLATE "C" NOT NULL,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (app_id, message_id, uid)
);
CREATE INDEX message_by_kind ON message (app_id, kind, sent_at);
