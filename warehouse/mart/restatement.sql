-- Grain: one row per index that was published once and is another now.
-- Reads: history.restatement.
FROM history.restatement;
