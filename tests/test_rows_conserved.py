"""No row is lost, whatever a workbook holds: hostile texts, wrong headers, merged cells, repeated rows.

Workbooks are made by Hypothesis and handed out by a fake source; a night and all behind it are real.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from conftest import (
    HEADERS,
    OUTCOMES,
    District,
    Mart,
    Nights,
    Row,
    derived,
    penilaian,
    worksheet_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_etl.cells import Cell
from spbe_etl.reading import kept_fields, read_worksheets, table_of
from spbe_etl.workbooks import RawCell, Workbook, Worksheet

WORKBOOKS = 6
JUDGED = ("OPD", "Pengampu", "Verifikasi", "Target", "Hasil Terbit")
SYNONYMS = {
    "Tahun": ("TAHUN", "Tahun Penilaian", " tahun ", "Thn"),
    "No Indikator": ("No. Indikator", "NOMOR INDIKATOR", "no\nindikator", "No  Indikator"),
    "Tingkat Kematangan": ("Tingkat\nKematangan", "LEVEL", "Level Kematangan", "tingkat_kematangan"),
    "Penjelasan": ("penjelasan", "Penjelasan Capaian"),
    "Bukti Dukung": ("Data Dukung", "Link Bukti", "BUKTI DUKUNG:"),
    "Tanggal Bukti": ("Tgl. Bukti",),
    "Indikator": ("Nama Indikator",),
}
REQUIRED = ("Tahun", "No Indikator", "Tingkat Kematangan")
GRAINS = {
    "index_snapshot": "institution_code, year, stage, snapshot_on",
    "domain_snapshot": "institution_code, year, stage, snapshot_on, domain_no",
    "aspect_snapshot": "institution_code, year, stage, snapshot_on, aspect_no",
    "indicator_snapshot": "institution_code, year, stage, indicator_no",
    "evidence": "institution_code, year, opd_code, indicator_no, url",
    "index_trend": "institution_code, year, stage, snapshot_on",
    "year_trend": "institution_code, year",
    "index_change": "institution_code, year, stage, snapshot_on, indicator_no",
    "opd_snapshot": "institution_code, year, opd_code, snapshot_on",
    "opd_answer": "institution_code, year, opd_code, indicator_no",
    "opd_blocker": "institution_code, year, indicator_no, opd_code",
    "target_step": "institution_code, year, step_no",
    "official_estimate": "institution_code, year, stage",
    "rejected_row": "institution_code, opd_code, worksheet, year, indicator_no, column_name, rule_code, found, "
    "first_seen_on, CASE WHEN year IS NULL OR indicator_no IS NULL THEN row_no END",
    "published_check": "institution, year, part, source",
    "run": "run_id",
}

HOSTILE = st.sampled_from(
    [
        "'; DROP TABLE raw.cell; --",
        '" OR 1=1 --',
        "Robert'); DELETE FROM mart.run;--",
        "$1",
        "{cell} {found} {score_range}",
        "%s %d {0}",
        '["SEMUA"]',
        '{"a": [1, null]}',
        "[1,2",
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "@SUM(A1:A9)",
        "+62 812",
        "-",
        "a\x00b\x07\x1b[31m",
        "\r\n\t",
        "\u202e3 takgnit",
        "\u200b",
        "\ufeff 3 \u200d",
        "３",
        "٣",
        "²",
        "Ⅳ",
        "IV",
        "III (Terstandardisasi)",
        "Tingkat 3",
        "level 2: Terkelola",
        "Optimum",
        "3-4",
        "1/2",
        "3,5",
        "2.34567",
        "1e3",
        "NaN",
        "-inf",
        "0x10",
        "0003",
        "#REF!",
        "#N/A",
        "TRUE",
        "null",
        "7301012509900001",
        "5" * 400,
        "0." + "9" * 60,
        "x" * 5000,
        "99999",
        "0000",
        "10000-01-01",
        "2025-02-30",
        "31/12/2025",
        "12 Maret 2025",
        "https://bukti.example.id/a b; http://[::1; www.x",
        "https://" + "a" * 3000 + ".id",
        "javascript:alert(1)",
        "🙂" * 50,
        "e\u0301" * 30,
    ]
)
ODD = (
    HOSTILE
    | st.text(max_size=20)
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.booleans()
    | st.sampled_from(
        [
            Cell("error", "#DIV/0!"),
            Cell("formula", ""),
            Cell("date", "23:59:59"),
            Cell("date", "9999-12-31 23:59:59"),
            Cell("text", "   "),
        ]
    )
)
YEAR = st.sampled_from([2025, 2025, 2025, 2024, 2018, 2026, "2025", 2027, 1999]) | ODD
INDICATOR = st.integers(1, 6) | st.integers(1, 50) | st.sampled_from(["35-2", "013", "1.0"]) | ODD
SCORE = st.integers(1, 5) | st.integers(1, 5) | st.sampled_from([None, None, "3", "2,0", 0, 6, 2.5]) | ODD
CODE = st.sampled_from(["W0", "W1", "w2", "TIDAK-ADA", None]) | ODD
ANY = st.none() | ODD
DAY = st.none() | st.dates(date(2018, 1, 1), date(2026, 12, 31)) | ODD
ROWS: Mapping[str, st.SearchStrategy[Row]] = {
    "OPD": st.tuples(CODE, ANY, ANY, st.none(), ANY, CODE),
    "Pengampu": st.tuples(st.sampled_from(["spbe-2020", "SPBE 2018", "pemdi-2026"]) | ODD, INDICATOR, CODE, CODE),
    "Verifikasi": st.tuples(YEAR, INDICATOR, st.sampled_from(["Hasil Akhir", "interviu"]) | ANY, SCORE, ANY, DAY, ANY),
    "Target": st.tuples(YEAR, st.sampled_from([2.63, "2,6", "3.0"]) | ANY, ANY),
    "Hasil Terbit": st.tuples(
        YEAR, st.just("Kabupaten Contoh") | ANY, st.sampled_from(["Indeks", "Domain 2"]) | ANY, SCORE, ANY
    ),
    "Penilaian": st.tuples(YEAR, INDICATOR, ANY, SCORE, ANY, ANY, DAY),
}


def is_visible(cell: RawCell) -> bool:
    """Whether there's something in a cell: an uncached formula is something, spaces are nothing."""
    return cell.kind == "formula" or any(
        not one.isspace() and one not in "\u200b\u200c\u200d\u2060\ufeff" for one in cell.text
    )


@dataclass(frozen=True)
class Sheet:
    """A worksheet, and how many data rows stand in it by its maker's count (0 where the workbook must fail)."""

    worksheet: Worksheet
    row_count: int


def count_rows(worksheet: Worksheet, header_row_no: int, columns: set[int]) -> int:
    rows = {cell.row_no for cell in worksheet.cells if cell.col_no in columns and is_visible(cell)}
    return sum(row_no > header_row_no for row_no in rows)


@st.composite
def rows_of(draw: st.DrawFn, worksheet: str, max_size: int) -> list[Row]:
    """Rows as people leave them: some twice, some blank in between."""
    rows: list[Row] = []
    for row in draw(st.lists(ROWS[worksheet], max_size=max_size)):
        rows += [row] * draw(st.sampled_from([1, 1, 1, 2]))
        if draw(st.integers(0, 5)) == 0:
            rows.append([None] * len(row))
    return rows


def merge(worksheet: Worksheet, anchor: RawCell, height: int) -> Worksheet:
    """The worksheet with a cell merged downwards: each covered cell has the anchor's value and place."""
    covered = {anchor.row_no + step for step in range(height)}
    cells = [one for one in worksheet.cells if not (one.col_no == anchor.col_no and one.row_no in covered)]
    cells += [anchor._replace(row_no=row_no) for row_no in covered]
    return Worksheet(worksheet.title, tuple(sorted(cells)))


@st.composite
def answer_sheets(draw: st.DrawFn, *, may_fail: bool) -> Sheet:
    """A Penilaian worksheet: titles above, headers in any order and spelling, merged cells; or a broken header."""
    headers = list(draw(st.permutations(HEADERS["Penilaian"])))
    optional = [one for one in headers if one not in REQUIRED]
    for absent in draw(st.sets(st.sampled_from(optional), max_size=2)):
        headers.remove(absent)
    is_broken = may_fail and draw(st.booleans())
    if is_broken:
        headers.remove(draw(st.sampled_from(REQUIRED)))
    shown: list[object] = [draw(st.sampled_from((one, *SYNONYMS[one]))) for one in headers]
    titles = draw(st.lists(st.tuples(ODD), max_size=3))
    order = [HEADERS["Penilaian"].index(one) for one in headers]
    extra = draw(st.booleans())
    rows = [
        [*(row[position] for position in order), *(["di luar kontrak"] if extra else [])]
        for row in draw(rows_of("Penilaian", 14))
    ]
    header_row_no = len(titles) + 1
    worksheet = worksheet_of("Penilaian", [*titles, [*shown, *(["Catatan kami"] if extra else [])], *rows])
    data = [one for one in worksheet.cells if one.row_no > header_row_no]
    if data and draw(st.integers(0, 3)) == 0:
        worksheet = merge(worksheet, draw(st.sampled_from(data)), draw(st.integers(2, 4)))
    columns = set(range(1, len(headers) + 1))
    return Sheet(worksheet, 0 if is_broken else count_rows(worksheet, header_row_no, columns))


@dataclass(frozen=True)
class Mess:
    """A district whose every worksheet is a mess, and the number of data rows that must be accounted for."""

    district: District
    row_count: int


@st.composite
def messes(draw: st.DrawFn, workbooks: int) -> Mess:
    codes = [f"W{number}" for number in range(workbooks)]
    sheets = {code: draw(answer_sheets(may_fail=number < workbooks // 3)) for number, code in enumerate(codes)}
    register = {"Instansi": [HEADERS["Instansi"], ("73.01", "Kabupaten Contoh", "Kabupaten", "Asia/Makassar")]}
    row_count = sum(sheet.row_count for sheet in sheets.values())
    worksheets = [worksheet_of(title, rows) for title, rows in register.items()]
    for title in JUDGED:
        rows = [(code, f"Dinas {code}", None, code.lower(), "Ya") for code in codes] if title == "OPD" else []
        worksheet = worksheet_of(title, [HEADERS[title], *rows, *draw(rows_of(title, 8))])
        row_count += count_rows(worksheet, 1, set(range(1, len(HEADERS[title]) + 1)))
        worksheets.append(worksheet)
    books = {code.lower(): Workbook(code.lower(), (sheet.worksheet,)) for code, sheet in sheets.items()}
    return Mess(District(books=books, register_book=Workbook("register", tuple(worksheets))), row_count)


def judged_rows(run: Nights) -> list[dict[str, Any]]:
    """Every judged row with its outcome and the places of its cells, derived again."""
    places = " UNION ALL ".join(
        f"SELECT '{name}' AS worksheet, w.content_no, w.row_no, "
        f"coalesce(w.{one.field}_place, column_letter(k.col_no) || w.row_no) AS place "
        f"FROM read.{table_of(name)} AS w "
        f"JOIN read.column AS k ON w.content_no = k.content_no AND k.field = '{one.field}' "
        f"WHERE w.{one.field} IS NOT NULL OR w.{one.field}_problem IS NOT NULL"
        for name in read_worksheets()
        for one in kept_fields(name)
    )
    with derived(run.settings.data_dir) as warehouse:
        return warehouse.rows(
            f"SELECT o.*, r.year, r.indicator_no, r.is_keyed_by_row, p.places FROM ({OUTCOMES}) AS o "
            f"LEFT JOIN judged.row AS r USING (suite, row_key) "
            f"LEFT JOIN (SELECT * EXCLUDE (place), list(place) AS places FROM ({places}) GROUP BY ALL) AS p "
            f"ON o.worksheet = p.worksheet AND o.content_no = p.content_no AND o.row_no = p.row_no"
        )


def names_row(line: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a finding is about a row: by its own place, by the others its message names, or (many) by its key."""
    if (line["workbook"], line["worksheet"]) != (row["workbook"], row["worksheet"]):
        return False
    others = re.findall(r"[A-Z]+([0-9]+)\b", line["message"].partition(" Juga di ")[2])
    same_key = line["year"] == row["year"] and line["indicator_no"] == row["indicator_no"]
    if line["cell"] in row["places"]:  # a cell merged over several rows is named by its top left place
        return True
    return line["row_no"] == row["row_no"] or str(row["row_no"]) in others or (len(others) >= 20 and same_key)


def check_findings(mart: Mart, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = mart.rows("FROM mart.rejected_row")
    for line in lines:
        assert re.fullmatch(r"[A-Z]{1,3}[1-9][0-9]*", line["cell"]), line
        assert line["cell"] in line["message"], line
        assert len(line["found"]) <= 80, line
        assert not re.search(r"[0-9]{9}", line["found"]), line
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line["message"]), line
    critical = [line for line in lines if line["severity"] == "critical"]
    for row in rows:
        if row["outcome"] == "rejected":
            assert any(names_row(line, row) for line in critical), row


def check_grains(mart: Mart) -> None:
    for table, grain in GRAINS.items():
        repeated = mart.rows(f"SELECT {grain}, count(*) FROM mart.{table} GROUP BY ALL HAVING count(*) > 1")
        assert repeated == [], table


def contents(mart: Mart) -> dict[str, list[str]]:
    """Every mart's rows but those about the run itself."""
    apart = {"index_snapshot": "EXCLUDE (run_id)", "indicator_snapshot": "EXCLUDE (fetched_at)"}
    return {
        table: sorted(map(repr, mart.rows(f"SELECT * {apart.get(table, '')} FROM mart.{table}")))
        for table in GRAINS
        if table != "run"
    }


def check(nights: Nights, mess: Mess) -> None:
    run = nights.fresh()
    first = run(mess.district)
    counts = first.outcome.counts
    rows = judged_rows(run)
    assert counts["rows_read"] == mess.row_count
    assert counts["rows_read"] == counts["rows_accepted"] + counts["rows_rejected"] + counts["rows_blank"]
    assert counts["rows_rejected"] == sum(row["outcome"] == "rejected" for row in rows)
    check_findings(first.mart, rows)
    check_grains(first.mart)
    again = run(mess.district)
    assert contents(again.mart) == contents(first.mart)
    assert again.outcome.counts["workbooks_read"] == 0
    run.close()


@settings(max_examples=6)
@given(mess=messes(WORKBOOKS))
def test_no_row_is_lost_whatever_the_workbooks_hold(run: Nights, mess: Mess) -> None:
    check(run, mess)


@pytest.mark.prove
@settings(max_examples=44)
@given(mess=messes(30))
def test_no_row_is_lost_in_a_thousand_workbooks(run: Nights, mess: Mess) -> None:
    check(run, mess)


FIGURES = ("123456789", "12345678901234567890", "1234567890123456789", "100", "0.0000000001", "9" * 9 + ".9999999999")


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_of_any_size_stops_nobody(run: Nights, figure: str) -> None:
    row = (2023, "Kabupaten Contoh", "Indeks", figure, "LHE")
    ran = run(District(targets=[(2025, figure, None)], published=[row], books={"a": penilaian()}, opd=[("A", "A")]))
    assert ran.outcome.counts["rows_read"] == 3
    assert ran.mart.values("SELECT DISTINCT cell FROM mart.rejected_row WHERE worksheet = 'Target'") == ["B2"]


@pytest.mark.parametrize(
    "text",
    ["\ud800", "3\udfff", "\x00"],
    ids=["first half", "second half", "nul"],
)
def test_text_that_is_no_unicode_stops_nobody(run: Nights, text: str) -> None:
    """A JSON answer can hold half a surrogate pair; an .xlsx can't."""
    ran = run(District(opd=[("A", "A", None, "a")], books={"a": penilaian((2025, 1, text, text, text, text, text))}))
    assert ran.outcome.counts["rows_rejected"] == 1
