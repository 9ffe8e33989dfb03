-- Times are seconds since 1970 UTC, sizes are bytes, ids compare byte by byte.

CREATE TABLE meta (
    key   TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE app (
    id                       TEXT COLLATE "C" PRIMARY KEY,
    name                     TEXT NOT NULL,
    region                   TEXT NOT NULL,
    -- 0 off, 1 observe, 2 on
    token_based_file_access  SMALLINT NOT NULL DEFAULT 0 CHECK (token_based_file_access BETWEEN 0 AND 2),
    presign_ttl_seconds      BIGINT NOT NULL,
    fat_lifetime_seconds     BIGINT NOT NULL,
    client_login_by_auth_key BOOLEAN NOT NULL,
    file_size_max            BIGINT NOT NULL,
    file_count_max           BIGINT NOT NULL,
    -- a JSON array of origins; empty: every origin
    allowed_origins          TEXT NOT NULL,
    generation               BIGINT NOT NULL DEFAULT 0,
    created_at               BIGINT NOT NULL,
    updated_at               BIGINT NOT NULL
);

CREATE TABLE operator (
    id            TEXT COLLATE "C" PRIMARY KEY,
    email         TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE operator_session (
    token_hash  BYTEA PRIMARY KEY,
    operator_id TEXT COLLATE "C" NOT NULL REFERENCES operator (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);

CREATE TABLE api_key (
    id         TEXT COLLATE "C" PRIMARY KEY,
    app_id     TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    name       TEXT NOT NULL,
    -- 0 authOnly, 1 fullAccess
    scope      SMALLINT NOT NULL CHECK (scope BETWEEN 0 AND 1),
    hash       BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    generation BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX api_key_by_app ON api_key (app_id, created_at, id);

CREATE TABLE app_user (
    app_id         TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    uid            TEXT COLLATE "C" NOT NULL,
    name           TEXT NOT NULL,
    avatar         TEXT,
    link           TEXT,
    role           TEXT NOT NULL,
    status_message TEXT,
    metadata       TEXT,
    tags           TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    deactivated_at BIGINT,
    deleted_at     BIGINT,
    generation     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (app_id, uid)
);

-- A session is one auth token.
CREATE TABLE session (
    app_id          TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    uid             TEXT COLLATE "C" NOT NULL,
    auth_token_hash BYTEA NOT NULL UNIQUE,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    ended_at        BIGINT,
    sdk             TEXT,
    last_seen_at    BIGINT NOT NULL,
    generation      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (app_id, id),
    FOREIGN KEY (app_id, uid) REFERENCES app_user (app_id, uid)
);
CREATE INDEX session_by_uid ON session (app_id, uid, created_at, id);

CREATE TABLE chat_group (
    app_id            TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    guid              TEXT COLLATE "C" NOT NULL,
    name              TEXT NOT NULL,
    -- 0 public, 1 password, 2 private
    kind              SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 2),
    password_hash     TEXT,
    owner             TEXT COLLATE "C",
    icon              TEXT,
    description       TEXT,
    metadata          TEXT,
    history_from_join BOOLEAN NOT NULL DEFAULT FALSE,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    -- the guid stays taken, so that no later group inherits its messages
    deleted_at        BIGINT,
    PRIMARY KEY (app_id, guid)
);

CREATE TABLE group_member (
    app_id    TEXT COLLATE "C" NOT NULL,
    guid      TEXT COLLATE "C" NOT NULL,
    uid       TEXT COLLATE "C" NOT NULL,
    -- 0 participant, 1 moderator, 2 admin
    scope     SMALLINT NOT NULL CHECK (scope BETWEEN 0 AND 2),
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, guid, uid),
    FOREIGN KEY (app_id, guid) REFERENCES chat_group (app_id, guid) ON DELETE CASCADE,
    FOREIGN KEY (app_id, uid) REFERENCES app_user (app_id, uid)
);
CREATE INDEX group_member_by_uid ON group_member (app_id, uid, guid);

CREATE TABLE group_ban (
    app_id    TEXT COLLATE "C" NOT NULL,
    guid      TEXT COLLATE "C" NOT NULL,
    uid       TEXT COLLATE "C" NOT NULL,
    banned_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, guid, uid),
    FOREIGN KEY (app_id, guid) REFERENCES chat_group (app_id, guid) ON DELETE CASCADE,
    FOREIGN KEY (app_id, uid) REFERENCES app_user (app_id, uid)
);

CREATE TABLE block (
    app_id  TEXT COLLATE "C" NOT NULL,
    blocker TEXT COLLATE "C" NOT NULL,
    blocked TEXT COLLATE "C" NOT NULL,
    since   BIGINT NOT NULL,
    PRIMARY KEY (app_id, blocker, blocked),
    FOREIGN KEY (app_id, blocker) REFERENCES app_user (app_id, uid),
    FOREIGN KEY (app_id, blocked) REFERENCES app_user (app_id, uid)
);

CREATE TABLE message (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app_id          TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    muid            TEXT COLLATE "C",
    sender          TEXT COLLATE "C" NOT NULL,
    -- 0 user, 1 group
    receiver_kind   SMALLINT NOT NULL CHECK (receiver_kind BETWEEN 0 AND 1),
    receiver        TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    category        TEXT NOT NULL,
    kind            TEXT NOT NULL,
    data            TEXT NOT NULL,
    sent_at         BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    edited_at       BIGINT,
    deleted_at      BIGINT,
    deleted_by      TEXT COLLATE "C",
    parent_id       BIGINT REFERENCES message (id),
    FOREIGN KEY (app_id, sender) REFERENCES app_user (app_id, uid)
);
CREATE UNIQUE INDEX message_by_muid ON message (app_id, sender, muid) WHERE muid IS NOT NULL;
CREATE INDEX message_by_conversation ON message (app_id, conversation_id, id);
CREATE INDEX message_by_sender ON message (app_id, receiver_kind, sender, id);
CREATE INDEX message_by_receiver ON message (app_id, receiver_kind, receiver, id);

CREATE TABLE media (
    app_id          TEXT COLLATE "C" NOT NULL REFERENCES app (id),
    id              TEXT COLLATE "C" NOT NULL,
    uploader        TEXT COLLATE "C" NOT NULL,
    -- 0 conversation, 1 app
    audience        SMALLINT NOT NULL CHECK (audience BETWEEN 0 AND 1),
    conversation    TEXT COLLATE "C",
    -- 0 receiving, 1 checking, 2 ready, 3 refused, 4 deleted
    state           SMALLINT NOT NULL CHECK (state BETWEEN 0 AND 4),
    revoked_at      BIGINT,
    file_name       TEXT NOT NULL,
    extension       TEXT NOT NULL,
    content_type    TEXT NOT NULL,
    size_bytes      BIGINT NOT NULL,
    width           BIGINT,
    height          BIGINT,
    duration_ms     BIGINT,
    received_sha256 BYTEA NOT NULL,
    created_at      BIGINT NOT NULL,
    deleted_at      BIGINT,
    ever_carried    BOOLEAN NOT NULL DEFAULT FALSE,
    generation      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (app_id, id),
    FOREIGN KEY (app_id, uploader) REFERENCES app_user (app_id, uid)
);
CREATE INDEX media_by_age ON media (app_id, created_at, id);
CREATE INDEX media_by_uploader ON media (app_id, uploader);

CREATE TABLE media_version (
    app_id         TEXT COLLATE "C" NOT NULL,
    media_id       TEXT COLLATE "C" NOT NULL,
    -- 0 original, 1 small, 2 medium, 3 large
    variant        SMALLINT NOT NULL CHECK (variant BETWEEN 0 AND 3),
    blob_key       TEXT COLLATE "C" NOT NULL UNIQUE,
    content_type   TEXT NOT NULL,
    extension      TEXT NOT NULL,
    size_bytes     BIGINT NOT NULL,
    content_sha256 BYTEA NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (app_id, media_id, variant),
    FOREIGN KEY (app_id, media_id) REFERENCES media (app_id, id)
);

-- A link that an edit took away keeps its row: `removed_at` starts the delay before bytes go.
CREATE TABLE message_media (
    app_id     TEXT COLLATE "C" NOT NULL,
    message_id BIGINT NOT NULL REFERENCES message (id),
    media_id   TEXT COLLATE "C" NOT NULL,
    variant    SMALLINT NOT NULL,
    position   BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (app_id, message_id, media_id, variant),
    FOREIGN KEY (app_id, media_id) REFERENCES media (app_id, id)
);
CREATE INDEX message_media_by_media ON message_media (app_id, media_id);

CREATE TABLE signing_key (
    id         TEXT COLLATE "C" PRIMARY KEY,
    -- 0 File Access Token, 1 presigned URL
    purpose    SMALLINT NOT NULL CHECK (purpose BETWEEN 0 AND 1),
    algorithm  TEXT NOT NULL,
    wrapped    BYTEA NOT NULL,
    public     BYTEA,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    revoked_at BIGINT
);

-- The feed. Only ever appended to, in the transaction of the write it tells of.
CREATE TABLE change (
    seq    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app_id TEXT COLLATE "C",
    kind   SMALLINT NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX change_by_age ON change (at);

CREATE TABLE node (
    id          TEXT COLLATE "C" PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    applied_seq BIGINT NOT NULL
);

CREATE TABLE job (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        SMALLINT NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    run_after   BIGINT NOT NULL,
    owner       TEXT COLLATE "C",
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, key)
);
CREATE INDEX job_by_time ON job (kind, run_after, id);
