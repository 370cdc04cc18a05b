"""When what runs, to the second and in the institution's zone."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from conftest import NIGHT, Nights, standing_at
from hypothesis import given
from hypothesis import strategies as st

from spbe_etl.errors import ConfigurationError
from spbe_etl.resources import seed
from spbe_etl.rollback import roll_back
from spbe_etl.schedule import NIGHTLY, load_schedule, night_of, published_since, zone_of
from spbe_etl.settings import Settings

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moment=MOMENTS, zone=st.sampled_from(ZONES), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_the_last_and_the_next_night_stand_around_every_moment(
    moment: datetime, zone: str, hour: int, minute: int
) -> None:
    settings = Settings(night_at=f"{hour:02}:{minute:02}", timezone=zone)
    planned = load_schedule(settings)[NIGHTLY]
    last, following = planned.last_until(moment), planned.next_after(moment)
    assert last <= moment < following
    assert following - last == timedelta(days=1)
    for one in (last, following):
        local = one.astimezone(ZoneInfo(zone))
        assert (local.hour, local.minute, local.second, local.microsecond) == (hour, minute, 0, 0)
    local = moment.astimezone(ZoneInfo(zone))
    is_past = (local.hour, local.minute) >= (hour, minute)
    assert night_of(last) == local.date() - timedelta(days=not is_past)


def test_every_line_of_the_schedule_can_be_read_and_is_served() -> None:
    from flows.deployments import FLOWS

    assert {row["deployment"] for row in seed("schedule")} == set(FLOWS)
    for planned in load_schedule(Settings(timezone="Asia/Makassar")).values():
        assert planned.about
        assert planned.next_after(datetime(2026, 1, 1, tzinfo=UTC)) < datetime(2026, 1, 9, tzinfo=UTC)
    night = load_schedule(Settings(timezone="Asia/Makassar"))[NIGHTLY].next_after(datetime(2026, 1, 1, tzinfo=UTC))
    assert f"{night:%H:%M %z}" == "01:30 +0800"


@pytest.mark.parametrize("wrong", ["1.30", "25:00", "malam", "01:30:00", "-1:00"])
def test_a_time_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="SPBE_NIGHT_AT"):
        load_schedule(Settings(night_at=wrong))


@pytest.mark.parametrize("wrong", ["Asia/Selayar", "../../etc/passwd", "WITA", "/etc/localtime"])
def test_a_zone_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="SPBE_TIMEZONE"):
        zone_of(Settings(timezone=wrong))


def test_the_zone_is_the_institutions_and_a_night_counts_once_it_is_published(run: Nights, tmp_path: Path) -> None:
    assert zone_of(run.settings).key == "Asia/Jakarta", "nothing is known yet"
    ran = run(standing_at(2, 1, []), now=datetime(2026, 11, 24, 2, tzinfo=UTC), night=NIGHT)
    assert zone_of(run.settings).key == "Asia/Makassar"
    due = datetime(2026, 11, 24, 1, 30, tzinfo=ZoneInfo("Asia/Makassar"))
    assert published_since(run.settings, due) == ran.outcome.run_id
    later = due + timedelta(days=1)
    assert published_since(run.settings, later) is None
    copy = Settings(data_dir=tmp_path)
    copy.published_dir.mkdir()
    shutil.copyfile(run.settings.published_path, copy.published_path)
    with duckdb.connect(str(copy.published_path)) as connection:
        again = "SELECT * REPLACE ($1 AS started_at, 'filled' AS state) FROM mart.run"
        connection.execute(f"INSERT INTO mart.run {again}", [later.astimezone(UTC).replace(tzinfo=None)])
    assert published_since(copy, later) is None, "nights that were filled read nothing"
    assert night_of(due) == date(2026, 11, 24)

    again = run(standing_at(2, 2, []), now=later.astimezone(UTC), night=NIGHT)
    roll_back(run.settings.published_dir)
    assert published_since(run.settings, later) == again.outcome.run_id, "who rolled it back doesn't want it again"
    run.settings.published_path.unlink()
    assert published_since(run.settings, due) is None
    run.settings.published_path.write_bytes(b"damaged")
    assert published_since(run.settings, due) is None, "needed all the more"
    assert zone_of(run.settings).key == "Asia/Jakarta", "as if nothing were published"
