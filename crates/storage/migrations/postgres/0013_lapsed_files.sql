-- Since when nobody may read a file whose bytes are still there; the janitor asks only these.
ALTER TABLE media ADD COLUMN lapsed_at BIGINT;
CREATE INDEX media_by_lapse ON media (lapsed_at) WHERE lapsed_at IS NOT NULL;
UPDATE media SET lapsed_at = COALESCE(deleted_at, (SELECT MIN(k.removed_at) FROM message_media k
    WHERE k.app_id = media.app_id AND k.media_id = media.id))
    WHERE EXISTS (SELECT 1 FROM media_version v
    WHERE v.app_id = media.app_id AND v.media_id = media.id);
