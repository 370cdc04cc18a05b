"""The command line from outside: a process, its standard output, its exit code."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from spbe_etl.sample import write_sample

COMMAND = [sys.executable, "-c", "from spbe_etl.cli import main; main()"]


def call(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a folder of its own."""
    root = Path(__file__).parents[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SPBE_")}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=clean | {"PYTHONPATH": str(root), "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample and one bare night of it."""
    folder = tmp_path_factory.mktemp("place")
    write_sample(folder / "sample")
    done = call("run", "--source", "sample", "--night", "2026-11-24", "--bare", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    folder.joinpath("run.json").write_text(done.stdout)
    return folder


def as_json(*arguments: object, cwd: Path) -> Any:
    done = call(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_run_prints_the_contracts_json_and_nothing_else_on_standard_output(place: Path) -> None:
    told = json.loads(place.joinpath("run.json").read_text())
    assert told["exit_code"] == 0
    assert told["night"] == "2026-11-24"
    assert told["workbooks"] == {"read": 42, "unchanged": 0, "failed": []}
    rows = told["rows"]
    assert rows["read"] == rows["accepted"] + rows["rejected"] + rows["blank"]
    assert set(told["indices"][0]) == {
        "institution_code", "year", "stage", "instrument_code", "index_value", "predicate", "coverage_pct",
    }  # fmt: skip
    found = {(one["institution_code"], one["year"], one["stage"]): one["index_value"] for one in told["indices"]}
    assert found["73.01", 2023, "official"] == "1.93"
    assert found["18.71", 2021, "official"] == "1.20"
    assert found["18.71", 2022, "official"] == "1.50"
    assert Path(place, told["published"]).exists()


def test_index_gives_exact_and_shown_figures_with_their_digits(place: Path) -> None:
    (row,) = as_json("index", "--institution", "73.01", "--year", "2023", "--stage", "official", cwd=place)
    assert (row["index_value"], row["index_exact"], row["predicate"]) == ("1.93", "1.9300000000", "Cukup")
    assert [one["domain_no"] for one in row["domains"]] == [1, 2, 3, 4]
    assert [one["aspect_no"] for one in row["aspects"]] == list(range(1, 9))
    assert all(len(one["aspect_value"].split(".")[1]) == 2 for one in row["aspects"])


def test_index_as_of_an_earlier_day_knows_nothing(place: Path) -> None:
    assert as_json("index", "--as-of", "2026-11-23", cwd=place) == []


def test_a_person_sees_a_table_with_decimal_commas(place: Path) -> None:
    done = call("index", "--year", "2025", cwd=place)
    assert done.returncode == 0
    assert "Kabupaten Kepulauan Selayar" in done.stdout
    assert "2,33" in done.stdout
    assert "Perencanaan Strategis SPBE" in done.stdout


def test_rejections_name_cells_and_can_be_narrowed(place: Path) -> None:
    rows = as_json("rejections", cwd=place)
    assert {row["rule_code"] for row in rows} >= {"SCORE_ERROR", "SCORE_RANGE", "SCORE_DATE", "SCORE_CONTRADICTS"}
    assert all(row["cell"] for row in rows)
    only = as_json("rejections", "--opd", "bpkad", cwd=place)
    assert {row["opd_code"] for row in only} == {"BPKAD"}
    assert "D18" in call("rejections", "--opd", "BPKAD", cwd=place).stdout


def test_blockers_rank_opd_by_points(place: Path) -> None:
    rows = as_json("blockers", "--year", "2025", cwd=place)
    points = [Decimal(row["points_blocked"]) for row in rows]
    assert points == sorted(points, reverse=True)
    assert call("blockers", cwd=place).returncode == 0


def test_status_is_fresh_today_and_stale_without_a_publication(place: Path, tmp_path: Path) -> None:
    told = json.loads(call("status", "--json", cwd=place).stdout)
    assert [one["institution_code"] for one in told["institutions"]] == ["18.71", "73.01"]
    nothing = call("status", "--nagios", cwd=tmp_path)
    assert nothing.returncode == 2
    assert nothing.stdout.startswith("SPBE CRITICAL")


def test_doctor_says_what_is_in_place(place: Path, tmp_path: Path) -> None:
    checks = as_json("doctor", "--source", "sample", cwd=place)
    assert all(one["is_ok"] for one in checks)
    done = call("doctor", "--source", "nowhere", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert [one["check"] for one in json.loads(done.stdout) if not one["is_ok"]] == ["source"]


def test_template_takes_its_opd_from_a_register(place: Path, tmp_path: Path) -> None:
    register = place / "sample" / "selayar" / "register.xlsx"
    told = as_json("template", tmp_path / "t", "--year", "2025", "--register", register, cwd=tmp_path)
    names = {Path(name).name for name in told["files"]}
    assert "register.xlsx" in names
    assert len(names) > 40


def test_exports_hold_every_table_and_run_no_formula(place: Path, tmp_path: Path) -> None:
    data = place / "var"
    as_json("export", "--out", tmp_path / "csv", "--data-dir", data, cwd=tmp_path)
    with (tmp_path / "csv" / "index_snapshot.csv").open(encoding="utf-8-sig") as file:
        values = {row["index_value"] for row in csv.DictReader(file)}
    assert {"1.93", "1.20", "1.50"} <= values
    as_json("export", "--xlsx", "--out", tmp_path, "--data-dir", data, cwd=tmp_path)
    assert "indicator_snapshot" in openpyxl.load_workbook(tmp_path / "spbe.xlsx").sheetnames
    as_json("export", "--assessor", "--institution", "73.01", "--out", tmp_path, "--data-dir", data, cwd=tmp_path)
    (file,) = tmp_path.glob("asesor-73.01-*.xlsx")
    again = call("export", "--assessor", "--institution", "73.01", "--out", tmp_path, "--data-dir", data, cwd=tmp_path)
    assert (again.returncode, "may be filled in" in " ".join(again.stderr.split())) == (2, True)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Usulan", "Verifikasi"]
    assert [cell.value for cell in book["Verifikasi"][1]][:4] == ["Tahun", "No Indikator", "Tahap", "Nilai"]
    header, *rows = book["Usulan"].iter_rows(values_only=True)
    told = {row[1]: dict(zip(header, row, strict=True)) for row in rows if row[0] == max(one[0] for one in rows)}
    assert len(told) == book["Verifikasi"].max_row - 1


def test_an_export_of_nothing_is_a_wrong_call_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    for arguments in (("--institution", "73,01"), ("--year", "1900"), ("--xlsx", "--institution", "99.99")):
        done = call("export", "--out", tmp_path / "none", "--data-dir", place / "var", *arguments, cwd=tmp_path)
        assert (done.returncode, "Choose one of" in " ".join(done.stderr.split())) == (2, True)
    assert not (tmp_path / "none").exists()


def test_an_assessor_sees_claim_gate_criteria_evidence_and_what_was_found(place: Path, tmp_path: Path) -> None:
    data = place / "var"
    arguments = ("export", "--assessor", "--institution", "73.01", "--year", "2025", "--out", tmp_path)
    as_json(*arguments, "--data-dir", data, cwd=tmp_path)
    header, *rows = openpyxl.load_workbook(tmp_path / "asesor-73.01-2025.xlsx")["Usulan"].iter_rows(values_only=True)
    told = {one[1]: dict(zip(header, one, strict=True)) for one in rows}
    assert (told["3"]["Verifikasi sekarang"], told["16"]["Verifikasi sekarang"]) == (2, None)
    row = told["16"]
    assert (row["Klaim pengampu"], row["Nilai usulan"], row["Hasil resmi terakhir"]) == (3, 2, 2)
    assert row["Gerbang"].startswith("Tingkat 3 menuntut semua OPD dalam cakupan: belum, KEC-BUKI (1), ")
    assert row["Tingkat ini"] != row["Tingkat berikutnya"]
    assert row["Bukti Dukung"].startswith("https://")
    assert row["Catatan"].startswith("DKP: Sel D6")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--bare"), "No source is set"),
        (("run", "--bare", "--source", "nowhere"), "does not exist"),
        (("run", "--bare", "--source", ".", "--night", "31/12/2025"), "YYYY-MM-DD"),
        (("index",), "Nothing is published"),
        (("index", "--stage", "final"), "not a stage"),
        (("template", "t", "--year", "1999"), "no instrument covers it"),
        (("template", "t", "--opd", "DISDIK"), "CODE=NAME"),
        (("template", "t", "--instrument", "x"), "unknown"),
        (("nonsense",), "No such command"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_exit_2(tmp_path: Path) -> None:
    done = call("run", "--bare", "--source", ".", cwd=tmp_path, SPBE_HOLLOW_LOSS_PCT="many")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_earlier_night_is_exit_2(place: Path) -> None:
    done = call("run", "--source", "sample", "--night", "2026-11-23", "--bare", cwd=place)
    assert done.returncode == 2
    assert "backfill" in done.stderr


def test_a_register_never_read_is_exit_20(tmp_path: Path) -> None:
    tmp_path.joinpath("s").mkdir()
    tmp_path.joinpath("s", "register.xlsx").write_bytes(b"not a workbook")
    done = call("run", "--source", "s", "--bare", "--json", cwd=tmp_path)
    assert done.returncode == 20
    told = json.loads(done.stdout)
    assert told["published"] is None
    assert "register.xlsx" in told["workbooks"]["failed"][0]["reason"]


def test_an_unforeseen_error_shows_no_traceback_and_keeps_it_for_developers(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.joinpath("published").mkdir(parents=True)
    data.joinpath("published", "spbe.duckdb").write_bytes(b"x" * 5000)
    done = call("index", cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_new_warehouse_beside_an_old_publication_is_refused(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "var", tmp_path / "var")
    for path in (tmp_path / "var").glob("warehouse.duckdb*"):
        path.unlink()
    done = call("run", "--source", place / "sample", "--bare", cwd=tmp_path)
    assert done.returncode == 20
    assert "Restore the warehouse" in done.stderr
    (row,) = as_json("index", "--institution", "73.01", "--year", "2023", "--stage", "official", cwd=tmp_path)
    assert row["index_value"] == "1.93"


def test_a_mistyped_code_is_not_a_clean_sheet(place: Path) -> None:
    for arguments in (("rejections", "--opd", "TYPO"), ("index", "--institution", "99.99")):
        done = call(*arguments, cwd=place)
        assert done.returncode == 2
        assert "unknown" in done.stderr


def test_status_tells_of_a_run_that_published_nothing(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "var", tmp_path / "var")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "register.xlsx").write_bytes(b"damaged")
    assert call("run", "--source", "s", "--bare", cwd=tmp_path).returncode == 20
    done = call("status", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["last_run"]["exit_code"] == 20


def test_explain_leads_from_the_index_to_the_cell(place: Path) -> None:
    text = call("explain", 2025, 16, "--institution", "73.01", "--stage", "proposed", cwd=place).stdout
    for part in (
        "2,333",
        "tertahan dari 3",
        "2 x 2,5 % = 0,05",
        "DISKOMINFO",
        "diskominfo.xlsx, lembar Penilaian, sel D17",
    ):
        assert part in text
    (row,) = as_json("explain", 2025, 16, "--institution", "73.01", "--stage", "proposed", cwd=place)
    assert (row["points"], row["cell"], row["index_exact"]) == ("0.0500000000", "D17", "2.3330000000")
    unknown = call("explain", 2025, 99, cwd=place)
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_backfill_tells_that_nights_are_what_they_were(place: Path) -> None:
    assert {one["state"] for one in as_json("backfill", cwd=place)} == {"equal"}
