-- Grain: one row per opening that's open, or whose end hasn't been told though its opening was.
-- Reads: alerts.
SELECT * FROM alerts
WHERE closed_at IS NULL OR (told_at IS NOT NULL AND ending_told_at IS NULL)
ORDER BY alert_no;
