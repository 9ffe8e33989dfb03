-- The files of a conversation in the order of their age, without its messages: `conversation_id` of the
-- message and `created_at` of the file, neither of which ever changes.
ALTER TABLE message_media ADD COLUMN conversation_id TEXT;
ALTER TABLE message_media ADD COLUMN file_created_at BIGINT;
UPDATE message_media SET
    conversation_id = (SELECT m.conversation_id FROM message m WHERE m.id = message_media.message_id),
    file_created_at = (SELECT f.created_at FROM media f
        WHERE f.app_id = message_media.app_id AND f.id = message_media.media_id);
CREATE INDEX message_media_by_conversation ON message_media
    (app_id, conversation_id, file_created_at, media_id, message_id, variant) WHERE removed_at IS NULL;
