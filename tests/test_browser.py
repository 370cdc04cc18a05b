"""The tests' browser finds what's wrong with a page, and nothing on a good one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from browser import DESK, PHONE, Browser, Focus, check_page
from devtools import SKIP, chromium_command

GOOD = """
<style>body { font: 16px sans-serif } .wide { width: 3000px; height: 9px } .box { overflow-x: auto }</style>
<h1>Indeks SPBE</h1><h2>Domain</h2>
<div class="box" tabindex="0" role="region" aria-label="Tabel lebar"><div class="wide"></div></div>
<svg role="img" aria-label="Indeks naik" width="20" height="20"><rect width="9" height="9"/></svg>
<svg aria-hidden="true" width="20" height="20"><rect width="9" height="9"/></svg>
<img alt="Lambang" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<a id="first" href="#a">Rincian</a> <button id="second">Urutkan</button> <a tabindex="-1" href="#b">Lewati</a>
<p style="background: #fff; color: #595959">Terbaca</p>
"""
BAD = {
    "console": {
        "<script>console.error('angka', 7)</script>": "angka 7",
        "<script>null.index</script>": "TypeError: Cannot read properties of null",
        "<script>Promise.reject(new Error('gagal'))</script>": "Error: gagal",
        "<img alt='Peta' src='peta.png'>": "Failed to load resource: net::ERR_FILE_NOT_FOUND",
    },
    "request": {
        "<img alt='Peta' src='https://peta.example.id/a.png'>": "https://peta.example.id/a.png",
        "<script>fetch('http://127.0.0.1:9/x').catch(() => 0)</script>": "http://127.0.0.1:9/x",
        "<script>new WebSocket('ws://soket.example.id/')</script>": "ws://soket.example.id/",
        "<style>@import url(http://gaya.example.id/a.css)</style>": "http://gaya.example.id/a.css",
    },
    "sideways": {
        "<div><p id='lebar' style='width: 2000px'>Lebar</p></div>": '<p#lebar> "Lebar" to 2008 px',
    },
    "accessibility": {
        "<p style='background: #fff; color: #bbb'>Pudar</p>": "color-contrast",
        "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>": "image-alt",
        "<svg width='9' height='9'><rect width='9' height='9'/></svg>": "inline-svg-name",
        "<h4>Terlalu dalam</h4>": "heading-order",
        "<button style='width: 24px; height: 24px'></button>": "button-name",
    },
    "tab order": {
        "<a href='#x' style='opacity: 0'>Gaib</a>": '<a> "Gaib": not visible',
        "<a href='#x' style='position: fixed; left: -999px'>Jauh</a>": '<a> "Jauh": not visible',
        "<button onkeydown='event.preventDefault()'>Buntu</button>": '<button> "Buntu": holds or sends back the focus',
    },
}


def page_of(folder: Path, body: str) -> Path:
    path = folder / "halaman.html"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Halaman</title>'
    path.write_text(f'<!doctype html><html lang="id"><head>{head}</head><body>{body}</body></html>', encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_is_wrong_with_a_good_page(browser: Browser, tmp_path: Path, width: int) -> None:
    check_page(browser, page_of(tmp_path, GOOD), width)


@pytest.mark.parametrize("kind", BAD)
def test_whatever_is_wrong_is_told_and_nothing_else(browser: Browser, tmp_path: Path, kind: str) -> None:
    with pytest.raises(AssertionError) as found:
        check_page(browser, page_of(tmp_path, GOOD + "".join(BAD[kind])), PHONE)
    heading, *problems = str(found.value).split("\n- ")
    assert heading == "halaman.html at 390 px:"
    for told in BAD[kind].values():
        assert [text for text in problems if text.startswith(f"{kind}: {told}")], (told, problems)
    told_of = [text for text in problems if text.startswith(f"{kind}: ")]
    assert len(told_of) == len(BAD[kind]) + (kind == "sideways"), problems
    assert kind == "request" or told_of == problems


def test_tab_leads_through_the_page_in_order(browser: Browser, tmp_path: Path) -> None:
    with browser.open(page_of(tmp_path, GOOD)) as page:
        order = page.tab_order()
    assert order[1:] == [Focus('<a#first> "Rincian"', ""), Focus('<button#second> "Urutkan"', "")]
    assert order[0].name.startswith("<div.box>")


def test_a_page_is_seen_in_every_way_asked_for(browser: Browser, tmp_path: Path) -> None:
    body = GOOD + "<style>@media print { h1 { display: none } .sheet { break-before: page } }</style>"
    path = page_of(tmp_path, body + '<p class="sheet">Dua</p><p class="sheet">Tiga</p>')
    shown = "[innerWidth, devicePixelRatio, getComputedStyle(document.querySelector('h1')).display]"
    with browser.open(path, PHONE) as page:
        assert page.evaluate(shown) == [390, 2, "block"]
        assert png_size(page.screenshot())[0] == 780
        page.emulate(DESK, "print")
        assert page.evaluate(shown) == [1280, 1, "none"]
        page.emulate(DESK)
        assert png_size(page.screenshot()) == (1280, page.evaluate("document.documentElement.scrollHeight"))
        printed = page.pdf()
        assert (printed.content[:5], printed.page_count) == (b"%PDF-", 3)
        assert page.evaluate("Promise.resolve({a: [1, 'b']})") == {"a": [1, "b"]}
        with pytest.raises(RuntimeError, match="ReferenceError: missing"):
            page.evaluate("missing()")


def test_a_page_leaves_nothing_behind(browser: Browser, tmp_path: Path) -> None:
    path = page_of(tmp_path, GOOD)
    with browser.open(path) as page:
        page.evaluate("localStorage.setItem('sort', 'opd'); console.error('one')")
        assert page.errors() == ["one"]
    with browser.open(path) as page:
        assert page.evaluate("localStorage.getItem('sort')") is None
        assert page.errors() == []
    with pytest.raises(FileNotFoundError, match=r"none\.html"), browser.open(tmp_path / "none.html"):
        pass


def test_a_missing_browser_is_a_failure_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv(SKIP, raising=False)
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing"):
        chromium_command()
    monkeypatch.setenv(SKIP, "1")
    with pytest.raises(pytest.skip.Exception, match="SPBE_SKIP_BROWSER=1: no Chromium here"):
        chromium_command()


def png_size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height
