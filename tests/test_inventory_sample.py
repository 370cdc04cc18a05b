"""The sample's inventories through a night: every planted fault at its cell, every planted overlap, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import Mart, Nights

from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.inventory.tables import listed_tables
from spbe_etl.resources import seed
from spbe_etl.sample import write_sample
from spbe_etl.sample.selayar import planted_faults

FALSE_ALARMS_PCT = 10


@dataclass(frozen=True)
class Sample:
    folder: Path
    mart: Mart


@pytest.fixture(scope="module")
def sample(module_run: Nights, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample") / "sample"
    write_sample(folder)
    now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    return Sample(folder, module_run(folder, night=date(2026, 8, 1), now=now).mart)


def test_its_size_is_that_of_a_district(sample: Sample) -> None:
    counts = {table: sample.mart.values(f"SELECT count(*) FROM mart.{table}")[0] for table in listed_tables()}
    assert counts["application"] >= 295
    assert all(count >= 40 for count in counts.values()), counts
    opd = sample.mart.values("SELECT count(DISTINCT listed_by_opd_code) FROM mart.application")
    assert opd[0] >= 38


def test_every_planted_fault_is_found_at_its_cell_and_nothing_else(sample: Sample) -> None:
    planted = {(one.opd_code, one.worksheet, one.cell, one.rule_code) for one in planted_faults()}
    assert len(planted) >= 40
    worksheets = list(inventory_worksheets())
    lines = sample.mart.rows("FROM mart.rejected_row WHERE list_contains(?, worksheet)", [worksheets])
    found = {(line["opd_code"], line["worksheet"], line["cell"], line["rule_code"]) for line in lines}
    assert planted <= found, planted - found
    cells = {one[:3] for one in planted}
    assert {one for one in found if one[:3] not in cells and one[3] != "OBJECT_CONTRADICTS"} == set()


def test_personal_data_without_a_classification_is_found(sample: Sample) -> None:
    lines = sample.mart.rows("FROM mart.rejected_row WHERE rule_code = 'CLASSIFICATION_MISSING'")
    planted = [row for row in seed("sample/inventory_fault") if row["rule_code"] == "CLASSIFICATION_MISSING"]
    assert len(lines) == len(planted) >= 3


def test_every_planted_overlap_is_found_with_few_false_alarms(sample: Sample) -> None:
    planted = {frozenset({(r["opd_a"], r["id_a"]), (r["opd_b"], r["id_b"])}) for r in seed("sample/overlap")}
    alarms = {
        frozenset({(row["listed_by_a"], row["object_id_a"]), (row["listed_by_b"], row["object_id_b"])})
        for row in sample.mart.rows("FROM mart.application_overlap")
    }
    assert len(planted) >= 25
    assert planted <= alarms, planted - alarms
    assert len(alarms - planted) * 100 <= FALSE_ALARMS_PCT * len(alarms), alarms - planted


def test_rows_are_conserved(sample: Sample) -> None:
    run = sample.mart.row("FROM mart.run")
    assert run["rows_read"] == run["rows_accepted"] + run["rows_rejected"] + run["rows_blank"]
    objects = sum(sample.mart.values(f"SELECT count(*) FROM mart.{table}")[0] for table in listed_tables())
    assert run["rows_read"] > objects > 800


def test_an_inventory_moves_no_score(sample: Sample) -> None:
    rows = sample.mart.rows("FROM mart.index_snapshot WHERE institution_code = '73.01' AND stage <> 'confirmed'")
    told = {(row["year"], row["stage"]): str(row["index_value"]) for row in rows}
    assert told == {(2023, "official"): "1.93", (2025, "proposed"): "2.33", (2026, "proposed"): "1.30"}


def test_facts_and_the_roadmap_say_something(sample: Sample) -> None:
    findings = set(sample.mart.values("SELECT finding FROM mart.indicator_fact WHERE institution_code = '73.01'"))
    assert findings >= {"claim_above", "claim_below"}
    targets = sample.mart.rows("SELECT instrument_code, target_index FROM mart.roadmap_index WHERE year = 2026")
    assert {row["instrument_code"]: row["target_index"] and str(row["target_index"]) for row in targets} == {
        "pemdi-2026": "2.00",
        "spbe-2020": None,
    }
    assert set(sample.mart.values("SELECT is_covered FROM mart.roadmap_step")) == {True, False}
    assert set(sample.mart.values("SELECT moves_indicator FROM mart.initiative_effect")) == {True, False}
    assert sample.mart.values("SELECT count(*) FROM mart.roadmap_alignment") == [7]
    assert sample.mart.values("SELECT count(*) FROM mart.integration WHERE NOT is_island")[0] > 0
