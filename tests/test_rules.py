"""Every rule in expectations/ by its code: a case that breaks it and no other, and a near one that doesn't.

The cases are districts of one night, one district a case. A rule without a case here fails its test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import (
    FOUR_OPD,
    INTERNAL,
    OFFICIAL,
    OUTCOMES,
    District,
    FakeSource,
    Mart,
    Nights,
    Row,
    answer,
    derived,
    penilaian,
)

from spbe_etl.cells import Cell
from spbe_etl.errors import SuiteError
from spbe_etl.judging import Rule, Suite, judge, suites

EXPECTATIONS = Path(__file__).parents[1] / "expectations"
WARNINGS = {
    *("EVIDENCE_MISSING", "EVIDENCE_LINK_MALFORMED", "EVIDENCE_DATE_UNREADABLE", "EVIDENCE_DATE_FUTURE"),
    *("EXPLANATION_MISSING", "OPD_INACTIVE", "INDICATOR_EXTERNAL", "SUPPORTER_UNKNOWN", "VERDICT_DATE_UNREADABLE"),
    *("OPD_NAME_MISSING", "ACTIVE_UNREADABLE", "SUCCESSOR_UNKNOWN", "WORKBOOK_REPEATED", "CARRIER_INACTIVE"),
    *("SUCCESSOR_OF_ACTIVE", "SUCCESSOR_WITHOUT_END"),
}
REF = Cell("error", "#REF!")


@dataclass(frozen=True)
class Case:
    """Rows that break a rule, where and with what said to be found; and rows that don't break any."""

    broken: Sequence[Row]
    cells: Mapping[str, str]
    sound: Sequence[Row]
    opd_code: str = "A"
    """Whose workbook holds the broken rows of a submission."""


def verdict(year: object, no: object, score: object, stage: object = OFFICIAL, day: object = None) -> Row:
    return (year, no, stage, score, "Asesor", day, None)


def scores(row: Any) -> dict[str, Case]:
    """The rules of a score cell, alike for answers and verdicts; `row` makes one of year, indicator and score."""
    return {
        "YEAR_UNREADABLE": Case([row("dua ribu", 1, 3)], {"A2": "dua ribu"}, [row("2025", 1, 3)]),
        "YEAR_WITHOUT_INSTRUMENT": Case([row(2017, 1, 3)], {"A2": "2017"}, [row(2018, 1, 3)]),
        "YEAR_IN_FUTURE": Case([row(2027, 1, 3)], {"A2": "2027"}, [row(2026, 1, 3)]),
        "INDICATOR_UNKNOWN": Case([row(2025, 48, 3)], {"B2": "48"}, [row(2025, 47, 3), row(2018, "35-2", 0)]),
        "SCORE_ERROR": Case([row(2025, 1, REF)], {"D2": "#REF!"}, [row(2025, 1, "３")]),
        "SCORE_DATE": Case([row(2025, 1, date(2025, 4, 3))], {"D2": "2025-04-03"}, [row(2025, 1, "4")]),
        "SCORE_RANGE": Case([row(2025, 1, "3-4")], {"D2": "3-4"}, [row(2025, 1, "3.")]),
        "SCORE_NAME_ALONE": Case([row(2025, 1, "Terkelola")], {"D2": "Terkelola"}, [row(2025, 1, "2 (Terkelola)")]),
        "SCORE_NAME_CONTRADICTS": Case(
            [row(2025, 1, "3 (Terkelola)")], {"D2": "3 (Terkelola)"}, [row(2025, 1, "Level 3: Terdefinisi")]
        ),
        "SCORE_NAME_OTHER_KIND": Case(
            [row(2025, 31, "3 - Transaksi")], {"D2": "3 - Transaksi"}, [row(2025, 32, "3 - Transaksi")]
        ),
        "SCORE_FRACTION": Case([row(2025, 1, 2.5)], {"D2": "2.5"}, [row(2025, 1, "2,0"), row(2026, 1, 2.5)]),
        "SCORE_TOO_MANY_DECIMALS": Case([row(2026, 1, "2.34567")], {"D2": "2.34567"}, [row(2026, 1, "2,3456")]),
        "SCORE_OUT_OF_RANGE": Case(
            [row(2025, 1, 0), row(2026, 2, "5.01")], {"D2": "0", "D3": "5.01"}, [row(2025, 1, 5), row(2018, 1, 0)]
        ),
        "SCORE_UNREADABLE": Case([row(2025, 1, "baik sekali")], {"D2": "baik sekali"}, [row(2025, 1, "skor IV")]),
    }


CASES: dict[str, dict[str, Case]] = {
    "submission": {
        **scores(answer),
        "SCORE_CONTRADICTS": Case(
            [answer(2025, 1, 2), answer(2025, "01", "III")],
            {"D2": "2", "D3": "III"},
            [answer(2025, 1, 2), answer(2025, "1", "2,0"), answer(2024, 1, 3), answer(2025, 1, None)],
        ),
        "EVIDENCE_MISSING": Case(
            [answer(2025, 1, 2, None)], {"F2": "belum ada tautan"}, [answer(2025, 1, 1, None), answer(2018, 1, 0, None)]
        ),
        "EVIDENCE_LINK_MALFORMED": Case(
            [answer(2025, 1, 1, "https://dokumen")],
            {"F2": "tautan tidak lengkap"},
            [answer(2025, 1, 3, "https://a.example.id/1\nhttps://b.example.id/2")],
        ),
        "EVIDENCE_DATE_UNREADABLE": Case(
            [(*answer(2025, 1, 3)[:6], "kemarin")],
            {"G2": "tanggal tidak terbaca"},
            [(*answer(2025, 1, 3)[:6], "31/12/2025"), (*answer(2025, 2, 3)[:6], "5 Maret 2025")],
        ),
        "EVIDENCE_DATE_FUTURE": Case(
            [(*answer(2025, 1, 3)[:6], date(2026, 7, 2))],
            {"G2": "tanggal setelah pengumpulan"},
            [(*answer(2025, 1, 3)[:6], date(2026, 7, 1))],
        ),
        "EXPLANATION_MISSING": Case(
            [(2025, 1, None, 2, None, "https://bukti.example.id", None)],
            {"E2": "belum ada penjelasan"},
            [(2025, 1, None, 1, None, None, None)],
        ),
        "OPD_INACTIVE": Case([answer(2025, 1, 3)], {"D2": "OPD tidak aktif"}, [answer(2025, 1, 3)], opd_code="X"),
        "INDICATOR_EXTERNAL": Case(
            [answer(2026, 5, 3)], {"D2": "indikator dinilai instansi lain"}, [answer(2026, 8, 3), answer(2026, 5, None)]
        ),
    },
    "verdict": {
        **scores(verdict),
        "STAGE_UNKNOWN": Case(
            [verdict(2025, 1, 3, "Rapat"), verdict(2025, 2, 3, None)],
            {"C2": "tahap tidak dikenal", "C3": "tahap tidak dikenal"},
            [verdict(2025, 1, 3, " asesor  INTERNAL ")],
        ),
        "VERDICT_CONTRADICTS": Case(
            [verdict(2025, 1, 2), verdict(2025, 1, 3, day=date(2025, 1, 1))],
            {"D2": "2", "D3": "3"},
            [
                verdict(2025, 1, 2, day=date(2025, 1, 1)),
                verdict(2025, 1, 3, day=date(2025, 1, 2)),
                verdict(2025, 1, 4, INTERNAL),
            ],
        ),
        "VERDICT_DATE_UNREADABLE": Case(
            [verdict(2025, 1, 3, day="minggu lalu")],
            {"F2": "tanggal tidak terbaca"},
            [verdict(2025, 1, 3, day="2025-12-31")],
        ),
    },
    "opd": {
        "OPD_CODE_MISSING": Case([(None, "Dinas D")], {"A6": "kosong"}, [("1.02", "Dinas D")]),
        "OPD_CODE_REPEATED": Case([("a", "Dinas D")], {"A6": "a"}, [("AA", "Dinas D")]),
        "OPD_NAME_MISSING": Case([("D", None)], {"B6": "nama kosong"}, [("D", "Dinas D")]),
        "ACTIVE_UNREADABLE": Case(
            [("D", "Dinas D", None, None, "mungkin")],
            {"E6": "bukan Ya atau Tidak"},
            [("D", "Dinas D", None, None, "tidak"), ("E", "Dinas E", None, None, None)],
        ),
        "WORKBOOK_REPEATED": Case(
            [("D", "Dinas D", None, "A.xlsx")], {"D6": "berkas sudah dipakai OPD lain"}, [("D", "Dinas D", None, None)]
        ),
        "SUCCESSOR_UNKNOWN": Case(
            [("D", "Dinas D", None, None, "Tidak", "Z"), ("E", "Dinas E", None, None, "Ya", "Z")],
            {"F6": "Z", "F7": "Z"},
            [("D", "Dinas D", None, None, "Tidak", "a")],
        ),
        "SUCCESSOR_OF_ACTIVE": Case(
            [("D", "Dinas D", None, None, None, "a"), ("E", "Dinas E", None, None, "Ya", "E")],
            {"F6": "a", "F7": "E"},
            [("D", "Dinas D", None, None, "Tidak", "A")],
        ),
        "SUCCESSOR_WITHOUT_END": Case(
            [
                ("D", "Dinas D", None, None, "Tidak", "e"),
                ("E", "Dinas E", None, None, "Tidak", "D"),
                ("F", "Dinas F", None, None, "Tidak", "F"),
                ("G", "Dinas G", None, None, "Tidak", "X"),
            ],
            {"F6": "e", "F7": "D", "F8": "F", "F9": "X"},
            [("D", "Dinas D", None, None, "Tidak", "e"), ("E", "Dinas E", None, None, "Tidak", "A")],
        ),
    },
    "carrier": {
        "INSTRUMENT_UNKNOWN": Case([("spbe-2019", 1, "A")], {"A2": "spbe-2019"}, [("SPBE 2020", 1, "A")]),
        "INDICATOR_UNKNOWN": Case([("pemdi-2026", 21, "A")], {"B2": "21"}, [("pemdi-2026", 20, "A")]),
        "CARRIER_UNKNOWN": Case([("spbe-2020", 1, "Z")], {"C2": "Z"}, [("spbe-2020", 1, "a"), ("spbe-2020", 2, None)]),
        "CARRIER_CONTRADICTS": Case(
            [("spbe-2020", 1, "A"), ("spbe-2020", 1, "B")],
            {"C2": "A", "C3": "B"},
            [("spbe-2020", 1, "A"), ("spbe-2020", 1, "A"), ("spbe-2018", 1, "B")],
        ),
        "CARRIER_INACTIVE": Case([("spbe-2020", 1, "X")], {"C2": "X"}, [("spbe-2020", 1, "A")]),
        "SUPPORTERS_UNREADABLE": Case([("spbe-2020", 13, "A", REF)], {"D2": "#REF!"}, [("spbe-2020", 13, "A", None)]),
        "SUPPORTER_UNKNOWN": Case(
            [("spbe-2020", 1, "A", "B;Z")],
            {"D2": "B;Z"},
            [("spbe-2020", 1, "A", "b; C"), ("spbe-2020", 2, "A", "Semua")],
        ),
    },
    "target": {
        "YEAR_UNREADABLE": Case([("'25", 2.63)], {"A2": "'25"}, [("2025", 2.63)]),
        "YEAR_WITHOUT_INSTRUMENT": Case([(2017, 2.63)], {"A2": "2017"}, [(2030, 2.63)]),
        "TARGET_UNREADABLE": Case([(2025, "Baik")], {"B2": "Baik"}, [(2025, "2,63")]),
        "TARGET_OUT_OF_RANGE": Case([(2025, 5.01)], {"B2": "5.01"}, [(2025, 5)]),
        "TARGET_TOO_MANY_DECIMALS": Case([(2025, "2.631")], {"B2": "2.631"}, [(2025, "2.63")]),
        "TARGET_CONTRADICTS": Case(
            [(2025, 2.6), (2025, 2.63)], {"B2": "2.6", "B3": "2.63"}, [(2025, 2.6), (2025, "2,60"), (2024, 3)]
        ),
    },
    "published": {
        "YEAR_UNREADABLE": Case([("th. 2023", "Kab", "Indeks", 2)], {"A2": "th. 2023"}, [(2023, "Kab", "Indeks", 2)]),
        "YEAR_WITHOUT_INSTRUMENT": Case([(2015, "Kab", "Indeks", 2)], {"A2": "2015"}, [(2018, "Kab", "Indeks", 2)]),
        "YEAR_IN_FUTURE": Case([(2027, "Kab", "Indeks", 2)], {"A2": "2027"}, [(2026, "Kab", "Indeks", 2)]),
        "PUBLISHED_INSTITUTION_MISSING": Case(
            [(2023, None, "Indeks", 2)], {"B2": "nama instansi kosong"}, [(2023, "Kota", "Indeks", 2)]
        ),
        "PART_UNKNOWN": Case(
            [(2023, "Kab", "Bab 2", 2)], {"C2": "bagian tidak dikenal"}, [(2023, "Kab", "aspek 2", 2)]
        ),
        "PUBLISHED_VALUE_UNREADABLE": Case(
            [(2023, "Kab", "Indeks", "dua")], {"D2": "dua"}, [(2023, "Kab", "Indeks", "2,59375")]
        ),
        "PUBLISHED_VALUE_CONTRADICTS": Case(
            [(2023, "Kab", "Indeks", 2, "LHE"), (2023, "Kab", "Indeks", 3, "LHE")],
            {"D2": "2", "D3": "3"},
            [
                (2023, "Kab", "Indeks", 2, "LHE"),
                (2023, "Kab", "Indeks", 3, "berita"),
                (2023, "Kab", "Domain 1", 4, "LHE"),
            ],
        ),
    },
}
RULES = [
    (path.stem, one["meta"]["rule_code"])
    for path in sorted(EXPECTATIONS.glob("*.json"))
    if path.stem != "inventory"  # test_inventory_rules.py
    for one in json.loads(path.read_text(encoding="utf-8"))["expectations"]
]
EVERY_RULE = pytest.mark.parametrize(("suite", "rule_code"), RULES, ids=["-".join(rule) for rule in RULES])
ALIKE_UNREADABLE = {
    "submission": [answer("th", 1, 2), answer("th", 1, 3)],
    "verdict": [verdict("th", 1, 2), verdict("th", 1, 3)],
    "carrier": [("lama", 1, "A"), ("lama", 2, "B")],
    "target": [("th", 2.6), ("th", 2.63)],
    "published": [("th", "Kab", "Indeks", 2), ("th", "Kab", "Indeks", 3)],
}


def district(code: str, suite: str, rows: Sequence[Row], opd_code: str = "A") -> District:
    """A district that holds these rows in the suite's worksheet, and is otherwise sound and empty."""
    books = {reference: penilaian() for reference in ("a", "b", "c", "x")}
    if suite == "submission":
        books[opd_code.lower()] = penilaian(*rows)
    return District(
        code,
        opd=(*FOUR_OPD, *(rows if suite == "opd" else ())),
        carriers=rows if suite == "carrier" else (),
        verdicts=rows if suite == "verdict" else (),
        targets=rows if suite == "target" else (),
        published=rows if suite == "published" else (),
        books=books,
    )


@dataclass(frozen=True)
class Judged:
    """The one night that all cases share."""

    mart: Mart
    outcomes: Mapping[str, Sequence[str]]

    def lines(self, code: str) -> list[dict[str, Any]]:
        return self.mart.rows("FROM mart.rejected_row WHERE institution_code = ? ORDER BY row_no, cell", [code])


HOSTILE = [
    answer(2025, 1, "NIK 7301012509900001 milik Budi"),
    answer(2025, 2, "x" * 200),
    answer(2025, "No 123456789", 3),
    answer(2025, 3, "3\x07\x1b[31m merah\u202e"),
    (2025, 4, "nama rahasia", 3, None, "https://rahasia", "rahasia"),
    answer(2025, 5, "NIK ７３０１０１２５０９９００００１"),
    answer(2025, 6, Cell("formula", "")),
]


@pytest.fixture(scope="module")
def judged(module_run: Nights) -> Judged:
    districts = []
    for suite, cases in CASES.items():
        for rule_code, case in cases.items():
            districts.append(district(f"{suite}/{rule_code}/broken", suite, case.broken, case.opd_code))
            districts.append(district(f"{suite}/{rule_code}/sound", suite, case.sound))
    districts += [district(f"{suite}/unreadable", suite, rows) for suite, rows in ALIKE_UNREADABLE.items()]
    many = [(2027, 99, None, "3-4", None, "https://dokumen", "kemarin")]
    districts.append(district("many", "submission", many))
    districts.append(district("hostile", "submission", HOSTILE))
    ran = module_run(FakeSource(districts))
    assert dict(ran.outcome.refused) == {}
    outcomes: dict[str, list[str]] = {}
    with derived(module_run.settings.data_dir) as warehouse:
        for row in warehouse.rows(f"FROM ({OUTCOMES}) ORDER BY institution_code, suite, row_no"):
            outcomes.setdefault(f"{row['institution_code']}:{row['suite']}", []).append(row["outcome"])
    return Judged(ran.mart, outcomes)


@EVERY_RULE
def test_a_broken_rule_names_the_cell_and_what_was_found(judged: Judged, suite: str, rule_code: str) -> None:
    case = CASES[suite][rule_code]
    lines = judged.lines(f"{suite}/{rule_code}/broken")
    assert {line["rule_code"] for line in lines} == {rule_code}
    assert {line["cell"]: line["found"] for line in lines} == case.cells
    for line in lines:
        assert line["message"].startswith(f"Sel {line['cell']}: ")
        assert "{" not in line["message"]
        assert line["opd_code"] == (case.opd_code if suite == "submission" else None)


@EVERY_RULE
def test_its_severity_is_the_contracts(judged: Judged, suite: str, rule_code: str) -> None:
    case = CASES[suite][rule_code]
    is_warning = rule_code in WARNINGS
    lines = judged.lines(f"{suite}/{rule_code}/broken")
    assert {line["severity"] for line in lines} == {"warning" if is_warning else "critical"}
    outcomes = judged.outcomes[f"{suite}/{rule_code}/broken:{suite}"][-len(case.broken) :]
    assert outcomes == ["accepted" if is_warning else "rejected"] * len(case.broken)


@EVERY_RULE
def test_a_near_case_passes(judged: Judged, suite: str, rule_code: str) -> None:
    assert judged.lines(f"{suite}/{rule_code}/sound") == []
    assert "rejected" not in judged.outcomes[f"{suite}/{rule_code}/sound:{suite}"]


@pytest.mark.parametrize("suite", CASES)
def test_every_case_is_of_a_rule_that_exists(suite: str) -> None:
    assert set(CASES[suite]) == {rule.rule_code for rule in suites()[suite].rules}


def test_all_failures_of_a_row_are_found_in_one_pass(judged: Judged) -> None:
    assert {(line["rule_code"], line["cell"]) for line in judged.lines("many")} == {
        ("YEAR_IN_FUTURE", "A2"),
        ("INDICATOR_UNKNOWN", "B2"),
        ("SCORE_RANGE", "D2"),
        ("EVIDENCE_LINK_MALFORMED", "F2"),
        ("EVIDENCE_DATE_UNREADABLE", "G2"),
    }


@pytest.mark.parametrize("suite", ALIKE_UNREADABLE)
def test_rows_without_a_readable_key_contradict_nobody(judged: Judged, suite: str) -> None:
    codes = {line["rule_code"] for line in judged.lines(f"{suite}/unreadable")}
    assert codes == {"INSTRUMENT_UNKNOWN" if suite == "carrier" else "YEAR_UNREADABLE"}


def test_found_is_short_and_masked(judged: Judged) -> None:
    found = {line["cell"]: line["found"] for line in judged.lines("hostile")}
    assert found["D2"] == "NIK ********* milik Budi"
    assert found["D3"] == "x" * 80
    assert found["B4"] == "No *********"
    assert not re.search(r"[\x00-\x1f\u202e]", found["D5"])


def test_digits_of_another_width_are_masked_too(judged: Judged) -> None:
    found = {line["cell"]: line["found"] for line in judged.lines("hostile")}
    assert found["D7"] == "NIK *********"


def test_a_formula_without_a_value_is_said_to_be_one(judged: Judged) -> None:
    (line,) = (line for line in judged.lines("hostile") if line["cell"] == "D8")
    assert line["rule_code"] == "SCORE_ERROR"
    assert line["found"]


def test_nothing_of_a_private_cell_is_told(judged: Judged) -> None:
    private = [line for line in judged.lines("hostile") if line["row_no"] == 6]
    assert {line["cell"] for line in private} == {"E6", "F6", "G6"}
    for line in private:
        assert "rahasia" not in line["found"] + line["message"]
        assert "7301012509900001" not in line["message"]


def test_a_suite_that_raises_is_an_error_and_never_a_pass() -> None:
    rule = Rule("made_up", "MADE_UP", "score", "critical", "", "Sel {cell}: salah.")
    expectation = {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "absent"},
        "severity": "critical",
        "meta": {"rule_code": "MADE_UP"},
    }
    suite = Suite("made_up", ("Penilaian",), (rule,), (expectation,))
    with pytest.raises(SuiteError, match="MADE_UP couldn't be evaluated"):
        judge(suite, pd.DataFrame({"profile_key": [1], "present": ["x"]}))
