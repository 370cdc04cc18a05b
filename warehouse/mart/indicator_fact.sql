-- Grain: one row per institution, year, indicator and fact of its inventories that says something of the indicator.
-- Reads: core.fact, core.plan_base, core.proposal, core.stage, core.indicator_score, ref.fact, ref.indicator_fact.
-- Why:   a finding for the assessor, never a score: a claim above what a fact supports, as far as the fact can tell, or below it.
WITH supported AS (
    SELECT
        f.institution_code,
        n.instrument_code,
        n.indicator_no,
        f.fact_code,
        any_value(f.part_count) AS part_count,
        any_value(f.whole_count) AS whole_count,
        any_value(f.silent_opd_count) AS silent_opd_count,
        max(n.level) AS telling_level,
        -- levels are cumulative: the highest of which it and all below hold
        coalesce(min(n.level) FILTER (f.part_count * 100 < n.min_pct * f.whole_count OR f.part_count = 0) - 1, max(n.level)) AS supported_level
    FROM core.fact AS f
    JOIN ref.indicator_fact AS n USING (fact_code)
    GROUP BY ALL
),
proposed AS (
    SELECT p.institution_code, p.year, p.indicator_no, p.opd_code, p.claim_units
    FROM core.proposal AS p
    SEMI JOIN (SELECT institution_code, year FROM core.stage WHERE stage = 'proposed') AS g USING (institution_code, year)
),
claimed AS (
    SELECT
        s.*,
        b.year,
        coalesce(p.opd_code, x.opd_code) AS opd_code,
        CASE WHEN p.institution_code IS NOT NULL THEN p.claim_units WHEN x.is_answered THEN x.score_units END AS claim_units
    FROM supported AS s
    JOIN core.plan_base AS b USING (institution_code, instrument_code)
    JOIN core.indicator_score AS x ON b.institution_code = x.institution_code AND b.year = x.year AND b.stage = x.stage AND s.indicator_no = x.indicator_no
    LEFT JOIN proposed AS p ON b.institution_code = p.institution_code AND b.year = p.year AND s.indicator_no = p.indicator_no
),
compared AS (
    SELECT *,
        CASE
            WHEN whole_count = 0 THEN 'no_data'
            WHEN claim_units IS NULL THEN 'no_claim'
            WHEN supported_level < telling_level AND claim_units >= (supported_level + 1) * 10000 THEN 'claim_above'
            WHEN claim_units < supported_level * 10000 THEN 'claim_below'
            ELSE 'agrees'
        END AS finding
    FROM claimed
)
SELECT
    c.institution_code,
    c.year,
    c.instrument_code,
    c.indicator_no,
    c.fact_code,
    f.fact_name,
    c.part_count,
    c.whole_count,
    c.silent_opd_count,
    CASE WHEN c.whole_count > 0 THEN percent(c.part_count, c.whole_count) END AS value_pct,
    CASE WHEN c.whole_count > 0 THEN c.supported_level END AS supported_level,
    c.telling_level,
    unit_score(c.claim_units) AS claimed_score,
    c.opd_code,
    c.finding,
    format('{}: {} dari {}.', f.fact_name, c.part_count, c.whole_count)
    || CASE WHEN c.silent_opd_count > 0 THEN format(' {} OPD belum mengisi data ekosistem.', c.silent_opd_count) ELSE '' END || CASE c.finding
        WHEN 'claim_above' THEN format(' Mendukung tingkat {}; yang diakui {}. Mohon diperiksa asesor.', c.supported_level, replace(CAST(CAST(unit_score(c.claim_units) AS DECIMAL(4, 2)) AS VARCHAR), '.00', ''))
        WHEN 'claim_below' THEN format(' Mendukung tingkat {}; yang diakui baru {}. Mungkin dapat dinaikkan.', c.supported_level, replace(CAST(CAST(unit_score(c.claim_units) AS DECIMAL(4, 2)) AS VARCHAR), '.00', ''))
        WHEN 'no_claim' THEN ' Indikator ini belum dijawab.'
        WHEN 'no_data' THEN ' Belum ada isian untuk dihitung.'
        ELSE ' Sejalan dengan nilai yang diakui, sejauh fakta ini berbicara.' END AS note
FROM compared AS c
JOIN ref.fact AS f USING (fact_code);
