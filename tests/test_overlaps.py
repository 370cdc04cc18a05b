"""Applications that are likely the same: found in labelled lists, in any order; remembered; decided on by people."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import load_instruments
from spbe_etl.inventory import overlaps
from spbe_etl.inventory.overlaps import DECISION_TABLE, find_overlaps, read_decisions
from spbe_etl.resources import read_csv, seed
from spbe_etl.warehouse import Warehouse, mart_columns

HERE = Path(__file__).parent
LISTS = HERE / "overlaps"
SYNTHETIC = (HERE / "benchmarks" / "overlap_sql" / "applications.sql").read_text(encoding="utf-8")
NONE = DECISION_TABLE.empty_table()
SELAYAR, OTHER = "73.01", "73.02"
APPLICATION = (
    *("institution_code", "opd_code", "listed_by_opd_code", "object_id"),
    *("object_name", "description", "function", "url"),
)
OPD = (
    ("DINKES", "Dinas Kesehatan"),
    ("DISHUB", "Dinas Perhubungan"),
    ("KEC-BENTENG", "Kecamatan Benteng"),
    ("KEC-BUKI", "Kecamatan Buki"),
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    one = Warehouse(tmp_path / "warehouse.duckdb", load_instruments())
    one.execute("CREATE TABLE core.institution (institution_code VARCHAR, institution_name VARCHAR)")
    one.execute(
        f"INSERT INTO core.institution VALUES ('{SELAYAR}', 'Kabupaten Kepulauan Selayar'), ('{OTHER}', 'Kota X')"
    )
    set_opd(one, OPD)
    yield one
    one.close()


def set_opd(warehouse: Warehouse, rows: Sequence[tuple[str, str]]) -> None:
    named = [
        {"institution_code": SELAYAR, "opd_code": code, "opd_name": name, "is_active": True} for code, name in rows
    ]
    warehouse.register("landed", pa.Table.from_pylist(named))
    warehouse.execute("CREATE OR REPLACE TABLE core.opd AS FROM landed")


def list_applications(warehouse: Warehouse, rows: Sequence[Mapping[str, str | None]]) -> None:
    schema = pa.schema([(name, pa.string()) for name in APPLICATION])
    warehouse.register("landed", pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
    warehouse.execute("CREATE OR REPLACE TABLE figures.application AS FROM landed")


def application(opd_code: str, object_id: str, name: str | None, **more: str | None) -> dict[str, str | None]:
    codes = {"institution_code": SELAYAR, "opd_code": opd_code, "listed_by_opd_code": opd_code}
    return {**codes, "object_id": object_id, "object_name": name, **more}


def pairs(warehouse: Warehouse) -> list[tuple[str, str]]:
    found = warehouse.rows("FROM core.overlap ORDER BY ALL")
    return [(f"{r['listed_by_a']}/{r['object_id_a']}", f"{r['listed_by_b']}/{r['object_id_b']}") for r in found]


def found_names(warehouse: Warehouse, *names: tuple[str, str], decisions: pa.Table = NONE) -> list[dict[str, Any]]:
    """The published overlaps of these applications, each (OPD, name)."""
    list_applications(warehouse, [application(opd, str(no), name) for no, (opd, name) in enumerate(names)])
    find_overlaps(warehouse, decisions)
    warehouse.build_mart("application_overlap")
    return warehouse.rows("FROM figures.application_overlap ORDER BY ALL")


def labelled(name: str) -> list[dict[str, str]]:
    return [{**row, "object_id": f"APL-{no:03}"} for no, row in enumerate(read_csv(LISTS / f"{name}.csv"))]


def as_listed(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str | None]]:
    return [
        application(
            row["opd_code"],
            row["object_id"],
            row["object_name"],
            function=row["function"] or None,
            url=row["url"] or None,
        )
        for row in rows
    ]


@pytest.mark.parametrize(("name", "recall", "precision"), [("tuned", 1.0, 0.9), ("held_out", 0.85, 0.9)])
def test_labelled_overlaps_are_found_and_little_else(
    warehouse: Warehouse, name: str, recall: float, precision: float
) -> None:
    """`held_out` was written before anything was tried on it, and nothing was changed for it since."""
    rows = labelled(name)
    set_opd(warehouse, [(row["opd_code"], row["opd_name"]) for row in read_csv(LISTS / "opd.csv")])
    list_applications(warehouse, as_listed(rows))
    find_overlaps(warehouse, NONE)
    true = {
        frozenset((a["object_id"], b["object_id"]))
        for a, b in combinations(rows, 2)
        if a["same"] and a["same"] == b["same"] and a["opd_code"] != b["opd_code"]
    }
    found = {frozenset((row["object_id_a"], row["object_id_b"])) for row in warehouse.rows("FROM core.overlap")}
    assert len(true & found) / len(true) >= recall, true - found
    assert len(true & found) / len(found) >= precision, found - true


SAME = [
    ("SIMPEG", "Sistem Informasi Manajemen Kepegawaian (SIMPEG)"),
    ("e-Kinerja", "eKinerja ASN"),
    ("Absensi Online", "Presensi Online Pegawai"),
    ("Sistem Pengawasan Angkutan", "Sistem Pengawasann Angkutan"),
    ("Buku Tamu", "BukuTamu"),
]
OTHERS = [
    ("Sistem Informasi Puskesmas Benteng", "Sistem Informasi Puskesmas Bontomatene"),
    ("Website Kecamatan Benteng", "Website Kecamatan Buki"),
    ("e-Rapor SMPN 1", "e-Rapor SMPN 2"),
    ("Sistem Pengadaan Barang", "Sistem Pengaduan Barang"),
    ("Website Dinas Kesehatan", "Sistem Informasi Kesehatan"),
    ("Website Dinas Kesehatan", "Website Dinas Perhubungan"),
    ("Sistem Pendataan Ruang", "Sistem Penataan Ruang"),
    ("SIMDA (Gaji dan Keuangan)", "SIMDA (Barang Milik Daerah)"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_a_name_are_one(warehouse: Warehouse, one: str, other: str) -> None:
    (pair,) = found_names(warehouse, ("DINKES", one), ("DISHUB", other))
    assert (pair["group_no"], pair["object_name_a"], pair["object_name_b"]) == (1, one, other)
    assert pair["reason"].startswith("nama ")


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_names_that_differ_in_what_matters_are_not_alarmed(warehouse: Warehouse, one: str, other: str) -> None:
    assert found_names(warehouse, ("DINKES", one), ("DISHUB", other)) == []


def test_a_website_without_a_place_is_of_its_own_place(warehouse: Warehouse) -> None:
    assert found_names(warehouse, ("KEC-BENTENG", "Profil Kecamatan"), ("KEC-BUKI", "Profil Kecamatan")) == []
    assert found_names(warehouse, ("KEC-BENTENG", "Profil Kecamatan"), ("DISHUB", "Profil Kecamatan Benteng"))


def test_one_opd_alone_does_not_overlap(warehouse: Warehouse) -> None:
    assert found_names(warehouse, ("DINKES", "SIMPEG"), ("DINKES", "SIMPEG")) == []


def test_an_address_tells_unless_many_names_stand_there(warehouse: Warehouse) -> None:
    url = "https://www.kampung.id/mutiara/"
    two = [
        application("DINKES", "1", "Mutiara", url=url),
        application("DISHUB", "2", "Lentera", url="http://kampung.id/mutiara/login.php"),
    ]
    list_applications(warehouse, two)
    find_overlaps(warehouse, NONE)
    assert pairs(warehouse) == [("DINKES/1", "DISHUB/2")]
    (row,) = warehouse.rows("FROM core.overlap")
    assert (row["name_similarity"], row["url_similarity"], row["reason"]) == (0, 100, "nama berbeda (0); alamat sama")
    many = [application("KEC-BUKI", str(no), name, url=url) for no, name in enumerate(("Melati", "Kenanga"), 3)]
    list_applications(warehouse, [*two, *many])
    find_overlaps(warehouse, NONE)
    assert pairs(warehouse) == []


def test_an_empty_list_and_empty_names(warehouse: Warehouse) -> None:
    list_applications(warehouse, [])
    find_overlaps(warehouse, NONE)
    assert pairs(warehouse) == []
    list_applications(warehouse, [application("DINKES", "1", None), application("DISHUB", "2", "Sistem Informasi")])
    find_overlaps(warehouse, NONE)
    assert pairs(warehouse) == []


def test_the_order_of_rows_changes_nothing(warehouse: Warehouse) -> None:
    rows = as_listed(labelled("tuned"))
    set_opd(warehouse, [(row["opd_code"], row["opd_name"]) for row in read_csv(LISTS / "opd.csv")])
    seen = []
    for turn in range(4):
        random.Random(turn).shuffle(rows)
        list_applications(warehouse, rows)
        warehouse.execute("DELETE FROM read.overlap")
        find_overlaps(warehouse, NONE)
        warehouse.build_mart("application_overlap")
        hashes = warehouse.rows("FROM core.overlap_case")
        seen.append((hashes, warehouse.rows("FROM figures.application_overlap ORDER BY ALL")))
    assert len(seen[0][1]) > 50
    assert seen == [seen[0]] * 4


def test_looking_among_rare_words_loses_nothing(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.set_variables({"institutions": 3})
    warehouse.execute(SYNTHETIC)
    run, candidates = Warehouse.run, []

    def counting(self: Warehouse, name: str) -> None:
        run(self, name)
        if name == "core/overlap_candidate":
            candidates.append(self.rows("SELECT count(*) AS count FROM core.overlap_candidate")[0]["count"])

    def exhaustive(self: Warehouse, name: str) -> None:
        counting(self, name)
        if name == "core/overlap_node_word":
            self.execute("UPDATE core.overlap_node_word SET is_looked_for = true")

    found = []
    for way in (counting, exhaustive):
        monkeypatch.setattr(Warehouse, "run", way)
        warehouse.execute("DELETE FROM read.overlap")
        find_overlaps(warehouse, NONE)
        found.append(warehouse.rows("FROM core.overlap ORDER BY ALL"))
    assert found[0] == found[1]
    assert candidates[0] < candidates[1] / 2
    key = "institution_code, listed_by_a, object_id_a, listed_by_b, object_id_b"
    assert warehouse.rows(f"FROM planted ANTI JOIN core.overlap USING ({key})") == []


def test_a_quiet_night_compares_nothing(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before = found_names(warehouse, ("DINKES", "SIMPEG"), ("DISHUB", "Simpeg"), ("KEC-BUKI", "e-Rapat"))
    learned = []
    monkeypatch.setattr(overlaps, "_learn", learned.append)
    warehouse.execute("UPDATE figures.application SET object_name = object_name")
    find_overlaps(warehouse, NONE)
    warehouse.build_mart("application_overlap")
    assert warehouse.rows("FROM figures.application_overlap ORDER BY ALL") == before
    assert learned == []
    for change in ("figures.application SET function = 'x' WHERE object_id = '2'", "core.opd SET opd_name = 'Dinas Y'"):
        warehouse.execute(f"UPDATE {change}")
        find_overlaps(warehouse, NONE)
        assert warehouse.rows("SELECT institution_code FROM core.overlap_unsolved") == [{"institution_code": SELAYAR}]


def test_only_a_changed_institution_is_compared_again(warehouse: Warehouse) -> None:
    rows = [application("DINKES", "1", "SIMPEG"), application("DISHUB", "2", "Simpeg")]
    rows += [{**row, "institution_code": OTHER} for row in rows]
    list_applications(warehouse, rows)
    find_overlaps(warehouse, NONE)
    known = warehouse.rows("SELECT * FROM read.overlap ORDER BY institution_code")
    warehouse.execute(
        f"UPDATE figures.application SET object_name = 'e-Rapat' WHERE institution_code = '{OTHER}' AND object_id = '2'"
    )
    find_overlaps(warehouse, NONE)
    assert warehouse.rows("SELECT institution_code FROM core.overlap_unsolved") == [{"institution_code": OTHER}]
    kept = warehouse.rows("SELECT * FROM read.overlap ORDER BY institution_code")
    assert (kept[0], len(kept), kept[1]["pairs"]) == (known[0], 2, [])
    assert [row["institution_code"] for row in warehouse.rows("FROM core.overlap")] == [SELAYAR]


def test_a_quiet_process_does_not_import_rapidfuzz() -> None:
    code = "import sys, spbe_etl.inventory.overlaps as o; o.overlap_version(); assert 'rapidfuzz' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent)


def decided(folder: Path, *lines: str) -> pa.Table:
    path = folder / "overlap_decision.csv"
    path.write_text("\n".join(("institution_code,opd_a,id_a,opd_b,id_b,decision,note", *lines)), encoding="utf-8")
    return read_decisions(path)


def test_groups_are_joined_pairs_and_different_ones_stay_in_sight(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (("DINKES", "e-Rapat"), ("DISHUB", "Rapat"), ("DINKES", "SIMPEG"), ("KEC-BUKI", "Simpeg"))
    assert [row["group_no"] for row in found_names(warehouse, *names)] == [1, 2]
    monkeypatch.setattr(overlaps, "_learn", pytest.fail)
    rows = found_names(warehouse, *names, decisions=decided(tmp_path, ",dishub,1,DINKES,0,Berbeda,lain"))
    assert sorted((row["object_id_a"], row["group_no"], row["decision"]) for row in rows) == [
        ("0", None, "different"),
        ("2", 1, None),
    ]


def test_a_different_pair_that_others_join_is_in_no_group(warehouse: Warehouse, tmp_path: Path) -> None:
    names = (("DINKES", "e-Rapat"), ("DISHUB", "Rapat"), ("KEC-BUKI", "Aplikasi Rapat"))
    rows = found_names(warehouse, *names, decisions=decided(tmp_path, ",DINKES,0,DISHUB,1,different,"))
    groups = {(row["object_id_a"], row["object_id_b"]): row["group_no"] for row in rows}
    assert groups == {("0", "1"): None, ("0", "2"): 1, ("1", "2"): 1}


def test_a_chain_is_one_group(warehouse: Warehouse, tmp_path: Path) -> None:
    names = (("DINKES", "Alpha"), ("DISHUB", "Beta"), ("KEC-BENTENG", "Gamma"), ("KEC-BUKI", "Delta"))
    chain = decided(
        tmp_path, ",DINKES,0,KEC-BUKI,3,same,", ",KEC-BUKI,3,DISHUB,1,same,", ",KEC-BENTENG,2,DISHUB,1,same,"
    )
    assert {row["group_no"] for row in found_names(warehouse, *names, decisions=chain)} == {1}


def test_what_people_call_the_same_is_listed_as_scored(warehouse: Warehouse, tmp_path: Path) -> None:
    names = (("DINKES", "Mutiara"), ("DISHUB", "Lentera"))
    assert found_names(warehouse, *names) == []
    same = decided(tmp_path, f"{SELAYAR},DISHUB,1,DINKES,0,sama,")
    (row,) = found_names(warehouse, *names, decisions=same)
    assert (row["object_id_a"], row["score"], row["group_no"], row["decision"]) == ("0", 0, 1, "same")
    find_overlaps(warehouse, same)
    assert warehouse.rows("FROM core.overlap_unsolved") == []
    assert found_names(warehouse, *names) == []


def test_a_decision_on_what_is_not_listed_waits(warehouse: Warehouse, tmp_path: Path) -> None:
    decisions = decided(tmp_path, ",DINKES,9,DISHUB,1,same,")
    assert found_names(warehouse, ("DINKES", "Mutiara"), ("DISHUB", "Lentera"), decisions=decisions) == []


def test_a_decision_names_its_institution_where_there_are_two(warehouse: Warehouse, tmp_path: Path) -> None:
    row = application("DINKES", "1", "SIMPEG")
    list_applications(warehouse, [row, {**row, "institution_code": OTHER}])
    with pytest.raises(ConfigurationError, match="DINKES/1 names no institution"):
        find_overlaps(warehouse, decided(tmp_path, ",DINKES,1,DISHUB,1,same,"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",A,1,B,2,mungkin,", "line 2: the decision 'mungkin' isn't known. Valid: same, sama, different, berbeda"),
        (",A,1,B,,same,", "line 2: id_b is empty"),
        (",A,1,B,2,same", "line 2: more or fewer cells"),
        (",A,1,B,2,same,,,", "line 2: more or fewer cells"),
        (",A,1,B,2,same,\n73.01,b,2,a,1,berbeda,", "line 3: says 'different' of a pair that line 2 calls 'same'"),
        (',A,1,B,2,same,"', "can't be read as CSV"),
    ],
)
def test_a_broken_decision_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        decided(tmp_path, line)
    assert said in str(error.value)
    assert "overlap_decision.csv" in str(error.value)


def test_a_missing_column_is_named_and_a_missing_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "overlap_decision.csv"
    assert read_decisions(path).num_rows == 0
    path.write_text("opd_a,id_a,opd_b,keputusan\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1: the column id_b is missing"):
        read_decisions(path)


def test_published_columns_are_as_described(warehouse: Warehouse) -> None:
    found_names(warehouse, ("DINKES", "SIMPEG"), ("DISHUB", "Simpeg"))
    described = [
        (row["column_name"], row["column_type"]) for row in warehouse.rows("DESCRIBE figures.application_overlap")
    ]
    assert described == [(row["column_name"], row["column_type"]) for row in mart_columns("application_overlap")]


def test_every_word_has_a_role_that_is_used() -> None:
    weighed = {row["role"] for row in seed("overlap_role")}
    used_by_queries = {"generic", "synonym", "prefix", "place_kind", "owner_kind", "address", "alike"}
    assert {row["role"] for row in seed("overlap_word")} - weighed == used_by_queries
    assert all(bool(row["means"]) == (row["role"] == "synonym") for row in seed("overlap_word"))
    assert len({(row["word"], row["role"]) for row in seed("overlap_word")}) == len(seed("overlap_word"))
