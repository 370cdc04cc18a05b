"""What `status` says, and a monitoring plugin's four exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Nights, standing_at
from typer.testing import CliRunner

from spbe_etl.alerts import watch
from spbe_etl.cli.app import app
from spbe_etl.errors import ConfigurationError
from spbe_etl.metrics import write_metrics
from spbe_etl.summary import failure, keep_summary, last_summary, read_summary, summarise

ZONE = ZoneInfo("Asia/Makassar")


def told(run: Nights, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["status", "--data-dir", str(run.settings.data_dir), *arguments])
    return result.exit_code, result.output


def test_each_state_has_its_nagios_code_and_its_words(run: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(run, "--nagios")[0] == 2, "nothing is published"
    now = datetime.now(UTC)
    ran = run(standing_at(2, 1, []), now=now, night=now.astimezone(ZONE).date())
    keep_summary(run.settings, summarise(ran.outcome))
    code, line = told(run, "--nagios")
    assert (code, line[:7]) == (0, "SPBE OK")
    assert line.endswith("| age_days=0 alerts=0\n")
    code, text = told(run)
    assert code == 0
    assert "01:30 (Asia/Makassar)" in text

    keep_summary(run.settings, failure(None, "disk penuh", 20))
    watch(run.settings, now)
    code, line = told(run, "--nagios")
    assert (code, line[:13]) == (2, "SPBE CRITICAL")
    assert "alerts=1" in line
    code, text = told(run)
    assert code == 1
    assert "disk penuh" in text
    assert "Peringatan" in text

    keep_summary(run.settings, summarise(ran.outcome))
    code, line = told(run, "--nagios")
    assert (code, line[:12]) == (1, "SPBE WARNING"), "published again, and the alert is still open"
    assert told(run)[0] == 0
    found = json.loads(told(run, "--json")[1])
    assert datetime.fromisoformat(found["next_run"]) > now
    assert [one["rule_code"] for one in found["alerts"]] == ["night_failed"]
    watch(run.settings, now + timedelta(minutes=1))
    assert told(run, "--nagios")[0] == 0

    monkeypatch.setenv("SPBE_NIGHT_AT", "malam")
    code, line = told(run, "--nagios")
    assert (code, line[:12]) == (3, "SPBE UNKNOWN")
    monkeypatch.delenv("SPBE_NIGHT_AT")
    run.settings.published_path.unlink()
    run.settings.published_path.write_bytes(b"damaged")
    assert told(run, "--nagios")[0] == 3


SOUND = {**failure(None, "disk penuh", 20), "ended_at": "2026-11-24T18:00:00+00:00"}
WRONG: dict[str, list[Any]] = {
    "refused": [5, "abc", [{}], [5], None],
    "ended_at": ["kemarin", "2026-11-24T18:00:00", "9999-12-31T23:59:59+00:00", 1e300],
    "exit_code": ["gagal", None, 7, -1],
    "night": ["malam", 10**30],
    "workbooks": [None, {}, {"read": 0, "unchanged": 0, "failed": ["a"]}, {"read": -1, "unchanged": 0, "failed": []}],
    "rows": [None, [], {"read": 10**400, "accepted": 0, "rejected": 0, "blank": 0}],
    "api_calls": ["banyak", -1],
    "error": [5],
}
DAMAGED = [json.dumps({**SOUND, name: value}) for name, values in WRONG.items() for value in values]
DAMAGED += ["", "[]", "null", '{"exit_code": 0}', "{", "7", "[" * 100_000, '{"refused": ' * 100_000, "\x00"]


def kept(run: Nights, text: str) -> None:
    run.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (run.settings.data_dir / "last_run.json").write_text(text)


def test_a_damaged_summary_is_said_to_be_and_silences_nobody(run: Nights) -> None:
    for text in DAMAGED:
        kept(run, text)
        with pytest.raises(ConfigurationError, match=r"last_run\.json is damaged"):
            read_summary(run.settings)
        assert last_summary(run.settings) is None
    code, words = told(run)
    assert code == 1
    assert "Tidak dapat dibaca" in words
    assert "spbe-etl run" in words
    watch(run.settings, datetime.now(UTC))
    assert "spbe_open_alerts" in write_metrics(run.settings).read_text()
    kept(run, json.dumps(SOUND))
    assert "disk penuh" in told(run)[1]


def test_a_summary_of_an_earlier_version_is_read(run: Nights) -> None:
    kept(run, json.dumps({name: value for name, value in SOUND.items() if name not in ("error", "ended_at")}))
    assert read_summary(run.settings)["exit_code"] == 20
    assert "kode 20" in told(run)[1]


@pytest.fixture(scope="module")
def tonight(module_run: Nights) -> Nights:
    """A night that was just published, of an institution and an OPD whose codes are written oddly."""
    now = datetime.now(UTC)
    district = standing_at(2, 1, [])
    district.code = "73|01\x1b[2J"
    district.opd = [*district.opd, ("B|\x07", "Dinas B", "Dinas", "tidak-ada", "Ya")]
    keep_summary(
        module_run.settings, summarise(module_run(district, now=now, night=now.astimezone(ZONE).date()).outcome)
    )
    return module_run


def test_a_plugin_says_one_line_and_its_figures_whatever_codes_hold(tonight: Nights) -> None:
    code, line = told(tonight, "--nagios")
    assert code == 1
    assert "73 01" in line
    assert "tidak terbaca: B" in line
    assert line.removesuffix("\n").isprintable()
    assert line.split(" | ")[1:] == ["age_days=0 alerts=0\n"]
    assert line.count("|") == 1


@pytest.mark.parametrize("name", ["last_run.json", "alerts.duckdb"])
def test_a_file_that_is_there_and_cannot_be_read_is_not_taken_for_none(tonight: Nights, name: str) -> None:
    path = tonight.settings.data_dir / name
    aside = path.with_suffix(".aside")
    if path.exists():
        path.rename(aside)
    path.mkdir()  # not even root reads it
    try:
        code, line = told(tonight, "--nagios")
        assert (code, line[:12]) == (3, "SPBE UNKNOWN")
        assert f"{name} can't be read: Is a directory. Ask as the user" in line
        code, words = told(tonight)
        assert code == 1
        assert name in words
        assert name in json.loads(told(tonight, "--json")[1])["unreadable"][0]
    finally:
        path.rmdir()
        if aside.exists():
            aside.rename(path)
