"""What `status` says, and a monitoring plugin's four exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import Nights, standing_at
from typer.testing import CliRunner

from spbe_etl.alerts import watch
from spbe_etl.cli.app import app
from spbe_etl.summary import failure, keep_summary, last_summary, summarise

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


@pytest.mark.parametrize("text", ["", "[]", "null", '{"exit_code": 0}', "{", "7"])
def test_a_summary_that_makes_no_sense_is_as_none(run: Nights, text: str) -> None:
    run.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (run.settings.data_dir / "last_run.json").write_text(text)
    assert told(run)[0] == 1
    assert last_summary(run.settings) is None
    keep_summary(run.settings, failure(None, "disk penuh", 20))
    assert "disk penuh" in told(run)[1]
