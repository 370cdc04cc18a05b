-- Grain: one row, once every block was read: DuckDB tells a damaged one only then.
-- Reads: alerts, outbox, unread, reminders, checks.
SELECT
    (SELECT count(hash(a)) FROM alerts AS a)
    + (SELECT count(hash(o)) FROM outbox AS o)
    + (SELECT count(hash(u)) FROM unread AS u)
    + (SELECT count(hash(r)) FROM reminders AS r)
    + (SELECT count(hash(c)) FROM checks AS c) AS row_count;
