-- When a rotated key ends by itself; NULL: never.
ALTER TABLE api_key ADD COLUMN expires_at BIGINT;

-- One user's files, the newest first.
DROP INDEX media_by_uploader;
CREATE INDEX media_by_uploader ON media (app_id, uploader, created_at, id);
