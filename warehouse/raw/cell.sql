-- Grain: one row per cell of a worksheet content that raw doesn't hold yet, added to raw.cell.
-- Reads: landed_cell.
INSERT INTO raw.cell BY NAME FROM landed_cell;
