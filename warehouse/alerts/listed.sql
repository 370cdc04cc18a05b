-- Grain: one row per opening: those that are open, or all.
-- Reads: alerts.
SELECT institution_code, rule_code, subject, opened_at, closed_at, told_at, text
FROM alerts
WHERE $1 OR closed_at IS NULL
ORDER BY opened_at, alert_no;
