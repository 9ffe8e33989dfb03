-- What an operator sets beyond the columns, as one JSON object; absent members have their default.
ALTER TABLE app ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';

-- The last File Access Token of a session: when it was issued, until when it is good, and which
-- key signed it.
ALTER TABLE session ADD COLUMN fat_issued_at BIGINT;
ALTER TABLE session ADD COLUMN fat_expires_at BIGINT;
ALTER TABLE session ADD COLUMN fat_key TEXT COLLATE "C";

-- 0 File Access Token, 1 presigned URL, 2 statements: receipts and ledger heads
ALTER TABLE signing_key DROP CONSTRAINT signing_key_purpose_check;
ALTER TABLE signing_key ADD CONSTRAINT signing_key_purpose_check CHECK (purpose BETWEEN 0 AND 2);
-- when it begins to sign, so that every node knows it before it meets what it signed
ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
UPDATE signing_key SET signs_from = created_at;
ALTER TABLE signing_key ALTER COLUMN signs_from DROP DEFAULT;
