-- Grain: one row per message and target that's still to be sent, oldest first.
-- Reads: outbox.
SELECT message_no, target, institution_code, title, body
FROM outbox
WHERE sent_at IS NULL AND given_up_at IS NULL
ORDER BY message_no, target;
