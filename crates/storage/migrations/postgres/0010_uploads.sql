-- Why a file was refused: an error code.
ALTER TABLE media ADD COLUMN refusal TEXT;
-- A ThumbHash, about 25 bytes: what a page shows while the picture loads.
ALTER TABLE media ADD COLUMN thumb_hash BYTEA;

-- An upload that was announced before its bytes; they may come in parts. Its file is `receiving`.
CREATE TABLE upload (
    app_id        TEXT COLLATE "C" NOT NULL,
    media_id      TEXT COLLATE "C" NOT NULL,
    -- 0 a presigned form, 1 tus
    kind          SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 1),
    uploader      TEXT COLLATE "C" NOT NULL,
    -- NULL: the back end asked in the uploader's name
    session_id    TEXT COLLATE "C",
    -- of a presigned form
    secret_hash   BYTEA UNIQUE,
    declared_type TEXT NOT NULL,
    -- Upload-Metadata of tus, as it came
    metadata      TEXT,
    -- of all its bytes, if the sender said it
    sha256        BYTEA,
    size_bytes    BIGINT NOT NULL,
    offset_bytes  BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (app_id, media_id),
    FOREIGN KEY (app_id, media_id) REFERENCES media (app_id, id)
);
CREATE INDEX upload_by_uploader ON upload (app_id, uploader);
CREATE INDEX upload_by_end ON upload (expires_at);

-- The bytes of an upload so far, in the order of `at_byte`.
CREATE TABLE upload_part (
    app_id     TEXT COLLATE "C" NOT NULL,
    media_id   TEXT COLLATE "C" NOT NULL,
    at_byte    BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    blob_key   TEXT COLLATE "C" NOT NULL UNIQUE,
    PRIMARY KEY (app_id, media_id, at_byte),
    FOREIGN KEY (app_id, media_id) REFERENCES upload (app_id, media_id)
);
