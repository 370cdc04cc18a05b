"""`spbe-etl inventory`: every view for people and as JSON, narrowed; decisions on overlaps; what's refused."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import FOUR_OPD, District, Mart, answer, penilaian
from test_cli import call
from test_inventory_rules import APPLICATION, DATASET, INITIATIVE, PROCESS, SOUND, Values, sheet
from typer.testing import CliRunner

from spbe_etl.cli.app import app
from spbe_etl.cli.output import console
from spbe_etl.errors import WRONG_CALL, ConfigurationError
from spbe_etl.inventory.decisions import DECISION_FILE, keep_decision
from spbe_etl.inventory.overlaps import COLUMNS, read_decisions
from spbe_etl.inventory.tables import listed_tables
from spbe_etl.resources import seed
from spbe_etl.warehouse import mart_columns

VIEWS = {
    "coverage": "architecture_coverage",
    "facts": "indicator_fact",
    "integration": "integration",
    "overlaps": "application_overlap",
    "changes": "inventory_change",
    "codes": "reference_code",
} | {f"list {table}": table for table in listed_tables()}
"""A view, and the table whose rows it shows."""
LISTS = ("roadmap_index", "roadmap_alignment", "roadmap_progress", "roadmap_step", "initiative_effect")
CONNECTING = Path(__file__).parents[1] / "docs" / "connecting.md"
QUERIES = re.findall(
    r"^```sql inventories\n(.*?)^```", CONNECTING.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
HOSTILE = "Lain \x1b[31m[bold]merah[/]\x07"
SAME: Values = {**APPLICATION, "Nama Aplikasi": "SIMPEG Kepegawaian Daerah", "Fungsi": "data pegawai"}
PROCESSES = [PROCESS, *({**PROCESS, "ID": f"PB-{no:02d}", "Nama Proses Bisnis": f"Proses {no}"} for no in range(2, 61))]


def district(renamed: str = "Simpeg Kepegawaian Daerah", developer: str = "bidang") -> District:
    """A lists everything, B an application like one of A's and data that A uses, C nothing."""
    sheets = {name: sheet(name, sound) for name, sound in SOUND.items()}
    sheets["Proses Bisnis"] = sheet("Proses Bisnis", PROCESSES)
    sheets["Aplikasi"] = sheet(
        "Aplikasi", [{**SAME, "Kode Referensi RAA": "RAA.01.02 Kepegawaian", "Relasi ke data (DAD)": "B/DAT-77"}]
    )
    plan = {**INITIATIVE, "Instrumen": "spbe-2020", "Anggaran": 150_000_000}
    soon = {**plan, "Target 2026": None, "Target per tahun (2026-2030)": "2025: 4"}
    sheets["Peta Rencana"] = sheet(
        "Peta Rencana",
        [
            {**plan, "ID": "PR-01", "Indikator": "16", "Target 2026": 4},
            {**plan, "ID": "PR-02", "Nama rencana/inisiatif": "Tanpa indikator", "Indikator": None},
            {**soon, "ID": "PR-03", "Nama rencana/inisiatif": "Arsitektur", "Indikator": "11"},
        ],
    )
    own = {"Relasi ke layanan (DAL)": None, "Infrastruktur tempat berjalan": None, "Kode Referensi RAA": "RAA.09.09"}
    own["Unit Pengembang"] = developer
    others = {
        "Aplikasi": sheet("Aplikasi", [{**SAME, **own, "ID": "APL-07", "Nama Aplikasi": renamed}]),
        "Data": sheet("Data", [{**DATASET, "ID": "DAT-77", "Nama Data": HOSTILE}, {**DATASET, "Sifat Data": None}]),
    }
    books = {
        "a": {**penilaian(*(answer(2025, no, 3) for no in range(1, 48))), **sheets},
        "b": {**penilaian(answer(2025, 1, "tiga")), **others},
        "c": penilaian(),
        "x": penilaian(),
    }
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    return District(opd=FOUR_OPD, carriers=carriers, targets=[(2025, "3,5", None)], books=books)


@dataclass(frozen=True)
class Place:
    """A data directory after two nights of two institutions, one of them without inventories."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "var"

    @property
    def decisions(self) -> Path:
        return self.data / "reference" / DECISION_FILE

    def night(self, on: str, *other: str) -> None:
        district(*other).write_csv(self.folder / "source" / "contoh")
        books = {"z": penilaian(answer(2025, 1, 2))}
        plain = District("18.71", "Kota Lain", opd=[("Z", "Dinas Z", "Dinas", "z", "Ya")], books=books)
        plain.write_csv(self.folder / "source" / "lain")
        done = self.call("run", "--bare", "--night", on, "--source", str(self.folder / "source"))
        assert done.exit_code == 0, done.output

    def call(self, *arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--data-dir", str(self.data)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def told(self, *arguments: str) -> str:
        done = self.call("inventory", *arguments)
        assert done.exit_code == 0, done.output
        return str(done.output)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.told(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        with pytest.raises(ConfigurationError) as caught:
            self.told(*arguments)
        assert caught.value.exit_code == WRONG_CALL
        return str(caught.value)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.data / "published" / "spbe.duckdb"), read_only=True) as connection:
            return Mart(connection).rows(query)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = Place(tmp_path_factory.mktemp("inventory"))
    made.decisions.parent.mkdir(parents=True)
    (made.decisions.parent / "RAA.csv").write_text("kode,nama\nRAA.01.02,Aplikasi umum\n", encoding="utf-8")
    made.night("2026-07-01", "Simpeg Kepegawaian", "rekanan")
    made.night("2026-07-03")
    return made


@pytest.fixture(autouse=True)
def no_decisions(place: Place) -> Iterator[None]:
    yield
    place.decisions.unlink(missing_ok=True)


def plain(value: object) -> object:
    """A figure or date as JSON carries it: every digit that the table has."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize(("view", "table"), VIEWS.items())
def test_a_view_as_json_is_its_tables_rows_with_its_columns_and_digits(place: Place, view: str, table: str) -> None:
    rows = place.json(*view.split())
    columns = [row["column_name"] for row in mart_columns(table)]
    assert rows
    assert {tuple(row) for row in rows} == {tuple(columns)}
    expected = [{name: plain(value) for name, value in row.items()} for row in place.rows(f"FROM mart.{table}")]
    assert sorted(map(json.dumps, rows)) == sorted(map(json.dumps, expected))


def test_the_roadmap_as_json_has_its_tables_rows_with_their_columns(place: Place) -> None:
    (row,) = place.json("roadmap")
    assert list(row) == ["institution_code", "institution_name", *LISTS]
    for table in LISTS:
        assert {tuple(one) for one in row[table]} == {tuple(column["column_name"] for column in mart_columns(table))}
        expected = [{name: plain(value) for name, value in one.items()} for one in place.rows(f"FROM mart.{table}")]
        assert sorted(map(json.dumps, row[table])) == sorted(map(json.dumps, expected))


def test_the_overview_counts_what_the_tables_hold(place: Place) -> None:
    without, row = place.json()
    assert (without["institution_code"], without["initiative_count"]) == ("18.71", 0)
    assert row["snapshot_on"] == "2026-07-03"
    assert row["unlisted_opd"] == ["C"]
    assert (row["opd_count"], row["initiative_count"], row["island_count"]) == (3, 3, 1)
    domains = {one["domain"]: one for one in row["domains"]}
    assert list(domains) == ["RAB", "RAL", "RAD", "RAA", "RAI", "RAK"]
    assert domains["RAB"] == {
        "domain": "RAB", "worksheet": "Proses Bisnis", "opd_count": 1, "listed_count": 60, "complete_count": 60,
        "coded_count": 0, "linked_count": 1,
    }  # fmt: skip
    assert (domains["RAD"]["listed_count"], domains["RAD"]["complete_count"]) == (3, 2)
    assert (domains["RAA"]["opd_count"], domains["RAA"]["coded_count"]) == (2, 2)
    assert (row["overlap_count"], row["undecided_count"]) == (1, 1)
    facts = place.rows("SELECT finding, count(*) AS n FROM mart.indicator_fact GROUP BY ALL")
    count = {one["finding"]: one["n"] for one in facts}
    assert (row["claim_above_count"], row["claim_below_count"]) == (count["claim_above"], count.get("claim_below", 0))
    steps = place.rows("FROM mart.roadmap_step WHERE institution_code = '73.01'")
    assert row["step_count"] == len(steps) > 0
    assert len(steps) > row["uncovered_step_count"] == sum(not one["is_covered"] for one in steps) > 0
    assert (row["rejection_count"], row["rejected_worksheets"]) == (0, [])


def test_the_overview_says_what_to_do_next(place: Place) -> None:
    text = place.told()
    assert "Kota Lain (18.71): belum ada inventaris" in text
    for part in ("RAB Proses Bisnis", "1 OPD: C", "1 pasang, 1 belum diputuskan", "langkah jalur ke target"):
        assert part in text
    for command in ("inventory facts", "inventory overlaps", "inventory roadmap", "inventory coverage"):
        assert f"spbe-etl {command} --institution 73.01\n" in text
    narrowed = place.told("--opd", "A", "--institution", "73.01")
    assert "spbe-etl inventory facts --institution 73.01 --opd A\n" in narrowed
    assert "Belum mengisi" not in narrowed


@pytest.mark.parametrize("view", [*VIEWS, "", "roadmap"])
def test_a_view_says_each_thing_within_80_columns(place: Place, view: str) -> None:
    text = place.told(*view.split())
    boxed = [line for line in text.splitlines() if line.startswith(" ") and "spbe-etl" not in line]
    assert boxed or view == "overlaps"
    assert [line for line in boxed if len(line.rstrip()) > 80] == []
    assert "Decimal" not in text
    assert "None" not in text
    assert "Kabupaten Contoh (73.01)" in text


def test_views_say_figures_and_reasons_as_people_do(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 200)
    facts = place.told("facts")
    assert facts.index("klaim di atas fakta") < facts.index("sejalan")
    assert "OPD dengan aplikasi di pusat data atau komputasi awan: 0 dari 3." in facts
    assert "1/3,00" in facts
    roadmap = place.told("roadmap")
    assert "A/PR-01 Membangun antrian" in roadmap.split("Yang tidak menggerakkan")[0]
    assert "tidak menyebut indikator yang dikenal" in roadmap.split("Yang tidak menggerakkan")[1]
    for part in ("3,00 (2025)", "3,03", "0,0250", "6000", "Audit TIK", "belum ada inisiatif"):
        assert part in roadmap
    integration = place.told("integration")
    assert "1 OPD (C)" in integration
    assert "A/" not in place.told("coverage")
    assert "60 (100,00%)" in place.told("coverage", "--opd", "a")


def test_codes_are_held_against_the_lists_that_were_added(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 200)
    assert {row["code"]: row["is_known"] for row in place.json("codes")} == {"RAA.01.02": True, "RAA.09.09": False}
    assert [row["code"] for row in place.json("codes", "--unknown")] == ["RAA.09.09"]
    text = place.told("codes")
    for part in ("Aplikasi umum", "Daftar RAA: 1 kode.", "Belum ada daftar untuk RAB,"):
        assert part in text


def test_changes_are_told_by_night(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 200)
    (row,) = place.json("changes", "--night", "2026-07-03")
    assert (row["object_id"], row["change_kind"]) == ("APL-07", "changed")
    assert row["changed_fields"] == "Nama Aplikasi; Unit Pengembang"
    assert place.json("changes", "--since", "2026-07-02") == [row]
    assert len(place.json("changes", "--night", "2026-07-01")) == 60 + 1 + 3 + 2 + 2 + 2 + 3
    assert place.json("changes", "--night", "2026-07-02") == []
    assert {one["opd_code"] for one in place.json("changes", "--opd", "b")} == {"B"}
    text = place.told("changes")
    assert text.index("malam 2026-07-03: 1 berubah") < text.index("malam 2026-07-01: 73 baru")
    assert "berubah: Nama Aplikasi; Unit Pengembang" in text
    assert "--night" in place.refused("changes", "--night", "2026-07-01", "--since", "2026-07-01")
    assert "YYYY-MM-DD" in place.refused("changes", "--since", "kemarin")


def test_a_list_knows_an_earlier_night(place: Place) -> None:
    def names(*arguments: str) -> list[str]:
        return [row["object_name"] for row in place.json("list", "application", "--opd", "B", *arguments)]

    assert names() == names("--as-of", "2026-12-31") == ["Simpeg Kepegawaian Daerah"]
    assert names("--as-of", "2026-07-01") == names("--as-of", "2026-07-02") == ["Simpeg Kepegawaian"]
    assert names("--as-of", "2026-06-30") == []
    assert "Tidak ada objek" in place.told("list", "application", "--as-of", "2026-06-30")


def test_a_list_is_called_by_its_table_or_its_worksheet(place: Place) -> None:
    for table, worksheet in listed_tables().items():
        assert place.json("list", table) == place.json("list", worksheet.upper())
    assert "Choose one of business_process, service" in place.refused("list", "index_snapshot")
    assert "no inventory" in place.refused("list", "application; DROP TABLE x")


def test_a_long_list_says_how_to_see_all_of_it(place: Place) -> None:
    capped, whole = place.told("list", "business_process"), place.told("list", "business_process", "--all")
    assert ("PB-60" in capped, "PB-60" in whole) == (False, True)
    assert "... dan 10 lagi; semuanya dengan --all." in capped
    assert "--all" not in whole
    assert len(place.json("list", "business_process")) == 60


@pytest.mark.parametrize("view", [*VIEWS, "roadmap", ""])
def test_a_view_is_narrowed_to_an_institution_and_a_mistyped_one_is_refused(place: Place, view: str) -> None:
    everything = place.json(*view.split())
    assert place.json(*view.split(), "--institution", "73.01") == [
        row for row in everything if row["institution_code"] == "73.01"
    ]
    alone = place.json(*view.split(), "--institution", "18.71")
    assert {row["institution_code"] for row in alone} <= {"18.71"}
    assert place.told(*view.split(), "--institution", "18.71")
    assert "Choose one of 18.71, 73.01" in place.refused(*view.split(), "--institution", "99")
    if view != "codes":
        assert "unknown" in place.refused(*view.split(), "--opd", "TYPO")


def test_options_in_front_of_a_view_are_refused_rather_than_lost(place: Place) -> None:
    for options in (["--json"], ["--institution", "73.01"], ["--opd", "A"], ["--data-dir", str(place.data)]):
        with pytest.raises(ConfigurationError, match="behind the view"):
            place.call("inventory", *options, "coverage")
    assert place.call("inventory", "nonsense").exit_code == WRONG_CALL


def test_without_a_publication_it_is_exit_2(tmp_path: Path) -> None:
    for view in ("", "overlaps", "codes", "list application"):
        with pytest.raises(ConfigurationError, match="Nothing is published"):
            CliRunner().invoke(app, ["inventory", *view.split(), "--data-dir", str(tmp_path)], catch_exceptions=False)


def test_names_from_cells_break_no_terminal(place: Place) -> None:
    """In a process of its own, as a user sees it; the markup is shown as it was written."""
    for view in ("integration", "list dataset", "changes --opd B"):
        done = call("inventory", *view.split(), "--data-dir", place.data, cwd=place.folder)
        assert done.returncode == 0, done.stderr
        assert "[bold]merah[/]" in done.stdout
        assert [c for c in done.stdout if not c.isprintable() and c != "\n"] == []
    hostile = ("overlaps", "--decide", "A/\x1b[31m", "B/APL-07", "same")
    done = call("inventory", *hostile, "--data-dir", place.data, cwd=place.folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (WRONG_CALL, 1)
    assert "\x1b" not in done.stderr


# Decisions on overlaps


def test_a_group_says_score_reason_and_how_to_decide(place: Place) -> None:
    (row,) = place.json("overlaps")
    assert (row["listed_by_a"], row["object_id_a"], row["listed_by_b"], row["object_id_b"]) == (
        "A", "APL-01", "B", "APL-07",
    )  # fmt: skip
    text = place.told("overlaps")
    assert "Kelompok 1" in text
    assert "A/APL-01 SIMPEG Kepegawaian Daerah  ~  B/APL-07 Simpeg Kepegawaian Daerah" in text
    assert f"{row['reason']}; belum diputuskan" in text
    assert "--decide OPD/ID OPD/ID same" in text
    assert str(place.decisions) in text


def test_deciding_writes_one_line_and_a_later_decision_replaces_it(place: Place) -> None:
    told = place.json("overlaps", "--decide", "a/apl-01", "B/APL-07", "different", "--note", "satu, untuk\nguru")
    header, line = csv.reader(place.decisions.open(encoding="utf-8", newline=""))
    assert header == list(COLUMNS)
    assert line == ["73.01", "A", "APL-01", "B", "APL-07", "different", "satu, untuk guru"]
    assert told == {**dict(zip(header, line, strict=True)), "replaced": None, "file": str(place.decisions)}
    assert "diputuskan: berbeda, mulai malam berikutnya" in place.told("overlaps")

    text = place.told("overlaps", "--decide", "B/APL-07", "A/APL-01", "sama")
    assert "B/APL-07 dan A/APL-01: sama (sebelumnya: berbeda)." in text
    assert "mulai malam berikutnya" in text
    assert read_decisions(place.decisions).to_pylist() == [
        {"institution_code": "73.01", "opd_a": "B", "id_a": "APL-07", "opd_b": "A", "id_b": "APL-01",
         "decision": "same", "note": ""}
    ]  # fmt: skip
    assert sorted(path.name for path in place.decisions.parent.iterdir() if path.suffix != ".lock") == [
        "RAA.csv",
        DECISION_FILE,
    ]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("A/APL-99", "B/APL-07", "same"), "That OPD lists APL-01."),
        (("Q/APL-01", "B/APL-07", "same"), "OPD that list applications: A, B."),
        (("APL-01", "B/APL-07", "same"), "Write it as OPD/ID"),
        (("A/APL-01", "A/APL-01", "same"), "applications of two OPD"),
        (("A/APL-01", "B/APL-07", "mirip"), "Choose one of same, sama, different, berbeda"),
    ],
)
def test_what_is_unknown_is_refused_and_nothing_written(place: Place, pair: Sequence[str], said: str) -> None:
    assert said in place.refused("overlaps", "--decide", *pair)
    assert not place.decisions.exists()


def test_a_note_alone_or_a_pair_of_another_institution_is_refused(place: Place) -> None:
    assert "--decide" in place.refused("overlaps", "--note", "x")
    pair = ("--decide", "A/APL-01", "B/APL-07", "same")
    assert "OPD that list applications: (none)" in place.refused("overlaps", *pair, "--institution", "18.71")
    assert place.call("inventory", "overlaps", "--decide", "A/APL-01", "B/APL-07").exit_code == WRONG_CALL


def test_other_lines_and_columns_stay_and_a_line_without_an_institution_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / DECISION_FILE
    path.write_text(
        '\ufeffopd_a,id_a,opd_b,id_b,decision,oleh\nA,1,B,2,sama,Ani\n\nC,3,D,4,Berbeda,"Budi, Dinas"\n',
        encoding="utf-8",
    )
    path.chmod(0o640)
    made = dict(zip(COLUMNS, ("73.01", "b", "2", "a", "1", "different", ""), strict=True))
    assert keep_decision(path, made) == "same"
    assert path.stat().st_mode & 0o777 == 0o640
    header, *lines = csv.reader(path.open(encoding="utf-8", newline=""))
    assert header == ["opd_a", "id_a", "opd_b", "id_b", "decision", "oleh", "institution_code", "note"]
    assert lines == [
        ["C", "3", "D", "4", "Berbeda", "Budi, Dinas", "", ""],
        ["b", "2", "a", "1", "different", "", "73.01", ""],
    ]
    other = {**made, "institution_code": "18.71"}
    assert keep_decision(path, other) is None
    assert len(read_decisions(path)) == 3, "the same codes in another institution are another pair"


def test_a_broken_file_is_refused_and_left_as_it_is(place: Place) -> None:
    for text in ("opd_a,id_a\nA,1\n", "opd_a,id_a,opd_b,id_b,decision\nA,APL-01,B,APL-07,mirip\n", "\udcff"):
        place.decisions.write_bytes(text.encode(errors="surrogateescape"))
        said = place.refused("overlaps", "--decide", "A/APL-01", "B/APL-07", "same")
        assert str(place.decisions) in said
        assert place.decisions.read_bytes() == text.encode(errors="surrogateescape")


def test_a_decision_counts_from_the_next_night_on(tmp_path: Path) -> None:
    made = Place(tmp_path)
    made.night("2026-07-01")
    made.told("overlaps", "--decide", "A/APL-01", "B/APL-07", "different")
    assert [(row["group_no"], row["decision"]) for row in made.json("overlaps")] == [(1, None)]
    made.night("2026-07-02")
    assert [(row["group_no"], row["decision"]) for row in made.json("overlaps")] == [(None, "different")]
    text = made.told("overlaps")
    assert "Sudah dinyatakan berbeda" in text
    assert "diputuskan: berbeda\n" in text
    assert made.json("--institution", "73.01")[0]["overlap_count"] == 0

    made.told("overlaps", "--decide", "A/APL-01", "B/APL-07", "same")
    made.night("2026-07-03")
    assert [(row["group_no"], row["decision"]) for row in made.json("overlaps")] == [(1, "same")]
    (row,) = made.json("--institution", "73.01")
    assert (row["overlap_count"], row["undecided_count"]) == (1, 0)


# Beside the views


def test_rejections_can_be_told_by_worksheet(place: Place) -> None:
    def found(*arguments: str) -> list[dict[str, Any]]:
        done = place.call("rejections", "--json", "--opd", "B", *arguments)
        return list(json.loads(done.output))

    everything = found()
    assert {row["worksheet"] for row in everything} == {"Penilaian", "Aplikasi", "Data"}
    assert found("--worksheet", "penilaian") == [row for row in everything if row["worksheet"] == "Penilaian"]
    assert found("--worksheet", "Aplikasi", "--worksheet", "DATA") == [
        row for row in everything if row["worksheet"] != "Penilaian"
    ]
    assert found("--worksheet", "Keamanan") == []
    with pytest.raises(ConfigurationError, match=r"--worksheet Aplikas: unknown. Choose one of .*Aplikasi"):
        found("--worksheet", "Aplikas")


def test_doctor_says_what_it_found_in_the_folder_of_references(place: Place, tmp_path: Path) -> None:
    def told(made: Place) -> list[tuple[str, str]]:
        found = json.loads(made.call("doctor", "--json", "--source", str(place.folder / "source")).output)
        return [(one["level"], one["found"]) for one in found if one["check"] == "reference"]

    nothing = Place(tmp_path)
    ((level, text),) = told(nothing)
    assert (level, text.startswith("no lists of codes")) == ("ok", True)
    ((level, text),) = told(place)
    assert (level, text) == ("ok", f"{place.data / 'reference' / 'RAA.csv'}: 1 codes")

    place.told("overlaps", "--decide", "A/APL-01", "B/APL-07", "same")
    with place.decisions.open("a", encoding="utf-8") as file:
        file.write("73.01,A,APL-99,B,APL-07,different,\n")
    stray = place.decisions.parent / "raa.CSV"
    stray.write_text("kode\n", encoding="utf-8")
    levels, texts = zip(*told(place), strict=True)
    stray.unlink()
    assert levels == ("ok", "ok", "warn", "warn")
    assert "2 decisions" in texts[1]
    assert "A/APL-99" in texts[2]
    assert "B/APL-07" not in texts[2]
    assert "raa.CSV" in texts[3]

    for name, text in ((DECISION_FILE, "x\n"), ("RAB.csv", "kode\nmerah\n")):
        broken = nothing.data / "reference" / name
        broken.parent.mkdir(parents=True, exist_ok=True)
        broken.write_text(text, encoding="utf-8")
        assert [level for level, _ in told(nothing)] == ["fail"]
        broken.unlink()


def test_every_code_that_a_view_shows_has_its_words() -> None:
    """The comments of the columns name the codes."""
    comments = {(row["table_name"], row["column_name"]): row["comment"] for row in seed("mart_column")}
    for table, column, about in (
        ("indicator_fact", "finding", "finding"),
        ("inventory_change", "change_kind", "change_kind"),
        ("initiative_effect", "reason", "reason"),
        ("application_overlap", "decision", "decision"),
    ):
        known = [row["code"] for row in seed("inventory_word") if row["about"] == about]
        assert [code for code in known if code not in comments[table, column]] == []
        named = re.split(r";|, as ", comments[table, column].split(": ")[-1])[0]
        assert set(re.split(", | or ", named)) == set(known)


def test_every_view_has_an_example_that_works(place: Place) -> None:
    for view in ("", "coverage", "facts", "integration", "overlaps", "roadmap", "changes", "codes", "list"):
        done = CliRunner().invoke(app, ["inventory", *view.split(), "--help"])
        assert done.exit_code == 0
        assert f"Example: spbe-etl inventory {view}".strip() in " ".join(done.output.split())


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_that_the_docs_tell_find_something(place: Place, query: str) -> None:
    assert place.rows(query)


def test_there_are_such_queries() -> None:
    assert len(QUERIES) == 3
