-- How far a reader has come in a conversation; ids of messages, 0 if at none.
CREATE TABLE read_mark (
    app_id        TEXT NOT NULL,
    -- whose
    uid           TEXT NOT NULL,
    -- 0 with a user, 1 in a group
    receiver_kind SMALLINT NOT NULL CHECK (receiver_kind BETWEEN 0 AND 1),
    -- uid or guid of the other side
    peer          TEXT NOT NULL,
    delivered_id  BIGINT NOT NULL,
    read_id       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (app_id, uid, receiver_kind, peer),
    FOREIGN KEY (app_id, uid) REFERENCES app_user (app_id, uid)
);

-- Tickets that opened a socket, kept until they have expired, so that none opens two.
CREATE TABLE socket_ticket (
    id         BLOB PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX socket_ticket_by_expiry ON socket_ticket (expires_at);
