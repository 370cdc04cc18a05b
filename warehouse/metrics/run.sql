-- Grain: one row, the latest run that published.
-- Reads: mart.run.
SELECT date_diff('millisecond', started_at, finished_at) / 1000 AS seconds
FROM mart.run
WHERE state IN ('published', 'published_with_unread')
ORDER BY started_at DESC
LIMIT 1;
