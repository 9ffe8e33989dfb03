-- What the files of each app take, kept by the very statements that add and remove renditions.
CREATE TABLE app_usage (
    app_id     TEXT PRIMARY KEY NOT NULL REFERENCES app (id),
    -- Files whose original is stored.
    files      BIGINT NOT NULL,
    -- Bytes of all renditions.
    size_bytes BIGINT NOT NULL
);
CREATE FUNCTION count_app_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        UPDATE app_usage SET files = files - (OLD.variant = 0)::int,
            size_bytes = size_bytes - OLD.size_bytes WHERE app_id = OLD.app_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO app_usage AS used (app_id, files, size_bytes)
            VALUES (NEW.app_id, (NEW.variant = 0)::int, NEW.size_bytes)
            ON CONFLICT (app_id) DO UPDATE SET files = used.files + excluded.files,
            size_bytes = used.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END
$$;
-- Before the rows are summed: nobody writes any more until this is committed.
CREATE TRIGGER app_usage_counts AFTER INSERT OR UPDATE OR DELETE ON media_version
    FOR EACH ROW EXECUTE FUNCTION count_app_usage();
INSERT INTO app_usage (app_id, files, size_bytes)
    SELECT app_id, COUNT(*) FILTER (WHERE variant = 0), SUM(size_bytes)
    FROM media_version GROUP BY app_id;
-- Of what is announced there is as much as is under way.
CREATE INDEX media_receiving ON media (app_id, id) WHERE state = 0;
