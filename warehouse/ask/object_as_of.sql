-- Grain: one row per object of one worksheet that was in force on a night. Filled in: {table}, {worksheet}, {columns} (each as it was).
-- Reads: mart.{table}, mart.ended_object.
-- Why:   what still stands is in its own table; whether it was complete then isn't kept.
CREATE MACRO mart.{table}_as_of(night) AS TABLE
    SELECT * FROM mart.{table} WHERE valid_from <= CAST(night AS DATE)
    UNION ALL BY NAME
    SELECT {columns}
    FROM mart.ended_object
    WHERE worksheet = '{worksheet}' AND valid_from <= CAST(night AS DATE) AND valid_to > CAST(night AS DATE);
