"""Applications that are likely the same across the OPD of an institution; each state of its list is compared once.

`warehouse/core/overlap_*.sql` says which names are alike and what it's worth; here texts are compared.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from spbe_etl.errors import ConfigurationError
from spbe_etl.resources import SEEDS, WAREHOUSE, fingerprint
from spbe_etl.warehouse import Warehouse

CORES = 2
SEEDED = ("analysis_setting", "overlap_reason", "overlap_role", "overlap_word")
NAMES = ("application", "name", "opd", "label", "spelled", "alike")
NAMED = ("name", "opd", "spelled", "alike")
PAIRS = ("node", "close", "node_word", "candidate", "name_pair", "pair")
COLUMNS = ("institution_code", "opd_a", "id_a", "opd_b", "id_b", "decision", "note")
NEEDED = COLUMNS[1:6]
DECISIONS = {"same": "same", "sama": "same", "different": "different", "berbeda": "different"}
DECISION_TABLE = pa.schema([(name, pa.string()) for name in COLUMNS])


@cache
def overlap_version() -> str:
    """What tells one way of finding overlaps from another."""
    queries = sorted((WAREHOUSE / "core").glob("overlap*.sql"))
    seeds = [SEEDS / f"{name}.csv" for name in SEEDED]
    return fingerprint([Path(__file__), WAREHOUSE / "macros.sql", *queries, *seeds], version("rapidfuzz"))


def find_overlaps(warehouse: Warehouse, decisions: pa.Table) -> None:
    """Fill core.overlap and core.overlap_group for the institutions in memory; reads figures.application.

    `decisions` as read_decisions() returns them. Raises ConfigurationError if one doesn't say whose it is.
    """
    warehouse.set_variables({"overlap_version": overlap_version()})
    warehouse.register("landed_decision", decisions)
    _check_institutions(warehouse)
    for name in ("case", "decision", "unsolved"):
        warehouse.run(f"core/overlap_{name}")
    if warehouse.rows("FROM core.overlap_unsolved LIMIT 1"):
        _learn(warehouse)
    warehouse.run("core/overlap")
    warehouse.run("core/overlap_group")


def _check_institutions(warehouse: Warehouse) -> None:
    unsaid = warehouse.rows(
        "SELECT opd_a, id_a FROM landed_decision WHERE institution_code IS NULL "
        "AND (SELECT count(DISTINCT institution_code) FROM figures.application) > 1 LIMIT 1"
    )
    if unsaid:
        raise ConfigurationError(
            "overlap_decision.csv: the decision on {opd_a}/{id_a} names no institution. "
            "Fill institution_code: there's more than one here.".format(**unsaid[0])
        )


def _learn(warehouse: Warehouse) -> None:
    """Compare the applications of the institutions that aren't known, and remember what was found."""
    from rapidfuzz.fuzz import ratio, token_set_ratio

    for name in NAMES:
        warehouse.run(f"core/overlap_{name}")
    words = warehouse.arrow("SELECT DISTINCT word AS left_text, means AS right_text FROM core.overlap_alike")
    warehouse.register("landed_alike", _compared(words, ratio))
    warehouse.run("core/overlap_word")
    _drop(warehouse, NAMED)
    for name in PAIRS:
        warehouse.run(f"core/overlap_{name}")
    wordings = warehouse.arrow(
        "SELECT DISTINCT a_about AS left_text, b_about AS right_text FROM core.overlap_pair WHERE a_about <> b_about"
    )
    warehouse.register("landed_about", _compared(wordings, token_set_ratio))
    warehouse.run("core/overlap_score")
    warehouse.run("core/overlap_remembered")
    _drop(warehouse, ("application", "label", "word", *PAIRS, "score"))


def _drop(warehouse: Warehouse, names: Sequence[str]) -> None:
    """Give back the memory of tables that aren't needed any more."""
    for name in names:
        warehouse.execute(f"DROP TABLE core.overlap_{name}")


def _compared(texts: pa.Table, scorer: Callable[..., float]) -> pa.Table:
    """Pairs of texts with how alike they are, 0 to 100."""
    from rapidfuzz.process import cpdist

    left, right = (texts[column].to_pylist() for column in ("left_text", "right_text"))
    similarity = cpdist(left, right, scorer=scorer, workers=CORES)
    return texts.append_column("similarity", pa.array(similarity, pa.float32()))


def read_decisions(path: Path) -> pa.Table:
    """What people decided on pairs of applications, one row a decision; none if there's no such file.

    Codes in capitals; institution_code is null where the file leaves it empty. Raises ConfigurationError for a file
    that is broken or contradicts itself.
    """
    if not path.exists():
        return DECISION_TABLE.empty_table()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader]
            header = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            f"{path} can't be read as CSV in UTF-8: {error}. Columns: {', '.join(COLUMNS)}."
        ) from error
    if missing := [name for name in NEEDED if name not in header]:
        raise ConfigurationError(
            f"{path}, line 1: the column {missing[0]} is missing, found {', '.join(header) or 'nothing'}. "
            f"Valid: {', '.join(COLUMNS)}."
        )
    decisions = [(line, _decision(path, line, row)) for line, row in rows if any(row.values())]
    _check_agreement(path, decisions)
    return pa.Table.from_pylist([row for _, row in decisions], schema=DECISION_TABLE)


def _decision(path: Path, line: int, row: dict[str, str | None]) -> dict[str, str | None]:
    if None in row or None in row.values():
        raise ConfigurationError(f"{path}, line {line}: more or fewer cells than the header has.")
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if empty := [name for name in NEEDED if not cells[name]]:
        raise ConfigurationError(f"{path}, line {line}: {empty[0]} is empty. Fill it, or remove the line.")
    decision = DECISIONS.get(cells["decision"].casefold())
    if decision is None:
        raise ConfigurationError(
            f"{path}, line {line}: the decision '{cells['decision'][:40]}' isn't known. Valid: {', '.join(DECISIONS)}."
        )
    codes = {name: cells[name].upper() or None for name in COLUMNS[:5]}
    return {**codes, "decision": decision, "note": cells["note"]}


def _check_agreement(path: Path, decisions: Sequence[tuple[int, Mapping[str, str | None]]]) -> None:
    """Raise ConfigurationError if two lines decide on one pair differently."""
    known: dict[frozenset[tuple[str | None, str | None]], list[tuple[int, Mapping[str, str | None]]]] = {}
    for line, row in decisions:
        pair = frozenset({(row["opd_a"], row["id_a"]), (row["opd_b"], row["id_b"])})
        for earlier, other in known.setdefault(pair, []):
            institutions = {row["institution_code"], other["institution_code"]}
            if row["decision"] != other["decision"] and (len(institutions) == 1 or None in institutions):
                raise ConfigurationError(
                    f"{path}, line {line}: says '{row['decision']}' of a pair that line {earlier} "
                    f"calls '{other['decision']}'. Keep one of them."
                )
        known[pair].append((line, row))
