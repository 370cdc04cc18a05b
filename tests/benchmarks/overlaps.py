"""How long overlaps take for a country: 600 institutions of 300 applications. Prints seconds, MB and counts as JSON.

`python tests/benchmarks/overlaps.py [institutions]`; names are made by SQL from words of real ones.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from spbe_etl.instruments import load_instruments
from spbe_etl.inventory.overlaps import find_overlaps, read_decisions
from spbe_etl.warehouse import Warehouse

INSTITUTIONS = 600
SYNTHETIC = (Path(__file__).parent / "overlap_sql" / "applications.sql").read_text(encoding="utf-8")


def main(institutions: int) -> None:
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "warehouse.duckdb", load_instruments())
        warehouse.size_for(institutions)
        warehouse.set_variables({"institutions": institutions})
        warehouse.execute(SYNTHETIC)
        applications = warehouse.rows("SELECT count(*) AS count FROM figures.application")[0]["count"]
        decisions = read_decisions(Path(folder) / "overlap_decision.csv")
        before = _most_mb()
        seconds = {}
        for night in ("first", "quiet"):
            start = perf_counter()
            find_overlaps(warehouse, decisions)
            warehouse.build_mart("application_overlap")
            seconds[night] = round(perf_counter() - start, 2)
        pairs = warehouse.rows("SELECT count(*) AS count FROM core.overlap")[0]["count"]
        planted = warehouse.rows(
            "SELECT count(*) AS planted, count(o.score) AS found FROM planted "
            "LEFT JOIN core.overlap AS o USING (institution_code, listed_by_a, object_id_a, listed_by_b, object_id_b)"
        )[0]
        warehouse.close()
    print(
        json.dumps(
            {
                "applications": applications,
                "seconds": seconds,
                "mb_before": before,
                "mb_most": _most_mb(),
                "pairs": pairs,
                **planted,
            }
        )
    )


def _most_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else INSTITUTIONS)
