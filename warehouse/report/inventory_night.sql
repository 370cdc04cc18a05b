-- Grain: one row per night of the last seven on which objects of $institution changed, with how many did in which way.
-- Reads: mart.inventory_change, mart.institution.
SELECT
    c.snapshot_on,
    count(*) FILTER (c.change_kind = 'new') AS new_count,
    count(*) FILTER (c.change_kind = 'changed') AS changed_count,
    count(*) FILTER (c.change_kind = 'handed_over') AS handed_over_count,
    count(*) FILTER (c.change_kind = 'returned') AS returned_count,
    count(*) FILTER (c.change_kind = 'retired') AS retired_count
FROM mart.inventory_change AS c
JOIN mart.institution AS i USING (institution_code)
WHERE c.institution_code = $institution AND c.snapshot_on > i.snapshot_on - 7
GROUP BY ALL
ORDER BY c.snapshot_on DESC;
