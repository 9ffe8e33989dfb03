-- The files of a conversation in the order of their age, without its messages: `conversation_id` of the
-- message and `created_at` of the file, neither of which ever changes.
ALTER TABLE message_media ADD COLUMN conversation_id TEXT;
ALTER TABLE message_media ADD COLUMN file_created_at BIGINT;
CREATE TRIGGER message_media_is_of AFTER INSERT ON message_media
WHEN NEW.conversation_id IS NULL BEGIN
    UPDATE message_media SET
        conversation_id = (SELECT m.conversation_id FROM message m WHERE m.id = NEW.message_id),
        file_created_at = (SELECT f.created_at FROM media f
            WHERE f.app_id = NEW.app_id AND f.id = NEW.media_id)
        WHERE app_id = NEW.app_id AND message_id = NEW.message_id AND media_id = NEW.media_id
        AND variant = NEW.variant;
END;
UPDATE message_media SET
    conversation_id = (SELECT m.conversation_id FROM message m WHERE m.id = message_media.message_id),
    file_created_at = (SELECT f.created_at FROM media f
        WHERE f.app_id = message_media.app_id AND f.id = message_media.media_id);
CREATE INDEX message_media_by_conversation ON message_media
    (app_id, conversation_id, file_created_at, media_id, message_id, variant) WHERE removed_at IS NULL;
