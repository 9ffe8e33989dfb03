-- What an operator sets beyond the columns, as one JSON object; absent members have their default.
ALTER TABLE app ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';

-- The last File Access Token of a session: when it was issued, until when it is good, and which
-- key signed it.
ALTER TABLE session ADD COLUMN fat_issued_at BIGINT;
ALTER TABLE session ADD COLUMN fat_expires_at BIGINT;
ALTER TABLE session ADD COLUMN fat_key TEXT;

CREATE TABLE signing_key_next (
    id         TEXT PRIMARY KEY,
    -- 0 File Access Token, 1 presigned URL, 2 statements: receipts and ledger heads
    purpose    SMALLINT NOT NULL CHECK (purpose BETWEEN 0 AND 2),
    algorithm  TEXT NOT NULL,
    wrapped    BLOB NOT NULL,
    public     BLOB,
    created_at BIGINT NOT NULL,
    -- when it begins to sign, so that every node knows it before it meets what it signed
    signs_from BIGINT NOT NULL,
    retired_at BIGINT,
    revoked_at BIGINT
);
INSERT INTO signing_key_next
    SELECT id, purpose, algorithm, wrapped, public, created_at, created_at, retired_at, revoked_at
    FROM signing_key;
DROP TABLE signing_key;
ALTER TABLE signing_key_next RENAME TO signing_key;
