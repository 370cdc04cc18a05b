"""What the report says of inventories, read back in a real browser, equals the published tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from browser import DESK, PHONE, Browser, check_page
from conftest import FOUR_OPD, NIGHT, District, Mart, Nights, answer, penilaian
from listed import books, district
from markupsafe import Markup
from test_inventory_rules import INITIATIVE, SERVICE, sheet

from spbe_etl.publishing import open_publication
from spbe_etl.report import Built, build_report, publish_report
from spbe_etl.report.facts import gather, institutions, standings
from spbe_etl.report.inventory import DOMAINS, Alike, Grouped, Inventory, by_worksheet
from spbe_etl.report.words import Speech, texts
from spbe_etl.resources import seed
from spbe_etl.warehouse import sql

SHOTS = Path(__file__).parents[1] / "build" / "report"
ROWS = """(selector) => [...document.querySelectorAll(selector + ' tbody tr')].map(row => [...row.cells].map(
    cell => [...cell.querySelectorAll('data')].map(one => one.value).concat(cell.innerText.trim())))"""
ITEMS = "(selector) => [...document.querySelectorAll(selector)].map(one => one.innerText)"


@dataclass(frozen=True)
class Shown:
    """A published report of one institution, and the tables that it's made from."""

    built: Built
    mart: Mart
    nights: Nights

    def page(self, opd: str = "") -> Path:
        (index,) = self.built.reports.values()
        return index.parent / "opd" / f"{opd}.html" if opd else index

    @property
    def inventory(self) -> Inventory:
        return inventory_of(self.nights)


def inventory_of(run: Nights) -> Inventory:
    with open_publication(run.settings.published_path) as publication:
        (one,) = institutions(publication)
        (told,) = standings(publication).values()
        return gather(publication, one, told).inventory


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    run = Nights(tmp_path_factory.mktemp("listed"))
    run(district(books=books(1)), night=NIGHT - timedelta(days=1))
    ran = run(district(books=books(2)))
    yield Shown(publish_report(run.settings.published_dir, "id"), ran.mart, run)
    run.close()


def told(path: Path) -> str:
    """What a page says, without its marks and line breaks."""
    return " ".join(Markup(path.read_text()).striptags().split())


def test_every_page_is_right_in_a_browser(shown: Shown, browser: Browser, tmp_path: Path) -> None:
    """In both languages: nothing sticks out, axe-core finds nothing, and a cell's markup is text."""
    english = build_report(shown.nights.settings.published_path, tmp_path, "en")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in (shown.page(), *(shown.page(opd) for opd in "ABC"), *english.reports.values()):
        for width in (PHONE, DESK):
            check_page(browser, path, width)
            with browser.open(path, width) as page:
                (SHOTS / f"inventory-{path.stem}-{width}.png").write_bytes(page.screenshot())
                foreign = page.evaluate("document.querySelectorAll('main script, main img').length")
            assert foreign == 0, path


def test_coverage_is_that_of_the_tables(shown: Shown, browser: Browser) -> None:
    rows = shown.mart.rows("FROM mart.architecture_coverage")
    with browser.open(shown.page(), PHONE) as page:
        domains = page.evaluate(f"({ROWS})('#tabel-domain')")
        coverage = page.evaluate(f"({ROWS})('#tabel-cakupan')")
        looks = page.evaluate("[...document.querySelectorAll('#tabel-cakupan td')].map(one => one.className)")
        heads = page.evaluate("[...document.querySelectorAll('#tabel-cakupan th')].map(one => one.scope)")
    summed = shown.mart.rows(
        "SELECT domain, sum(listed_count) AS listed, sum(complete_count) AS complete, sum(coded_count) AS coded, "
        "sum(linked_count) AS linked FROM mart.architecture_coverage GROUP BY ALL"
    )
    expected = {row["domain"]: [row[name] for name in ("listed", "complete", "coded", "linked")] for row in summed}
    assert [[figure(cell) for cell in cells[1:]] for cells in domains] == [
        expected[domain] if expected[domain][0] else [0, None, None, None] for domain in DOMAINS
    ]
    by_opd = {(row["opd_code"], row["domain"]): row for row in rows}
    assert [cells[0][-1] for cells in coverage] == ["B", "A"], "those that list most first; C lists nothing"
    shares = []
    for code, *cells in coverage:
        for domain, cell in zip(DOMAINS, cells, strict=True):
            row = by_opd[(code[-1], domain)]
            text = cell[-1].split()
            assert int(text[0]) == row["listed_count"]
            shares.append(row["complete_pct"])
            assert text[1:] == ([] if row["complete_pct"] is None else [f"{int(row['complete_pct'])}%"])
    assert looks == ["soft" if share is None else f"l{min(5, int(share) // 20 + 1)}" for share in shares]
    assert set(heads) == {"col", "row"}
    assert "1 OPD belum mencatat apa pun: C" in told(shown.page())


def figure(cell: Sequence[str]) -> int | None:
    text = cell[-1].split()[0]
    return None if text == "–" else int(text)


def test_who_shares_data_and_what_changed_is_told(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page(), DESK) as page:
        sharing = page.evaluate(f"({ROWS})('#tabel-berbagi')")
        nights = page.evaluate(f"({ROWS})('#tabel-berubah')")
        heads = page.evaluate(f"({ITEMS})('#tabel-berubah th')")
    assert [[cell[-1] for cell in cells] for cells in sharing] == [["A", "B", "1", "1", "1"]]
    assert "1 OPD belum berbagi data dengan OPD lain: C" in told(shown.page())
    changed = shown.mart.rows(
        "SELECT snapshot_on, change_kind, count(*) AS n FROM mart.inventory_change GROUP BY ALL ORDER BY ALL"
    )
    kinds = ["new", "retired"]
    assert {row["change_kind"] for row in changed} == set(kinds)
    assert heads[1:] == [texts("id")[f"object_{kind}"] for kind in kinds]
    counts = {(row["snapshot_on"], row["change_kind"]): row["n"] for row in changed}
    assert [[int(cell[-1]) for cell in cells[1:]] for cells in nights] == [
        [counts.get((night, kind), 0) for kind in kinds] for night in (NIGHT, NIGHT - timedelta(days=1))
    ]
    (gone,) = shown.inventory.changes
    assert (gone["object_id"], gone["change_kind"]) == ("APL-09", "retired"), (
        "the first night's are counted, not listed"
    )


def test_facts_stand_beside_claims(shown: Shown, browser: Browser) -> None:
    facts = {(row["indicator_no"], row["fact_code"]): row for row in shown.mart.rows("FROM mart.indicator_fact")}
    with browser.open(shown.page(), DESK) as page:
        rows = page.evaluate(f"({ROWS})('#tabel-fakta')")
    order = [row["finding"] for row in shown.inventory.facts]
    assert order == sorted(order, key=["claim_above", "claim_below", "no_claim", "agrees", "no_data"].index)
    assert {"claim_above", "claim_below", "no_claim"} <= set(order)
    assert len(rows) == len(facts)
    for cells, row in zip(rows, shown.inventory.facts, strict=True):
        known = facts[(row["indicator_no"], row["fact_code"])]
        indicator, fact, supported, claimed, opd = cells
        assert indicator[-1].startswith(f"{known['indicator_no']} ")
        assert f"{known['fact_name']}: {known['part_count']} dari {known['whole_count']}" in fact[-1]
        assert fact[-1].endswith(texts("id")[f"finding_{known['finding']}"])
        assert supported[:-1] == ([] if known["supported_level"] is None else [str(known["supported_level"])])
        assert supported[-1].startswith("≥") == (known["supported_level"] == known["telling_level"])
        assert [Decimal(one) for one in claimed[:-1]] == [score for score in [known["claimed_score"]] if score]
        assert opd[-1] == (known["opd_code"] or "belum ada pengampu")
    page_text = told(shown.page())
    assert "tidak pernah mengubah nilai" in page_text
    assert "1 dari 3 OPD belum mencatat apa pun, jadi fakta" in page_text


def test_a_facts_name_is_that_of_its_seed() -> None:
    assert {row["fact_code"]: row["fact_name"] for row in seed("fact")} == {
        name.removeprefix("fact_"): text for name, text in texts("id").items() if name.startswith("fact_")
    }


def test_the_roadmap_stands_beside_the_path(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page(), DESK) as page:
        planned = page.evaluate(f"({ROWS})('.tabel-rencana')")
        contents = page.evaluate(f"({ROWS})('#tabel-muatan')")
        steps = page.evaluate(f"({ROWS})('#tabel-belum-direncanakan')")
        idle = page.evaluate(f"({ROWS})('#tabel-diam')")
        prices = page.evaluate(f"({ROWS})('#tabel-harga')")
    index = shown.mart.rows("FROM mart.roadmap_index ORDER BY year")
    assert [row["year"] for row in index] == [2026, 2027]
    for cells, row in zip(planned, index, strict=True):
        assert int(cells[0][-1]) == row["year"]
        assert Decimal(cells[1][0]) == row["index_value"]
        assert cells[1][-1].endswith(row["predicate"])
        gap = [] if row["target_index"] is None else [row["target_index"], row["target_index"] - row["index_value"]]
        assert [Decimal(one) for one in cells[2][:-1]] == gap
        assert int(cells[3][-1]) == row["initiative_count"]
        assert Decimal(cells[4][0]) == row["budget"]
    known = {row["content_name"]: row for row in shown.mart.rows("FROM mart.roadmap_alignment")}
    assert len(contents) == len(known) == 7
    for name, *cells in contents:
        row = known[name[-1]]
        if row["is_covered"]:
            counts = [row["initiative_count"], row["opd_count"], row["consulted_count"]]
            assert [int(cell[-1]) for cell in cells[:3]] == counts
            assert [Decimal(one) for one in cells[3][:-1]] == ([] if row["budget"] is None else [row["budget"]])
        else:
            assert [cell[-1] for cell in cells] == ["belum ada"]
    uncovered = shown.mart.rows("FROM mart.roadmap_step WHERE NOT is_covered ORDER BY step_no")
    points = {row["step_no"]: row["points"] for row in shown.mart.rows("FROM mart.target_step")}
    assert [(int(no[-1]), Decimal(score[1]), opd[-1], Decimal(gain[0])) for no, score, opd, gain in steps] == [
        (row["step_no"], row["to_score"], row["opd_code"] or "belum ada pengampu", points[row["step_no"]])
        for row in uncovered
    ]
    effects = shown.mart.rows("FROM mart.initiative_effect")
    reasons = {row["object_name"][:20]: row["reason"] for row in effects if not row["moves_indicator"]}
    assert set(reasons.values()) == {"no_target", "reached", "no_indicator"}
    assert {cells[0][-1][:20].removesuffix(" A"): cells[1][-1] for cells in idle} == {
        name: texts("id")[f"idle_{reason}"] for name, reason in reasons.items()
    }
    assert [Decimal(cells[2][0]) for cells in prices] == sorted(
        row["budget_per_point"] for row in effects if row["budget_per_point"] is not None
    )


def test_applications_alike_are_told_by_group(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page(), DESK) as page:
        (group,) = page.evaluate(f"({ITEMS})('#kembar .alike > li')")
        named = page.evaluate(f"({ITEMS})('#kembar .cell')")
    (pair,) = shown.mart.rows("FROM mart.application_overlap")
    assert group.startswith("SIPD Penatausahaan di 2 OPD")
    assert "A/APL-01, B/APL-01" in group
    assert pair["reason"] in group
    (command,) = named
    assert command.split() == [
        "spbe-etl", "inventory", "overlaps", "--decide", "BPKAD/APL-01", "DINKES/APL-07", "same"
    ]  # fmt: skip


PAIRS = """
    CREATE SCHEMA mart;
    CREATE TABLE mart.application_overlap AS
    SELECT '1' AS institution_code, x.* FROM (VALUES
        (1, 'A', 'A', '1', 'SIPD', 'B', 'B', '1', 'Aplikasi SIPD', CAST(90.5 AS DECIMAL(5, 2)), 'nama mirip', 'same'),
        (1, 'A', 'A', '1', 'SIPD', 'C', 'L', '7', 'SIPD', CAST(99 AS DECIMAL(5, 2)), 'nama sama', NULL),
        (2, 'A', 'A', '2', 'Surat', 'B', 'B', '2', 'e-Surat', CAST(80 AS DECIMAL(5, 2)), 'fungsi mirip', 'same'),
        (NULL, 'A', 'A', '3', 'Antri', 'B', 'B', '3', 'Antri', CAST(100 AS DECIMAL(5, 2)), 'nama sama', 'different')
    ) AS x(group_no, opd_code_a, listed_by_a, object_id_a, object_name_a, opd_code_b, listed_by_b, object_id_b, object_name_b, score, reason, decision)
"""  # noqa: E501


def test_decisions_are_heard_and_the_likest_come_first() -> None:
    with duckdb.connect() as connection:
        connection.execute(PAIRS)
        cursor = connection.execute(sql("report/overlap"), {"institution": "1"})
        names = [column[0] for column in cursor.description or ()]
        groups = [Alike(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    assert [(one.name, one["opd_count"], one.decision, one["reason"]) for one in groups] == [
        ("SIPD", 3, "partly", "nama sama"),
        ("Surat", 2, "same", "fungsi mirip"),
    ]
    assert [(one["listed_by"], one["object_id"]) for one in groups[0]["members"]] == [
        ("A", "1"),
        ("B", "1"),
        ("L", "7"),
    ]
    assert (groups[0]["least_score"], groups[0]["score"]) == (Decimal("90.5"), 99)


def test_an_opds_part_of_a_fact_adds_up_to_it(shown: Shown) -> None:
    """What the query counts by OPD is what the night counts for the institution."""
    whole = {row["fact_code"]: (row["part_count"], row["whole_count"]) for row in shown.inventory.facts}
    counted: dict[str, tuple[int, int]] = {}
    for row in shown.inventory.opd_facts:
        part, of = counted.get(row["fact_code"], (0, 0))
        counted[row["fact_code"]] = (part + row["part_count"], of + row["whole_count"])
    assert len(counted) == 5
    assert counted == {code: whole[code] for code in counted}
    assert any(0 < part < of for part, of in counted.values())


def test_an_opd_sees_its_own_part(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page("A"), DESK) as page:
        domains = page.evaluate(f"({ROWS})('#tabel-domain')")
        initiatives = page.evaluate(f"({ROWS})('#tabel-inisiatif')")
        alike = page.evaluate(f"({ITEMS})('#ekosistem .alike > li')")
    rows = {row["domain"]: row for row in shown.mart.rows("FROM mart.architecture_coverage WHERE opd_code = 'A'")}
    assert [[figure(cell) for cell in cells[1:]] for cells in domains] == [
        [rows[domain][f"{name}_count"] for name in ("listed", "complete", "coded", "linked")] for domain in DOMAINS
    ]
    gains = sorted(row["points_gained"] for row in shown.mart.rows("FROM mart.initiative_effect"))
    assert sorted(Decimal(cells[1][0]) for cells in initiatives) == gains
    assert len(alike) == 1
    assert "Aplikasi dengan dokumen siklus pembangunan: 1 dari 2" in told(shown.page("A"))
    assert "OPD yang mencatat kegiatan keamanan: OPD ini belum." in told(shown.page("B"))
    assert "OPD ini belum mengisi data ekosistem" in told(shown.page("C"))
    assert "ekosistem" not in told(shown.page("X")), "who's gone isn't asked"
    text = shown.page("A").with_suffix(".txt").read_text()
    assert "- Aplikasi: tercatat 2, lengkap 2, berkode 1, terhubung 2" in text
    assert "- Pusat data: +" in text
    assert "SIPD Penatausahaan: A/APL-01, B/APL-01" in text


def test_findings_of_inventories_come_after_and_together(shown: Shown, browser: Browser) -> None:
    """A column that's left empty in twenty rows is one thing to do, and each cell is counted."""
    with browser.open(shown.page("B"), DESK) as page:
        heads = page.evaluate(f"({ITEMS})('#perbaiki h3')")
        items = page.evaluate(f"({ITEMS})('#perbaiki .fix > li')")
    findings = shown.mart.rows(
        "FROM mart.rejected_row WHERE opd_code = 'B' AND worksheet = 'Aplikasi' AND resolved_on IS NULL"
    )
    assert len(findings) == 20 * 7
    assert heads == [f"Temuan pada lembar Aplikasi: {len(findings)}"]
    assert len(items) == 7
    empty = [row["cell"] for row in findings if row["column_name"] == "Fungsi"]
    (item,) = (item for item in items if "kolom Fungsi belum diisi" in item)
    assert all(cell in item for cell in empty[:13])
    assert empty[13] not in item
    assert "dan 7 lagi." in item
    rejected = told(shown.page("A"))
    assert (
        rejected.index("Yang perlu diperbaiki") < rejected.index("baris ini belum tercatat") < rejected.index("Jawaban")
    )
    assert "Tidak ada baris yang ditolak" not in rejected


def test_only_what_is_said_alike_is_put_together() -> None:
    def finding(cell: str, message: str, worksheet: str = "Aplikasi") -> dict[str, Any]:
        return {"worksheet": worksheet, "cell": cell, "message": f"Sel {cell}: {message}"}

    grouped = by_worksheet(
        [
            finding("A2", "kosong."),
            finding("A3", '"APL-9" tidak ditemukan.'),
            finding("A4", "kosong."),
            finding("D2", "kosong.", "Penilaian"),
            finding("B2", "kosong.", "Layanan"),
        ]
    )
    assert list(grouped) == ["Layanan", "Aplikasi"]
    assert [one.cells for one in grouped["Aplikasi"]] == [["A2", "A4"], ["A3"]]
    assert Grouped({}, [f"A{no}" for no in range(2, 40)]).others == [f"A{no}" for no in range(3, 15)]


NOTHING = ("id=tabel", 'id="kembar"', 'id="fakta"', 'id="rencana"')


def test_where_nothing_is_listed_one_sentence_says_so(run: Nights, browser: Browser) -> None:
    run(district(books={name: penilaian(answer(2025, 16, 3)) for name in "abcx"}))
    built = publish_report(run.settings.published_dir, "id")
    (index,) = built.reports.values()
    page = index.read_text()
    assert page.count(texts("id")["nothing_listed"]) == 1
    assert [name for name in NOTHING if name in page] == []
    assert "None" not in told(index)
    check_page(browser, index, PHONE)


def test_what_is_missing_is_said_where_it_would_stand(run: Nights, browser: Browser) -> None:
    """Architecture without a roadmap, and one without the other."""
    empty = {name: penilaian() for name in "abcx"}
    listed = district(books=empty | {"a": {**penilaian(answer(2025, 16, 3)), "Layanan": sheet("Layanan", [SERVICE])}})
    cancelled = sheet("Peta Rencana", [{**INITIATIVE, "Status": "Batal"}])
    planned = District(
        "2",
        opd=FOUR_OPD,
        carriers=[("pemdi-2026", 13, "A", None)],
        books=empty | {"a": {**penilaian(answer(2026, 13, 1)), "Peta Rencana": cancelled}},
    )
    for institution, said, unsaid in (
        (listed, ("no_roadmap", "no_applications", "no_sharing"), ("no_architecture", "nothing_listed")),
        (planned, ("no_architecture", "no_planned", "no_applications", "no_prices"), ("no_roadmap", "nothing_listed")),
    ):
        fresh = run.fresh()
        fresh(institution)
        (index,) = publish_report(fresh.settings.published_dir, "id").reports.values()
        assert [name for name in said if texts("id")[name] not in told(index)] == []
        assert [name for name in unsaid if texts("id")[name] in told(index)] == []
        check_page(browser, index, PHONE)
        fresh.close()


def test_money_and_shares_in_words() -> None:
    say = Speech("id")
    assert say.money(Decimal("1500000000.00")) == '<data value="1500000000.00">Rp1,5 miliar</data>'
    assert say.money(Decimal("999.00")) == '<data value="999.00">Rp999</data>'
    assert say.money(Decimal(100)) == '<data value="100">Rp100</data>'
    assert say.money(Decimal("12000")) == '<data value="12000">Rp12 ribu</data>'
    assert say.money(Decimal("999999.99")) == '<data value="999999.99">Rp1 juta</data>'
    assert Speech("en").money(Decimal("2345678901234567")) == '<data value="2345678901234567">Rp2345.68 trillion</data>'
    assert "–" in say.money(None)
