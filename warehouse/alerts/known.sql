-- Grain: one row per opening that's open, or that ended since $1 and whose end hasn't been told though its opening was.
-- Reads: alerts.
SELECT * FROM alerts
WHERE closed_at IS NULL OR (closed_at > $1 AND told_at IS NOT NULL AND ending_told_at IS NULL)
ORDER BY alert_no;
