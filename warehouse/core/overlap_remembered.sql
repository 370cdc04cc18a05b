-- Keeps what was found for the institutions in core.overlap_unsolved in place of what was known of them.
-- Reads: core.overlap_unsolved, core.overlap_score.
DELETE FROM read.overlap WHERE institution_code IN (SELECT institution_code FROM core.overlap_unsolved);
INSERT INTO read.overlap
SELECT u.institution_code, u.case_hash, getvariable('overlap_version'), coalesce(list({'listed_by_a': s.listed_by_a, 'object_id_a': s.object_id_a,
    'listed_by_b': s.listed_by_b, 'object_id_b': s.object_id_b, 'score': s.score, 'name_similarity': s.name_similarity,
    'function_similarity': s.function_similarity, 'url_similarity': s.url_similarity, 'reason': s.reason}
    ORDER BY s.listed_by_a, s.object_id_a, s.listed_by_b, s.object_id_b) FILTER (s.score IS NOT NULL), [])
FROM core.overlap_unsolved AS u
LEFT JOIN core.overlap_score AS s ON u.institution_code = s.institution_code AND (s.score >= setting('overlap_threshold') OR s.is_asked)
GROUP BY ALL;
