"""`spbe-etl import`: the portal's figures, taken in whole or refused, from the next night on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import FOUR_OPD, OFFICIAL, District, Nights, answer, ask_command, derived, penilaian
from hypothesis import given
from hypothesis import strategies as st

from spbe_etl.errors import ConfigurationError
from spbe_etl.importing import read_export
from spbe_etl.instruments import load_instruments
from spbe_etl.resources import seed

INSTRUMENT = load_instruments()["spbe-2020"]
DOMAIN_OF = {one.no: one.domain_no for one in INSTRUMENT.aspects}
SCORES = {one.no: 1 + place % 4 for place, one in enumerate(INSTRUMENT.indicators)}


def values(scores: Mapping[str, int]) -> dict[str, str]:
    """The parts of a result as the portal prints them: ten decimals, each rounded by itself."""
    keys = {"indeks": list(INSTRUMENT.indicators)}
    for one in INSTRUMENT.indicators:
        keys.setdefault(f"D200{DOMAIN_OF[one.aspect_no]}", []).append(one)
        keys.setdefault(f"A200{one.aspect_no}", []).append(one)
    found = {}
    for key, parts in keys.items():
        value = sum((scores[one.no] * one.weight for one in parts), Fraction()) / sum(one.weight for one in parts)
        found[key] = f"{Decimal(round(value * 10**10)).scaleb(-10):f}"
    return found


def result(kode: str, nama: str, tahun: object = 2023, kategori: str = "Kabupaten", **nilai: object) -> dict[str, Any]:
    return {
        "kode": kode,
        "tahun": tahun,
        "nama_instansi": nama,
        "kategori": kategori,
        "daerah": "Sulawesi Selatan",
        "nilai": {**values(SCORES), **nilai},
    }


def take_in(run: Nights, folder: Path, *results: dict[str, Any]) -> dict[str, Any]:
    file = folder / "portal.json"
    file.write_text(json.dumps(results), encoding="utf-8")
    return ask_command(run, "import", str(file))


def district(**given: Any) -> District:
    """Official results of 2023 equal to SCORES."""
    verdicts = [(2023, no, OFFICIAL, score, None, None, None) for no, score in SCORES.items()]
    books = {"a": penilaian(answer(2023, 1, 3))}
    return District(opd=FOUR_OPD[:1], books=books, **{"verdicts": verdicts, **given})


def test_figures_show_at_the_next_night_with_every_decimal(run: Nights, tmp_path: Path) -> None:
    run(district())
    told = take_in(run, tmp_path, result("73.01", "Pemerintah Kab. Contoh", indeks="2.5937500001"))
    assert (told["institutions"], told["years"], told["figures"], told["changed"]) == (1, [2023], 13, 13)
    here = "FROM mart.published_check WHERE source = 'Portal evaluasi SPBE'"
    assert run.reopen().rows(here) == []
    rows = {row["part"]: row for row in run(district()).mart.rows(here)}
    assert len(rows) == 13
    assert rows["Indeks"]["published_value"] == Decimal("2.5937500001")
    assert {row["institution"] for row in rows.values()} == {"Pemerintah Kab. Contoh"}


def test_a_whole_of_ten_decimals_follows_from_its_parts_or_is_flagged(run: Nights, tmp_path: Path) -> None:
    """The last of ten decimals counts: parts that are a thousand-millionth off can't make the whole."""
    true = values(SCORES)["indeks"]
    wrong = f"{Decimal(true) + Decimal('0.0000000020'):f}"
    take_in(run, tmp_path, result("1", "Kabupaten Benar"), result("2", "Kabupaten Salah", indeks=wrong))
    mart = run(district()).mart
    checks = mart.rows("FROM mart.published_check WHERE part = 'Indeks' AND institution LIKE 'Kabupaten %'")
    assert {row["institution"]: row["is_consistent"] for row in checks} == {
        "Kabupaten Benar": True,
        "Kabupaten Salah": False,
    }


def test_importing_again_changes_nothing_and_the_latest_file_counts(run: Nights, tmp_path: Path) -> None:
    run(district())
    first = result("73.01", "Kabupaten Contoh")
    assert take_in(run, tmp_path, first)["changed"] == 13
    assert take_in(run, tmp_path, first)["changed"] == 0
    partial = result("73.01", "Kabupaten Contoh", indeks="2.1")
    del partial["nilai"]["A2001"]
    assert take_in(run, tmp_path, partial)["changed"] == 2
    mart = run(district(verdicts=())).mart
    parts = dict(
        mart.connection.execute(
            "SELECT part, published_value FROM mart.published_check WHERE source LIKE 'Portal%'"
        ).fetchall()
    )
    assert parts["Indeks"] == Decimal("2.1")
    assert "Aspek 1" not in parts
    assert mart.row("FROM mart.year_trend WHERE year = 2023")["index_value"] == Decimal("2.10")


def test_a_night_of_before_doesn_t_know_of_a_later_import(run: Nights, tmp_path: Path) -> None:
    run(district())
    take_in(run, tmp_path, result("73.01", "Kabupaten Contoh"))
    with derived(run.settings.data_dir) as warehouse:
        assert warehouse.rows("FROM core.imported_figure") == []


@pytest.mark.parametrize(
    ("kode", "nama", "kategori", "is_ours"),
    [
        ("9", "Pemerintah Kab. Contoh", "Kabupaten", True),
        ("9", "PEMKAB CONTOH", "Kabupaten", True),
        ("9", "Pemerintah Daerah Kabupaten Contoh", "", True),
        ("9", "Pemerintah Kota Contoh", "Kota", False),
        ("7301", "Kab. Contoh Baru", "Pemerintah Kabupaten", True),
        ("7301", "Kementerian Contoh", "Kementerian", False),
        ("9", "Kabupaten Contoh Selatan", "Kabupaten", False),
    ],
)
def test_our_own_figure_is_known_by_name_or_code(
    run: Nights, tmp_path: Path, kode: str, nama: str, kategori: str, is_ours: bool
) -> None:
    take_in(run, tmp_path, result(kode, nama, kategori=kategori))
    rows = run(district()).mart.rows("FROM mart.reconciliation WHERE part = 'Indeks'")
    assert [row["is_equal"] for row in rows] == ([True] if is_ours else [])


def test_letters_of_a_code_count(run: Nights, tmp_path: Path) -> None:
    take_in(run, tmp_path, result("01", "Kabupaten Lain"))
    assert run(district(code="Sel.A01")).mart.rows("FROM mart.reconciliation") == []


def test_one_institution_under_two_codes_is_ranked_once(run: Nights, tmp_path: Path) -> None:
    take_in(run, tmp_path, result("73.01", "Kab. Contoh"), result("7301", "Pemerintah Kab. Contoh", indeks="3.9"))
    row = run(district()).mart.row("FROM mart.comparison WHERE part = 'Indeks'")
    assert (row["rank_no"], row["ranked_count"]) == (1, 1)


def test_a_name_of_odd_bytes_and_a_key_that_can_t_be_printed(run: Nights, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"hasil\xff.json")
    file.write_text(json.dumps([result("1", "Kab. Satu")]), encoding="utf-8")
    assert ask_command(run, "import", str(file))["changed"] == 13
    file.write_text(json.dumps([result("1", "Kab. Satu", **{"\ud800": "1"})]), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="nilai"):
        ask_command(run, "import", str(file))


def test_of_two_that_go_by_our_name_one_is_taken_whole(run: Nights, tmp_path: Path) -> None:
    take_in(run, tmp_path, result("2", "Kab. Contoh", indeks="1.1"), result("1", "Pemkab Contoh"))
    mart = run(district()).mart
    assert len(mart.rows("FROM mart.comparison WHERE part = 'Indeks'")) == 1
    assert [row["is_equal"] for row in mart.rows("FROM mart.reconciliation")] == [True] * 13


def test_what_differs_from_our_own_is_told_part_by_part(run: Nights, tmp_path: Path) -> None:
    changed = f"{Decimal(values(SCORES)['A2003']) + 1:f}"
    take_in(run, tmp_path, result("73.01", "Kabupaten Contoh", A2003=changed))
    rows = run(district()).mart.rows("FROM mart.reconciliation")
    assert {(row["part"], row["difference"]) for row in rows if not row["is_equal"]} == {("Aspek 3", Decimal(1))}
    assert len(rows) == 13


def test_rank_and_averages_are_those_of_the_kind(run: Nights, tmp_path: Path) -> None:
    """Ours, one equal, two above, one below; a city above doesn't count."""
    others = {"2": "4.0", "3": "4.5", "4": "1.0", "5": values(SCORES)["indeks"]}
    results = [result(kode, f"Kabupaten {kode}", indeks=indeks) for kode, indeks in others.items()]
    take_in(
        run, tmp_path, result("1", "Kab. Contoh"), result("6", "Kota Enam", kategori="Kota", indeks="4.9"), *results
    )
    row = run(district()).mart.row("FROM mart.comparison WHERE part = 'Indeks'")
    own = Decimal(values(SCORES)["indeks"])
    assert (row["rank_no"], row["ranked_count"], row["kind_best"], row["kind_median"]) == (3, 5, Decimal("4.5"), own)
    assert row["kind_mean"] == (2 * own + Decimal("9.5")) / 5
    assert (row["own_value"], row["own_source"], row["own_stage"]) == (own, "computed", "official")
    assert (row["kind_average"], row["national_average"]) == (Decimal("2.59"), Decimal("2.79"))
    assert row["kind_difference"] == own - Decimal("2.59")


def test_a_figure_off_the_scale_is_kept_but_is_nobody_s_result(run: Nights, tmp_path: Path) -> None:
    """The portal prints 0 for who wasn't evaluated."""
    take_in(run, tmp_path, result("73.01", "Kab. Contoh", indeks="0.0000000000"), result("2", "Kab. Dua", indeks="3"))
    mart = run(district(verdicts=(), published=[(2023, "Kabupaten Contoh", "Indeks", "2,10", "LHE")])).mart
    trend = mart.row("FROM mart.year_trend WHERE year = 2023")
    assert (trend["index_value"], trend["source"]) == (Decimal("2.10"), "published")
    row = mart.row("FROM mart.comparison WHERE part = 'Indeks'")
    assert (row["rank_no"], row["kind_average"]) == (None, Decimal("2.59"))
    check = "SELECT published_value FROM mart.published_check WHERE institution = 'Kab. Contoh' AND part = 'Indeks'"
    assert mart.values(check) == [0]


@pytest.mark.parametrize("name", ["", "Pemerintah Daerah"])
def test_an_institution_without_a_telling_name_is_known_by_its_code(run: Nights, name: str) -> None:
    mart = run(district(name=name, verdicts=(), published=[(2023, "73.01", "Indeks", "2,10", "LHE")])).mart
    assert mart.row("FROM mart.year_trend WHERE year = 2023")["index_value"] == Decimal("2.10")


def test_a_part_that_isn_t_fully_answered_is_neither_equal_nor_not(run: Nights, tmp_path: Path) -> None:
    take_in(run, tmp_path, result("73.01", "Kab. Contoh"))
    verdicts = [(2023, no, OFFICIAL, SCORES[str(no)], None, None, None) for no in range(1, 11)]
    rows = {row["part"]: row for row in run(district(verdicts=verdicts)).mart.rows("FROM mart.reconciliation")}
    assert (rows["Aspek 1"]["is_equal"], rows["Indeks"]["is_equal"]) == (True, None)


def test_an_import_counts_from_the_run_after_it_on_for_whoever_is_derived_again(run: Nights, tmp_path: Path) -> None:
    """A's last run was before the import; when what's published is lost, A is derived as that run knew it."""
    run(district(verdicts=()))
    take_in(run, tmp_path, result("73.01", "Kab. Contoh", indeks="2.5"))
    run(district(code="73.02", verdicts=()))
    shutil.rmtree(run.settings.published_dir)
    mart = run(district(code="73.03", verdicts=())).mart
    trend = mart.row("FROM mart.year_trend WHERE institution_code = '73.01' AND year = 2023")
    assert trend["source"] == "computed"


def broken(**given: object) -> list[dict[str, Any]]:
    return [{**result("73.01", "Kabupaten Contoh"), **given}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('[{"kode": "1", "kode": "2"}]', "twice in one object"),
        ("{}", "this isn't a list"),
        ("[]", "holds no figure"),
        ("[1]", "element 1"),
        (broken(tahun=2026), "2026"),
        (broken(tahun="dua"), "tahun"),
        (broken(kode=""), "kode"),
        (broken(kode=None), "kode"),
        (broken(kode=True), "kode"),
        (broken(nama_instansi="a\x1b[31m"), "nama_instansi"),
        (broken(nilai=[]), "nilai"),
        (broken(nilai={"indeks": "dua"}), "nilai.indeks: isn't a number"),
        (broken(nilai={"indeks": "-1"}), "nilai.indeks"),
        (broken(nilai={"indeks": "2.12345678901"}), "nilai.indeks"),
        (broken(nilai={"indeks": {"a": 1}}), "nilai.indeks"),
        ('[{"kode": "1", "tahun": 2023, "nama_instansi": "A", "nilai": {"indeks": NaN}}]', "found 'NaN'"),
        (broken(nilai={"predikat": "2"}), "holds no figure"),
        ([*broken(), *broken(kode="2", nilai={"indeks": None})], "kode 2, tahun 2023: nilai holds no figure"),
        ([*broken(), *broken(nilai={"indeks": "2"})], "stands there twice"),
    ],
)
def test_a_broken_file_is_refused_whole(run: Nights, tmp_path: Path, content: object, said: str) -> None:
    file = tmp_path / "portal.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as raised:
        ask_command(run, "import", str(file))
    assert raised.value.exit_code == 2
    assert "portal.json" in str(raised.value)
    assert not run.settings.warehouse_path.exists()


def test_a_file_that_isn_t_there_or_isn_t_text_is_told(run: Nights, tmp_path: Path) -> None:
    for file in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(ConfigurationError, match="can't be read"):
            ask_command(run, "import", str(file))
    (tmp_path / "latin.json").write_bytes(b'[{"kode": "\xff"}]')
    with pytest.raises(ConfigurationError, match="no JSON"):
        ask_command(run, "import", str(tmp_path / "latin.json"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["kode", "tahun", "nama_instansi", "kategori", "nilai", "indeks", "A2001", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused_in_a_line(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    try:
        said, found = "", read_export(file, load_instruments()).rows
    except ConfigurationError as error:
        said, found = str(error), []
    assert bool(found) != bool(said)
    assert len(said.splitlines()) <= 1


def test_every_key_of_the_portal_names_a_part_of_its_instrument() -> None:
    for row in seed("portal_part"):
        instrument = load_instruments()[row["instrument_code"]]
        domains, aspects = ({one.no for one in parts} for parts in (instrument.domains, instrument.aspects))
        known = {"Indeks", *(f"Domain {no}" for no in domains), *(f"Aspek {no}" for no in aspects)}
        assert row["part"] in known
        assert row["portal_key"] == "indeks" or row["portal_key"][-1] == row["part"][-1]
    assert len({row["portal_key"] for row in seed("portal_part")}) == 13
