-- Grain: one row per institution: how far its inventories go, and what disagrees with them.
-- Reads: mart.institution, architecture_coverage, initiative, application_overlap, indicator_fact, integration, roadmap_step, rejected_row.
WITH chosen AS (
    SELECT institution_code, institution_name, snapshot_on FROM mart.institution WHERE $institution IS NULL OR institution_code = $institution
),
coverage AS (
    SELECT * FROM mart.architecture_coverage WHERE $opd IS NULL OR upper(opd_code) = upper($opd)
),
domain AS (
    SELECT
        institution_code,
        domain,
        any_value(worksheet) AS worksheet,
        count(*) FILTER (listed_count > 0) AS opd_count,
        CAST(sum(listed_count) AS BIGINT) AS listed_count,
        CAST(sum(complete_count) AS BIGINT) AS complete_count,
        CAST(sum(coded_count) AS BIGINT) AS coded_count,
        CAST(sum(linked_count) AS BIGINT) AS linked_count
    FROM coverage
    GROUP BY ALL
),
unlisted AS (
    SELECT institution_code, opd_code FROM coverage GROUP BY ALL HAVING sum(listed_count) = 0
)
SELECT
    c.*,
    coalesce((SELECT list({'domain': d.domain, 'worksheet': d.worksheet, 'opd_count': d.opd_count, 'listed_count': d.listed_count,
            'complete_count': d.complete_count, 'coded_count': d.coded_count, 'linked_count': d.linked_count}
            ORDER BY list_position(['RAB', 'RAL', 'RAD', 'RAA', 'RAI', 'RAK'], d.domain))
        FROM domain AS d WHERE d.institution_code = c.institution_code), []) AS domains,
    (SELECT count(DISTINCT v.opd_code) FROM coverage AS v WHERE v.institution_code = c.institution_code) AS opd_count,
    coalesce((SELECT list(u.opd_code ORDER BY u.opd_code) FROM unlisted AS u WHERE u.institution_code = c.institution_code), []) AS unlisted_opd,
    (SELECT count(*) FROM mart.initiative AS n
        WHERE n.institution_code = c.institution_code AND ($opd IS NULL OR upper(n.opd_code) = upper($opd))) AS initiative_count,
    (SELECT count(*) FROM mart.rejected_row AS x
        WHERE x.institution_code = c.institution_code AND x.resolved_on IS NULL AND x.severity = 'critical'
            AND list_contains($worksheets, x.worksheet) AND ($opd IS NULL OR upper(x.opd_code) = upper($opd))) AS rejection_count,
    coalesce((SELECT list(DISTINCT x.worksheet ORDER BY x.worksheet) FROM mart.rejected_row AS x
        WHERE x.institution_code = c.institution_code AND x.resolved_on IS NULL AND x.severity = 'critical'
            AND list_contains($worksheets, x.worksheet) AND ($opd IS NULL OR upper(x.opd_code) = upper($opd))), []) AS rejected_worksheets,
    (SELECT count(*) FROM mart.rejected_row AS x
        WHERE x.institution_code = c.institution_code AND x.resolved_on IS NULL AND x.severity <> 'critical'
            AND list_contains($worksheets, x.worksheet) AND ($opd IS NULL OR upper(x.opd_code) = upper($opd))) AS warning_count,
    (SELECT count(*) FROM mart.application_overlap AS o
        WHERE o.institution_code = c.institution_code AND o.decision IS DISTINCT FROM 'different'
            AND ($opd IS NULL OR upper($opd) IN (upper(o.opd_code_a), upper(o.opd_code_b)))) AS overlap_count,
    (SELECT count(*) FROM mart.application_overlap AS o
        WHERE o.institution_code = c.institution_code AND o.decision IS NULL
            AND ($opd IS NULL OR upper($opd) IN (upper(o.opd_code_a), upper(o.opd_code_b)))) AS undecided_count,
    (SELECT count(*) FROM mart.indicator_fact AS f
        WHERE f.institution_code = c.institution_code AND f.finding = 'claim_above' AND ($opd IS NULL OR upper(f.opd_code) = upper($opd))) AS claim_above_count,
    (SELECT count(*) FROM mart.indicator_fact AS f
        WHERE f.institution_code = c.institution_code AND f.finding = 'claim_below' AND ($opd IS NULL OR upper(f.opd_code) = upper($opd))) AS claim_below_count,
    (SELECT count(*) FROM mart.integration AS g
        WHERE g.institution_code = c.institution_code AND g.is_island AND ($opd IS NULL OR upper(g.from_opd_code) = upper($opd))) AS island_count,
    (SELECT count(*) FROM mart.roadmap_step AS s
        WHERE s.institution_code = c.institution_code AND ($opd IS NULL OR upper(s.opd_code) = upper($opd))) AS step_count,
    (SELECT count(*) FROM mart.roadmap_step AS s
        WHERE s.institution_code = c.institution_code AND NOT s.is_covered AND ($opd IS NULL OR upper(s.opd_code) = upper($opd))) AS uncovered_step_count
FROM chosen AS c
ORDER BY c.institution_code;
