-- What the files of each app take, kept by the very statements that add and remove renditions.
CREATE TABLE app_usage (
    app_id     TEXT PRIMARY KEY NOT NULL REFERENCES app (id),
    -- Files whose original is stored.
    files      BIGINT NOT NULL,
    -- Bytes of all renditions.
    size_bytes BIGINT NOT NULL
);
CREATE TRIGGER app_usage_grows AFTER INSERT ON media_version BEGIN
    INSERT INTO app_usage (app_id, files, size_bytes)
        VALUES (NEW.app_id, NEW.variant = 0, NEW.size_bytes)
        ON CONFLICT (app_id) DO UPDATE SET files = files + excluded.files,
        size_bytes = size_bytes + excluded.size_bytes;
END;
CREATE TRIGGER app_usage_shrinks AFTER DELETE ON media_version BEGIN
    UPDATE app_usage SET files = files - (OLD.variant = 0), size_bytes = size_bytes - OLD.size_bytes
        WHERE app_id = OLD.app_id;
END;
CREATE TRIGGER app_usage_changes AFTER UPDATE ON media_version BEGIN
    UPDATE app_usage SET files = files - (OLD.variant = 0), size_bytes = size_bytes - OLD.size_bytes
        WHERE app_id = OLD.app_id;
    INSERT INTO app_usage (app_id, files, size_bytes)
        VALUES (NEW.app_id, NEW.variant = 0, NEW.size_bytes)
        ON CONFLICT (app_id) DO UPDATE SET files = files + excluded.files,
        size_bytes = size_bytes + excluded.size_bytes;
END;
INSERT INTO app_usage (app_id, files, size_bytes)
    SELECT app_id, SUM(variant = 0), SUM(size_bytes) FROM media_version GROUP BY app_id;
-- Of what is announced there is as much as is under way.
CREATE INDEX media_receiving ON media (app_id, id) WHERE state = 0;
