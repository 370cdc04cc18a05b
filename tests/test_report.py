"""The report as people see it, in a real browser: its figures are those of the tables, whatever cells hold."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from browser import DESK, PHONE, Browser, check_page
from conftest import NIGHT, OFFICIAL, District, FakeSource, Mart, Nights, answer, ask_command, penilaian
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from spbe_etl import report
from spbe_etl.display import number
from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.publishing import Publication, open_publication
from spbe_etl.report import LANGUAGES, Built, build_report, publish_report
from spbe_etl.report.facts import Facts, Opd, gather, institutions, standings
from spbe_etl.report.inventory import CHANGES, DOMAINS
from spbe_etl.report.overview import _placed
from spbe_etl.report.pages import heats, quality
from spbe_etl.report.printing import find_chromium, print_pdf
from spbe_etl.report.words import Speech, code, file_name, plain, spreadsheet_address, texts
from spbe_etl.resources import seed
from spbe_etl.rollback import roll_back
from spbe_etl.sample import write_sample
from spbe_etl.versions import place_report, prune, version_folder, versions
from spbe_etl.warehouse import sql

SELAYAR = "73.01"
SHEET = "1AbC_dEfGhIjKlMnOpQrStUvWxYz-0123456789abcdef"
MOST_BYTES, MOST_PRINTED = 200_000, 12
FILTER = """(() => {
    const form = document.forms[0];
    form.elements.nama.value = 'SELAYAR';
    form.dispatchEvent(new Event('input', {bubbles: true}));
})()"""
LEFT = "[...document.querySelectorAll('#tabel-instansi tbody tr')].filter(row => !row.hidden).map(row => row.innerText)"
SHOTS = Path(__file__).parents[1] / "build" / "report"
CELLS = """(selector) => [...document.querySelectorAll(selector + ' tbody tr')].map(row =>
    [...row.cells].map(cell => [...cell.querySelectorAll('data')].map(one => one.value).concat(cell.innerText)))"""


@dataclass(frozen=True)
class Shown:
    """A published report, the tables that it's made from, and where its data are."""

    built: Built
    mart: Mart
    nights: Nights

    def page(self, institution: str = SELAYAR, opd: str = "") -> Path:
        folder = self.built.reports[institution].parent
        return folder / "opd" / f"{opd}.html" if opd else folder / "index.html"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, module_run: Nights) -> Shown:
    """The sample over two nights; in between an OPD mends a row and another raises a score."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    module_run(folder, night=NIGHT - timedelta(days=1))
    _type(folder / "selayar" / "bpkad.xlsx", "D18", 3)
    _raise(folder / "selayar" / "bag-org.xlsx", 2026)
    ran = module_run(folder)
    return Shown(publish_report(module_run.settings.published_dir, "id"), ran.mart, module_run)


def test_every_page_is_right_in_a_browser(shown: Shown, browser: Browser) -> None:
    """No console error, no request, nothing that sticks out, axe-core finds nothing; the pictures are kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    pages = [
        shown.built.overview,
        shown.page(),
        shown.page("18.71"),
        shown.page(opd="BPKAD"),
        shown.page(opd="DISKOMINFO"),
    ]
    for path in pages:
        for width in (PHONE, DESK):
            check_page(browser, path, width)
            with browser.open(path, width) as page:
                (SHOTS / f"{path.parent.name}-{path.stem}-{width}.png").write_bytes(page.screenshot())
        with browser.open(path, DESK, "print") as page:
            assert page.pdf().page_count <= MOST_PRINTED, path
    assert max(path.stat().st_size for path in shown.built.overview.parent.rglob("*.html")) < MOST_BYTES


def test_figures_are_those_of_the_tables(shown: Shown, browser: Browser) -> None:
    """Read back from the page: exact in `data`, rounded once in the text."""
    standing = shown.mart.row(
        "SELECT * FROM mart.index_trend "
        "SEMI JOIN (FROM mart.path WHERE plan = 'target') USING (institution_code, year, stage) "
        "SEMI JOIN mart.institution USING (institution_code, snapshot_on) WHERE institution_code = ?",
        [SELAYAR],
    )
    steps = shown.mart.rows("FROM mart.target_step WHERE institution_code = ? ORDER BY step_no", [SELAYAR])
    blockers = shown.mart.rows("FROM mart.opd_blocker WHERE institution_code = ?", [SELAYAR])
    with browser.open(shown.page(), DESK) as page:
        index = page.evaluate("document.querySelector('.index data').value")
        gaps = page.evaluate("[...document.querySelectorAll('.lead data')].map(one => one.value)")
        rows = page.evaluate(f"({CELLS})('#tabel-jalur')")
        next_five = page.evaluate("[...document.querySelectorAll('#langkah li')].map(one => one.innerText)")
        held = page.evaluate(f"({CELLS})('.tabel-penahan')")
    assert Decimal(index) == standing["index_value"]
    assert [Decimal(gap) for gap in gaps[:2]] == [standing["gap_to_target"], standing["target_index"]]
    assert len(rows) == len(steps)
    for cells, step in zip(rows, steps, strict=True):
        no, indicator, opd, points, after = cells
        assert no[-1] == str(step["step_no"])
        assert [Decimal(one) for one in indicator[:2]] == [step["from_score"], step["to_score"]]
        assert indicator[-1].startswith(step["indicator_no"])
        assert opd[-1] == step["opd_code"]
        assert Decimal(points[0]) == step["points"]
        assert points[1] == f"+{number(step['points'])}"
        assert (Decimal(after[0]), after[1]) == (step["index_after"], number(step["index_after"]))
    for told, step in zip(next_five, steps[:5], strict=True):
        assert f"+{number(step['points'])}" in told
        assert step["opd_code"] in told
    known = {(one["opd_code"], one["points_blocked"], one["points_together"]) for one in blockers}
    assert {(opd[-1], Decimal(alone[0]), Decimal(together[0])) for opd, _, alone, together in held} <= known
    assert len(held) == min(15, len(blockers))


def test_opd_page_says_what_the_tables_say(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page(opd="DISPERINDAG"), PHONE) as page:
        fixes = page.evaluate(
            "[...document.querySelectorAll('#perbaiki > .fix:first-of-type > li')].map(one => one.innerText)"
        )
        answers = page.evaluate(f"({CELLS})('.tabel-jawaban')")
    findings = shown.mart.rows(
        "FROM mart.rejected_row WHERE institution_code = ? AND opd_code = 'DISPERINDAG' AND resolved_on IS NULL "
        "AND severity = 'critical' AND worksheet = 'Penilaian' ORDER BY row_no",
        [SELAYAR],
    )
    assert len(findings) == 2
    for told, finding in zip(fixes, findings, strict=True):
        assert finding["cell"] in told
        assert finding["message"] in told
    own = shown.mart.rows(
        "FROM mart.opd_answer WHERE institution_code = ? AND opd_code = 'DISPERINDAG' AND year >= 2025", [SELAYAR]
    )
    assert len(answers) == len(own)
    assert sorted(Decimal(cells[1][0]) for cells in answers if len(cells[1]) > 1) == sorted(
        row["score"] for row in own if row["score"] is not None
    )


def test_plain_text_has_no_marks(shown: Shown, tmp_path: Path) -> None:
    built = build_report(shown.nights.settings.published_path, tmp_path, "en", SELAYAR)
    texts = "".join(path.read_text() for path in built.reports[SELAYAR].parent.glob("opd/*.txt"))
    assert "WHAT ISN'T ANSWERED YET" in texts
    assert "&" not in texts
    assert "<" not in texts


def test_opd_text_says_the_same(shown: Shown) -> None:
    text = shown.page(opd="DISPERINDAG").with_suffix(".txt").read_text()
    (finding, *_) = shown.mart.values(
        "SELECT message FROM mart.rejected_row WHERE opd_code = 'DISPERINDAG' AND resolved_on IS NULL"
    )
    assert finding in text


HEAT = """(() => {
    const shown = [...document.querySelectorAll('.heat')].map(table => ({
        rows: [...table.tBodies[0].rows].map(row => row.getBoundingClientRect().height),
        heads: [...table.querySelectorAll('thead .i span')]
            .filter(one => one.checkVisibility({visibilityProperty: true}))
            .map(one => one.getBoundingClientRect()).map(({left, right}) => [left, right]),
    }));
    return shown;
})()"""


def test_a_heat_map_is_readable_on_a_phone(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.page(), PHONE) as page:
        heats = page.evaluate(HEAT)
    assert len(heats) == 2
    for heat in heats:
        assert max(heat["rows"]) < 20, "a code breaks into lines"
        assert len(heat["heads"]) >= 9
        overlaps = [(a, b) for (_, a), (b, _) in pairwise(heat["heads"]) if a > b + 1]
        assert overlaps == []


def test_what_moved_is_told(shown: Shown, browser: Browser) -> None:
    moved = shown.mart.rows(
        "SELECT c.* FROM mart.index_change AS c SEMI JOIN (FROM mart.path WHERE plan = 'target') AS p "
        "USING (institution_code, year, stage) WHERE institution_code = ?",
        [SELAYAR],
    )
    with browser.open(shown.page(), DESK) as page:
        rows = page.evaluate(f"({CELLS})('#perjalanan')")
    assert len(rows) == len(moved) > 0
    assert sorted(Decimal(cells[-1][0]) for cells in rows) == sorted(row["points"] for row in moved)


def test_all_links_lead_somewhere(shown: Shown, browser: Browser) -> None:
    for path in (shown.built.overview, shown.page(), shown.page(opd="BPKAD")):
        with browser.open(path, DESK) as page:
            links = page.evaluate("[...document.links].map(one => decodeURIComponent(new URL(one.href).pathname))")
            anchors = page.evaluate(
                "[...document.links].map(one => one.hash).filter(one => one && !document.querySelector(one))"
            )
        assert anchors == []
        assert [link for link in links if not Path(link).is_file()] == []


def test_overview_filters_without_a_server(shown: Shown, browser: Browser) -> None:
    with browser.open(shown.built.overview, DESK) as page:
        page.evaluate(FILTER)
        left = page.evaluate(LEFT)
    assert len(left) == 1
    assert "Kabupaten Kepulauan Selayar" in left[0]


HOSTILE_NAME = (
    "<script>alert(1)</script><svg onload=alert(2)> \"'&lt; {{ 7*7 }} $about \u202eterbalik\u202c \U0001f600 "
    + "x" * 10_000
)
HOSTILE_CODES = (
    "../../KELUAR",
    '"><img src=x onerror=alert(3)>',
    "A/B %2e#?",
    "\u202eABC\U0001f600",
    "K" * 300,
    "index.html",
    "CON.",
)


def test_hostile_cells_stay_text(run: Nights, browser: Browser) -> None:
    """Script, SVG, long words, right-to-left marks, emoji and 10,000 characters in every cell that a page shows."""
    books = {
        f"buku{place}": penilaian(
            *(
                (
                    2025,
                    str(no),
                    HOSTILE_NAME,
                    "<img src=x onerror=alert(4)>" if no == 2 else 3,
                    HOSTILE_NAME,
                    None,
                    None,
                )
                for no in range(1, 6)
            )
        )
        for place, _ in enumerate(HOSTILE_CODES)
    }
    district = District(
        code="73/../01<i>",
        name=HOSTILE_NAME,
        opd=[(opd, HOSTILE_NAME, "Dinas", f"buku{place}", "Ya") for place, opd in enumerate(HOSTILE_CODES)],
        carriers=[("spbe-2020", str(no), HOSTILE_CODES[no % len(HOSTILE_CODES)], "SEMUA") for no in range(1, 48)],
        targets=[(2025, "2,6", HOSTILE_NAME)],
        books=books,
    )
    mart = run(district).mart
    built = publish_report(run.settings.published_dir, "id")
    (report,) = built.reports.values()
    pages = [built.overview, report, *sorted(report.parent.glob("opd/*.html"))]
    published = (run.settings.published_dir / "report").resolve()
    assert all(path.resolve().is_relative_to(published) for path in pages)
    assert len(pages) == 2 + len(mart.rows("SELECT DISTINCT opd_code FROM mart.opd_snapshot"))
    for path in pages[:5]:
        check_page(browser, path, PHONE)
    for path in pages:
        with browser.open(path, DESK) as page:
            foreign = page.evaluate(
                "document.querySelectorAll('main script, header script, img, svg [onload], i > i').length"
            )
            assert (foreign, page.overflow(), page.errors()) == (0, [], []), path.name
            assert "alert(1)" in page.evaluate("document.body.innerText + document.title"), path.name


def test_a_chart_survives_any_text() -> None:
    """In a process of its own: what isn't XML would end the one that draws, without an exception."""
    script = (
        "from spbe_etl.report.drawing import draw\n"
        "bar = {'key': 'a\\x01', 'name': 'Dinas\\x0b\\x1b\\ufffe\\ud800 A', 'value': 0, 'label': '0'}\n"
        "bar |= {'shade': 'strong', 'average': None}\n"
        "axis = {'domain': [0, 0], 'title': 'poin', 'format': '.2f', 'from': 0}\n"
        "print('Dinas' in draw('bars', 'id', 'batang', values=[bar], **axis))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-500:]


def test_every_page_allows_nothing_but_its_own(shown: Shown) -> None:
    """Should markup ever get in, the page's policy still keeps it from running or asking for anything."""
    for path in shown.built.overview.parent.rglob("*.html"):
        (policy,) = re.findall('http-equiv="Content-Security-Policy" content="(.*?)"', path.read_text())
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;"), path
        assert ("script-src 'sha256-" in policy) is (path == shown.built.overview), path


def facts_of(shown: Shown, institution: str) -> Facts:
    with open_publication(shown.nights.settings.published_path) as publication:
        (one,) = institutions(publication, institution)
        return gather(publication, one, standings(publication, institution)[institution])


def test_charts_and_counts_are_those_of_the_tables(shown: Shown) -> None:
    """What no `data` element holds: labels of charts, averages, squares of the heat map, data quality."""
    facts, page = facts_of(shown, SELAYAR), shown.page().read_text()
    estimate = facts.standing
    assert f">{number(estimate['low'])} – {number(estimate['high'])}<" in page
    held = shown.mart.row(
        "SELECT opd_code, sum(points_together) AS points FROM mart.opd_blocker WHERE institution_code = ? "
        "AND year = 2025 GROUP BY ALL ORDER BY points DESC LIMIT 1",
        [SELAYAR],
    )
    assert f">+{number(held['points'], 4)}<" in page
    averages = shown.mart.rows(
        "SELECT part, kind_average FROM mart.comparison "
        "WHERE institution_code = ? AND year = ? AND part LIKE 'Domain%'",
        [SELAYAR, facts.compared[0]["year"]],
    )
    compared = {row["part"]: row["kind_average"] for row in facts.compared}
    assert averages
    assert all(compared[row["part"]] == row["kind_average"] for row in averages)
    for heat in heats(facts):
        own = {(row["opd_code"], row["indicator_no"]): row for row in facts.answers if row["year"] == heat["year"]}
        drawn = {
            (row["code"], no): cell["text"]
            for row in heat["rows"]
            for no, cell in zip(heat["indicators"], row["cells"], strict=True)
            if cell
        }
        assert drawn.keys() == own.keys()
        assert all(drawn[at] == str(int(row["score"])) for at, row in own.items() if row["answer"] == "accepted")
    (critical,) = shown.mart.values(
        "SELECT count(*) FROM mart.rejected_row WHERE institution_code = ? AND resolved_on IS NULL "
        "AND severity = 'critical'",
        [SELAYAR],
    )
    told = quality(facts)
    assert (told["critical"], told["critical"] + told["warnings"]) == (critical, len(facts.findings))
    assert sum(rule["count"] for rule in told["rules"]) == len(facts.findings)


def test_without_a_path_the_best_single_levels_come_first(odd: Shown) -> None:
    worth = [
        row["points"] / row["cost"]
        for row in odd.mart.rows(
            "SELECT * FROM mart.step_option WHERE institution_code = '2' AND cost > 0 "
            "QUALIFY row_number() OVER (PARTITION BY indicator_no ORDER BY to_level) = 1"
        )
    ]
    shown_worth = [row["points"] / row["cost"] for row in facts_of(odd, "2").next_steps]
    assert shown_worth == sorted(worth, reverse=True)[:5]


def told(path: Path) -> str:
    """What a page says, without its marks and line breaks."""
    return " ".join(Markup(path.read_text()).striptags().split())


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Two institutions over two nights: one with Pemdi's external indicators, one final and a night behind."""
    run = Nights(tmp_path_factory.mktemp("odd"))
    pemdi = District(
        code="1",
        opd=[("A", "Dinas A", "Dinas", "a", "Ya"), ("X", "Dinas Lama", "Dinas", "x", "Tidak")],
        carriers=[("pemdi-2026", no, "A", None) for no in range(1, 20)] + [("pemdi-2026", 20, "X", None)],
        targets=[(2026, "1,2", None)],
        books={
            "a": penilaian(*(answer(2026, no, 1) for no in (1, 2, 3))),
            "x": penilaian(answer(2026, 20, 2)),
        },
    )
    final = District(code="2", opd=(), verdicts=[(2022, no, OFFICIAL, 2, None, None, None) for no in range(1, 48)])
    run(FakeSource([pemdi, final]))
    ran = run(FakeSource([pemdi], failing=["1"]), night=NIGHT + timedelta(days=1))
    built = publish_report(run.settings.published_dir, "id")
    yield Shown(built, ran.mart, run)
    run.close()


def test_an_opd_is_not_asked_for_another_agencys_score(odd: Shown) -> None:
    text = odd.page("1", "A").with_suffix(".txt").read_text()
    assert "2026, 4 " in text
    for external in ("5", "6", "7", "18"):
        assert f"2026, {external} " not in text
    assert "Menunggu indeks lembaga lain: indikator 5, 6, 7, 18" in told(odd.page("1"))
    assert set(odd.mart.values("SELECT indicator_no FROM mart.opd_answer WHERE answer = 'external'")) == {
        "5", "6", "7", "18"
    }  # fmt: skip


def test_what_is_missing_is_said_as_it_is(odd: Shown) -> None:
    page, final = told(odd.page("1")), told(odd.page("2"))
    assert "None" not in told(odd.page("1", "X")), "an inactive OPD has no place"
    assert "Lima langkah" not in page, "there are fewer"
    assert "Biru tua: domain" not in page, "Pemdi has none"
    assert "Biru tua: domain" in final
    assert "register: rusak." in page
    assert "belum ada pengampu: register" not in page
    assert "Tidak ada nilai yang berubah" not in final, "one night is on record"
    assert "Perkiraan hasil resmi" not in final, "it's there"
    assert "sudah final" in final
    assert "Yang harus dikerjakan tiap OPD" not in final
    assert 'aria-label="Skala indeks: kini 1,' in odd.page("1").read_text()
    overview = told(odd.built.overview)
    assert "Hasil akhir · keadaan malam 1 Juli 2026" in overview
    assert overview.count("keadaan malam") == 2


def test_ranges_hold_what_may_come(odd: Shown) -> None:
    """Without a history of verdicts the official result may end anywhere between the bounds."""
    row = odd.mart.row("FROM mart.official_estimate WHERE institution_code = '1'")
    assert row["interval_low"] is None
    assert f"{number(row['pessimistic_value'])} sampai {number(row['high'])}" in odd.built.overview.read_text()


def test_points_of_two_years_are_not_added() -> None:
    held = [{"year": year, "points_together": Decimal(points)} for year, points in ((2026, 1), (2025, 2), (2026, 4))]
    assert Opd("A", "A", [], [], [], held, [], []).points_held(2026) == 5


def test_a_target_that_was_lowered_is_the_years_target(run: Nights) -> None:
    district = District(
        opd=[("A", "Dinas A", "Dinas", "a", "Ya")],
        carriers=[("spbe-2020", "1", "A", None)],
        targets=[(2025, "3,40", None)],
        books={"a": penilaian((2025, "1", None, 3, "ada", "https://a.id/1", None))},
    )
    run(district)
    district.targets = [(2025, "2,60", None)]
    ran = run(district, night=NIGHT + timedelta(days=1))
    shown = Shown(publish_report(run.settings.published_dir, "id"), ran.mart, run)
    assert [row["target_index"] for row in facts_of(shown, district.code).years] == [Decimal("2.60")]


def test_an_answer_that_was_handed_over_says_whose_it_is(run: Nights) -> None:
    district = District(
        opd=[("A", "Dinas A", "Dinas", SHEET, "Tidak", "B"), ("B", "Dinas B", "Dinas", None, "Ya")],
        carriers=[("spbe-2020", "1", "A", None)],
        books={SHEET: penilaian(answer(2025, 1, 3, "https://a.id/1\nhttps://a.id/2"))},
    )
    ran = run(district)
    shown = Shown(publish_report(run.settings.published_dir, "id"), ran.mart, run)
    (row,) = [row for row in facts_of(shown, district.code).answers if row["opd_code"] == "B"]
    assert (row["answer_opd_code"], row["link_count"]) == ("A", 2)
    assert "pengampu · dari A" in told(shown.page(district.code, "B"))
    assert SHEET not in shown.page(district.code, "B").read_text(), "that sheet is not B's to fill in"
    proposals = Publication(ran.mart.connection).rows(sql("ask/assessor"), {"institution": None, "year": None})
    (proposal,) = [row for row in proposals if row["score"]]
    assert (proposal["opd_code"], proposal["evidence"]) == ("B", "https://a.id/1\nhttps://a.id/2")


def test_an_empty_institution_has_no_report_and_is_named(run: Nights) -> None:
    run(District(code="1", name="Kota Baru", opd=()))
    built = publish_report(run.settings.published_dir, "id")
    assert built.reports == {}
    assert "Kota Baru" in built.overview.read_text()


def test_report_goes_with_its_version(shown: Shown) -> None:
    folder = shown.nights.settings.published_dir
    place = folder / "report"
    assert place.resolve() == (folder / "current").resolve() / "report"
    before = folder / "versions" / "000001" / "report"
    before.mkdir()
    (before / "index.html").write_text("lama")
    roll_back(folder, 1)
    assert (place / "index.html").read_text() == "lama"
    shutil.rmtree(before)
    roll_back(folder, 2)
    assert place.resolve() == (folder / "current").resolve() / "report"
    roll_back(folder, 1)
    assert not os.path.lexists(place), "another version's figures would pass for these"
    roll_back(folder, 2)


def test_a_report_that_cannot_be_written_leaves_the_one_before(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither half a report nor what it took of the disk stays, wherever it fails."""
    folder = shown.nights.settings.published_dir
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    text = shown.page().read_text()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for place, name in ((Path, "write_text"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, fail)
            with pytest.raises(PublicationError, match="No space left"):
                publish_report(folder, "id")
        assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before
        assert shown.page().read_text() == text


def test_many_institutions_are_written_by_several_processes(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files, all of one version, even if another is published meanwhile."""
    opened = []

    def remember(published: Path, *others: Any) -> list[int]:
        opened.append(published)
        return in_parallel(published, *others)

    in_parallel = report._in_parallel
    monkeypatch.setattr(report, "FEW", 0)
    monkeypatch.setattr(report, "_in_parallel", remember)
    published = shown.nights.settings.published_path
    built = build_report(published, tmp_path, "id")
    assert opened == [published.resolve()] != [published]
    assert built.file_count == shown.built.file_count
    for path in tmp_path.rglob("*.*"):
        if path.is_file():
            assert path.read_text() == (shown.built.overview.parent / path.relative_to(tmp_path)).read_text(), path


def test_the_report_that_is_shown_outlives_its_version(tmp_path: Path) -> None:
    """Nights that make no report leave the last one where it is, however many they are."""
    for version in range(1, 5):
        version_folder(tmp_path, version).mkdir(parents=True)
    private = tmp_path / ".new-report"
    private.mkdir()
    place_report(tmp_path, 1, private)
    prune(tmp_path, 1)
    assert versions(tmp_path) == [1, 4]
    place_report(tmp_path, 4, version_folder(tmp_path, 1) / "report")
    prune(tmp_path, 1)
    assert versions(tmp_path) == [4]


def test_night_makes_the_report_and_outlives_it(run: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPBE_REPORT", "en")
    district = District(
        opd=[("A", "Dinas A", "Dinas", "a", "Ya")],
        carriers=[("spbe-2020", "1", "A", None)],
        books={"a": penilaian((2025, "1", None, 3, "ada", "https://a.id/1", None))},
    )
    assert run(district).outcome.notes == ()
    place = run.settings.published_dir / "report"
    assert 'lang="en"' in (place / "index.html").read_text()
    place.unlink()
    place.mkdir()
    (place / "catatan.txt").write_text("milik orang")
    told = run(district).outcome
    assert told.exit_code in {0, 10}
    assert (place / "index.html").exists()


def test_english_has_every_word() -> None:
    for row in seed("report_text"):
        for language in LANGUAGES:
            assert row[language].strip(), row["name"]
        assert _holes(row["id"]) == _holes(row["en"]), row["name"]
    with pytest.raises(ConfigurationError, match="--language fr"):
        build_report(Path("x"), Path("y"), "fr")


INVENTORY_FAMILIES = {
    "object_": CHANGES,
    "content_": [row["content"] for row in seed("roadmap_content")],
    "decision_": ["same", "partly"],
    "domain_": DOMAINS,
    "fact_": [row["fact_code"] for row in seed("fact")],
    "finding_": ["claim_above", "claim_below", "no_claim", "agrees", "no_data"],
    "idle_": ["no_indicator", "no_target", "reached", "external"],
}


def test_every_word_is_used() -> None:
    folder = Path(__file__).parents[1] / "spbe_etl" / "report"
    said = "".join(path.read_text() for path in folder.rglob("*") if path.suffix in {".py", ".html", ".txt"})
    families = ("stage_", "cause_", "role_", "stage_short_", *INVENTORY_FAMILIES)
    unused = [
        name
        for name in texts("id")
        if f'"{name}"' not in said and f"'{name}'" not in said and not name.startswith(families)
    ]
    assert unused == []
    known = {f"cause_{row['cause']}" for row in seed("cause")} | {f"stage_{row['stage']}" for row in seed("stage")}
    assert known <= texts("id").keys()
    for family, keys in INVENTORY_FAMILIES.items():
        assert {name.removeprefix(family) for name in texts("id") if name.startswith(family)} == set(keys), family


def test_report_command(shown: Shown, tmp_path: Path) -> None:
    asked = ("--institution", SELAYAR, "--language", "en", "--out", str(tmp_path / "out"))
    told = ask_command(shown.nights, "report", *asked)
    assert list(told["reports"]) == [SELAYAR]
    assert 'lang="en"' in Path(told["reports"][SELAYAR]).read_text()
    assert Path(told["overview"]).exists()


PRINTS = """#!/bin/sh
for option; do case $option in --print-to-pdf=*) echo PDF > "${option#*=}" ;; esac; done
"""


def test_a_pdf_is_this_pages_and_as_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, browser = tmp_path / "a b%20#.html", tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    page.touch(0o644)
    monkeypatch.setenv("PATH", str(browser.parent), prepend=os.pathsep)
    browser.touch(0o755)
    before = os.umask(0o077)
    try:
        browser.write_text(PRINTS)
        pdf = print_pdf(find_chromium(), page)
        assert (pdf.name, pdf.read_text(), pdf.stat().st_mode & 0o777) == ("a b%20#.pdf", "PDF\n", 0o644)
        browser.write_text("#!/bin/sh\n")
        with pytest.raises(PublicationError, match="can't be printed"):
            print_pdf(find_chromium(), page)
    finally:
        os.umask(before)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="--pdf needs Chromium"):
        find_chromium()


@given(st.text(max_size=400))
def test_any_code_names_a_file_of_its_own(text: str) -> None:
    name = file_name(text)
    assert "/" not in name
    assert "\\" not in name
    assert not name.startswith(".")
    assert 0 < len(name) <= 120
    assert name.encode("ascii")


def test_ordinary_codes_stay_what_they_are() -> None:
    assert [file_name(text) for text in ("73.01", "DISKOMINFO", "KEC-BUKI")] == ["73.01", "DISKOMINFO", "KEC-BUKI"]
    assert file_name("DINAS A.1") == "DINAS A.1"
    alike = ("a/b", "a%2Fb", "a%252Fb", "a b", "A" * 300, "A" * 301, "C", " C", "C ", "C.", ".C", ".", " ", "")
    assert len({file_name(text) for text in alike}) == len(alike)


@pytest.mark.parametrize("text", ["CON", "nul.x", "Com1", "aux", "index.html", " a", "a ", "a.", ".a"])
def test_no_system_reads_a_file_as_something_else(text: str) -> None:
    """Sticks are read by Windows, too, where some names are devices, and blanks and points at an end fall off."""
    name = file_name(text)
    assert name.partition(".")[0].upper() not in {"CON", "NUL", "COM1", "AUX", "INDEX"}
    assert name == name.strip(" .")


@given(st.text(max_size=2000), st.integers(2, 300))
def test_plain_text_is_short_and_in_one_line(text: str, longest: int) -> None:
    told = plain(text, longest)
    assert len(told) <= longest
    assert "\n" not in told
    assert not set(told) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def test_spreadsheets_are_linked_and_files_are_not() -> None:
    assert spreadsheet_address(SHEET) == f"https://docs.google.com/spreadsheets/d/{SHEET}/edit"
    assert [
        spreadsheet_address(name) for name in ("bpkad.xlsx", None, "javascript:alert(1)//aaaaaaaaaaaaaaaaaaaaaaa")
    ] == [None] * 3


def test_figures_in_words() -> None:
    say = Speech("id")
    assert say.num(Decimal("2.3349999999")) == '<data value="2.3349999999">2,33</data>'
    assert say.num(Decimal("2.335")) == '<data value="2.335">2,34</data>'
    assert say.points(Decimal("0.0013")) == '<data value="0.0013">+0,0013</data>'
    assert say.points(Decimal("-0.05")) == '<data value="-0.05">−0,05</data>'
    assert Speech("en").num(Decimal("2.5")) == '<data value="2.5">2.50</data>'
    assert say("since", day="<b>") == "sejak &lt;b&gt;"
    assert code("A<" + "B" * 20) == "<bdi class=code>A&lt;BBBBBBBBBB<wbr>BBBBBBBBBB</bdi>"


def test_places_know_how_sure_they_are() -> None:
    def row(name: str, low: str, index: str, high: str, kind: str = "Kota") -> dict[str, Any]:
        told = {"institution_code": name, "institution_kind": kind, "index_value": Decimal(index)}
        return told | {"range": (Decimal(low), Decimal(high))}

    placed = _placed(
        [
            row("a", "2", "3", "3"),
            row("b", "2.5", "2.6", "2.8"),
            row("c", "1", "1.5", "1.9"),
            row("d", "1", "2", "5", "Provinsi"),
        ]
    )
    told = {one["institution_code"]: (one["place"], one["place_low"], one["place_high"]) for one in placed}
    assert told == {"a": (1, 1, 2), "b": (2, 1, 2), "c": (3, 3, 3), "d": (1, 1, 1)}


def _holes(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def _type(path: Path, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book["Penilaian"][cell] = value
    book.save(path)


def _raise(path: Path, year: int) -> None:
    """A level more for the first answer of a year."""
    book = openpyxl.load_workbook(path)
    row = next(row for row in book["Penilaian"].iter_rows(min_row=2) if row[0].value == year)
    row[3].value = 2
    book.save(path)
