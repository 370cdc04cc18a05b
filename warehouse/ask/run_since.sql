-- Grain: one row per run that read the sources and published, and began when a night was due or later; the latest first.
-- Reads: mart.run.
SELECT run_id
FROM mart.run
WHERE started_at >= $due AND state IN ('published', 'published_with_unread')
ORDER BY started_at DESC;
