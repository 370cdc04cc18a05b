-- Grain: one row per message of kind $1 that waits for a target that isn't set any more, and target of $2 that it isn't
--        for yet; added to outbox.
-- Reads: outbox.
INSERT INTO outbox BY NAME
SELECT DISTINCT o.message_no, t.target, o.kind, o.institution_code, o.title, o.body, o.made_at
FROM outbox AS o
CROSS JOIN (SELECT unnest($2) AS target) AS t
WHERE o.kind = $1 AND o.sent_at IS NULL AND o.given_up_at IS NULL AND NOT list_contains($2, o.target)
    AND NOT exists(FROM outbox AS same WHERE same.message_no = o.message_no AND same.target = t.target);
