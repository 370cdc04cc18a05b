"""Publications: whole or not at all, kept side by side, switched in one step, gone back to; and those who read them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from publications import KEEP, edition, fill, night_of, nobody, open_filled, publish_night
from typer.testing import CliRunner

from spbe_etl.cli.app import app
from spbe_etl.errors import ConfigurationError, PublicationError, SpbeError
from spbe_etl.manifest import Manifest, find_damage, read_manifest
from spbe_etl.publishing import Published, open_publication, publish
from spbe_etl.rollback import roll_back, standing
from spbe_etl.settings import Settings
from spbe_etl.versions import current_version, version_folder, versions
from spbe_etl.warehouse import Warehouse, mart_tables

ROOT = Path(__file__).parents[1]
TESTS = Path(__file__).parent
READER_VERSIONS = ("1.4", "2.0")


@dataclass
class Place:
    """A data directory with a warehouse to publish from, a night at a time."""

    data: Path
    warehouse: Warehouse

    @property
    def published(self) -> Path:
        return self.data / "published"

    def publish(self, *numbers: int, keep: int = KEEP) -> Published:
        """Publish these nights one after the other; the last one's is told."""
        *_, last = (publish_night(self.warehouse, self.published, number, keep) for number in numbers)
        return last

    def spbe(self, *arguments: object, **environment: str) -> Called:
        """Run `spbe-etl` in this process."""
        done = CliRunner().invoke(app, [*map(str, arguments)], env={"SPBE_DATA_DIR": str(self.data)} | environment)
        if isinstance(done.exception, SpbeError):
            return Called(done.exception.exit_code, done.stdout, str(done.exception))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Called(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Called:
    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "var", open_filled(tmp_path / "var" / "warehouse.duckdb"))
    yield made
    made.warehouse.close()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def whole_night(published: Path) -> int | None:
    """The night that a reader finds through the links, all compared with the manifest; None where there's nothing."""
    if not (published / "manifest.json").exists():
        return None
    told = json.loads((published / "manifest.json").read_text())
    assert sha256(published / "spbe.duckdb") == told["database_sha256"]
    for name, table in told["tables"].items():
        path = published / "parquet" / f"{name}.parquet"
        assert sha256(path) == table["parquet_sha256"], name
        assert pq.read_metadata(path).num_rows == table["rows"], name
    # a name of its own: within one process DuckDB hands out the file that it already has open
    with duckdb.connect(str((published / "spbe.duckdb").resolve()), read_only=True) as reader:
        (night,) = reader.execute("SELECT max(snapshot_on)::VARCHAR FROM mart.index_snapshot").fetchone() or ()
        for name, table in told["tables"].items():
            assert reader.execute(f"SELECT count(*) FROM mart.{name}").fetchone() == (table["rows"],), name
    assert night == told["night"]
    return int(told["run_id"].removeprefix("run-"))


def dotted(published: Path) -> list[str]:
    return sorted(path.name for path in published.iterdir() if path.name.startswith("."))


# --- what a publication is -----------------------------------------------------------------------------------------


def test_a_publication_is_a_version_that_links_lead_to(place: Place) -> None:
    done = place.publish(1, 2)
    published = place.published
    assert (done.version, done.database, done.parquet) == (2, published / "spbe.duckdb", published / "parquet")
    assert os.readlink(published / "current") == "versions/000002"
    for name in ("spbe.duckdb", "parquet", "manifest.json"):
        assert os.readlink(published / name) == f"current/{name}"
    names = {path.name for path in published.iterdir()}
    assert names == {"current", "versions", "spbe.duckdb", "parquet", "manifest.json"}
    assert {path.name for path in version_folder(published, 2).iterdir()} == {"spbe.duckdb", "parquet", "manifest.json"}
    assert whole_night(published) == 2


def test_the_manifest_tells_what_is_published(place: Place) -> None:
    place.publish(1, 2)
    told = json.loads((place.published / "manifest.json").read_text(encoding="utf-8"))
    assert list(told) == [
        "version", "folder", "run_id", "night", "published_at", "replaces", "tables", "database_sha256",
        "storage_version", "contract_version", "code_version", "duckdb_version",
    ]  # fmt: skip
    assert list(told["tables"]) == sorted(mart_tables())
    assert told["tables"]["night"]["rows"] == 80
    assert (told["version"], told["folder"], told["replaces"]) == (2, "versions/000002", 1)
    assert (told["run_id"], told["night"]) == ("run-2", "2026-07-02")
    assert told["published_at"] == "2026-07-02T12:00:00+00:00"
    assert (told["contract_version"], told["duckdb_version"]) == ("1", duckdb.__version__)
    assert json.loads((place.published / told["folder"] / "manifest.json").read_text()) == told
    # what says so in the file's own header is what DuckDB 1.4 looks at
    with duckdb.connect(":memory:") as reader:
        reader.execute(f"ATTACH '{place.published / 'spbe.duckdb'}' AS p (READ_ONLY)")
        (tags,) = reader.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'p'").fetchone() or ()
    assert tags["storage_version"].startswith(told["storage_version"])


def test_the_same_night_published_again_has_the_same_tables(place: Place) -> None:
    place.publish(1, 1)
    first, second = (read_manifest(version_folder(place.published, no)) for no in (1, 2))
    assert first.tables == second.tables


def test_everybody_may_read_and_nothing_more(place: Place) -> None:
    before = os.umask(0o077)
    try:
        place.publish(1)
    finally:
        os.umask(before)
    paths = [place.published, *place.published.rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_the_newest_versions_are_kept_and_the_current_one_always(place: Place) -> None:
    place.publish(*range(1, 6), keep=3)
    assert versions(place.published) == [3, 4, 5]
    roll_back(place.published, 3)
    place.publish(6, keep=2)
    assert versions(place.published) == [3, 5, 6], "who was just opening the version before must still find it"
    place.publish(7, keep=2)
    assert versions(place.published) == [6, 7]
    assert whole_night(place.published) == 7
    assert dotted(place.published) == []


def test_at_least_two_versions_are_kept() -> None:
    assert Settings.model_fields["keep_versions"].default == 7
    with pytest.raises(ValueError, match="greater than or equal to 2"):
        Settings(keep_versions=1)


def test_everything_is_on_the_disk_before_it_is_pointed_at(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.publish(1)
    done: list[tuple[str, str]] = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        done.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))

    def moved(move: Callable[..., None]) -> Callable[..., None]:
        def perform(source: Path, target: Path) -> None:
            move(source, target)
            done.append(("move", f"{source.name} {target.name}"))

        return perform

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", moved(rename))
    monkeypatch.setattr(os, "replace", moved(replace))
    place.publish(2)
    private = place.published / ".new-run-2"
    tables = [private / "parquet" / f"{name}.parquet" for name in mart_tables()]
    admitted = done.index(("move", ".new-run-2 000002"))
    for path in (private, private / "parquet", private / "spbe.duckdb", private / "manifest.json", *tables):
        assert ("sync", str(path)) in done[:admitted], path
    switched = done.index(("move", ".new-current current"))
    assert ("sync", str(place.published / "versions")) in done[admitted:switched]
    assert ("sync", str(place.published)) in done[switched:]


# --- what an earlier release left ----------------------------------------------------------------------------------


def as_an_earlier_release_left_it(place: Place) -> None:
    """Real files and a real folder, no versions."""
    place.publish(1)
    plain = place.published.with_name("plain")
    plain.mkdir()
    shutil.copy(place.published / "spbe.duckdb", plain / "spbe.duckdb")
    shutil.copytree(place.published / "parquet", plain / "parquet")
    shutil.rmtree(place.published)
    plain.rename(place.published)


def test_an_earlier_releases_publication_is_replaced(place: Place) -> None:
    as_an_earlier_release_left_it(place)
    with duckdb.connect(str(place.published / "spbe.duckdb"), read_only=True) as reader:
        place.publish(2)
        assert reader.execute("SELECT max(answered_count) FROM mart.index_snapshot").fetchone() == (1,)
    assert os.readlink(place.published / "parquet") == "current/parquet"
    assert os.readlink(place.published / "spbe.duckdb") == "current/spbe.duckdb"
    assert whole_night(place.published) == 2
    assert dotted(place.published) == []


def test_a_copy_that_followed_the_links_can_be_published_into(place: Place) -> None:
    place.publish(1, 2)
    copy = place.published.with_name("copy")
    shutil.copytree(place.published, copy)
    assert not (copy / "current").is_symlink()
    assert standing(copy).is_rolled_back is False
    with pytest.raises(ConfigurationError, match="is no link"):
        roll_back(copy)
    assert publish_night(place.warehouse, copy, 3).version == 3
    assert whole_night(copy) == 3
    assert roll_back(copy, 1).night == "2026-07-01"
    assert whole_night(copy) == 1


@pytest.mark.parametrize("name", ["current", "parquet", "versions", "spbe.duckdb", "manifest.json"])
def test_what_is_not_ours_is_not_overwritten(place: Place, name: str) -> None:
    place.published.mkdir()
    stranger = place.published / name
    if name in ("spbe.duckdb", "manifest.json"):
        stranger.mkdir()
    else:
        stranger.write_text("in the way")
    with pytest.raises(PublicationError, match="can't be published into"):
        place.publish(1)
    assert stranger.exists()
    assert not (place.published / "current").is_symlink()


# --- runs that are cut off -----------------------------------------------------------------------------------------


HOOKS: list[Callable[[str, tuple[Any, ...]], None]] = []
CHANGES = ("os.mkdir", "os.rename", "os.rmdir", "os.symlink", "shutil.rmtree")
"""Audit events of what changes a name; `os.rename` is also `os.replace`. Each comes before the change."""


@cache
def listen() -> None:
    """An audit hook can't be taken off again, so one is put on for all."""

    def call(event: str, arguments: tuple[Any, ...]) -> None:
        for hook in HOOKS:
            hook(event, arguments)

    sys.addaudithook(call)


@contextmanager
def hooked(hook: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    listen()
    HOOKS.append(hook)
    try:
        yield
    finally:
        HOOKS.remove(hook)


def crash_states(place: Place, number: int, folder: Path) -> list[Path]:
    """Copies of what's published as a crash would leave it, at every change of a name while a night is published."""
    states: list[Path] = []
    busy: list[bool] = []

    def take(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES and not busy and place.published.exists():
            busy.append(True)
            states.append(folder / f"state-{len(states):03d}")
            shutil.copytree(place.published, states[-1], symlinks=True)
            busy.clear()

    with hooked(take):
        place.publish(number)
    take(CHANGES[0], ())
    return states


def test_wherever_a_run_is_cut_off_what_is_published_is_whole(place: Place, tmp_path: Path) -> None:
    place.publish(*range(1, KEEP + 1))
    states = crash_states(place, KEEP + 1, tmp_path)
    for one in states:
        folders = [version_folder(one, version) for version in versions(one)]
        assert [line for folder in folders for line in find_damage(folder, read_manifest(folder))] == []
    found = [whole_night(one) for one in states]
    assert found.count(KEEP) > 3
    assert found.count(KEEP + 1) > 3
    assert found == sorted(found, key=lambda one: one or 0), "the old, then the new, and never back"


def test_wherever_the_first_run_is_cut_off_there_is_nothing_or_all(place: Place, tmp_path: Path) -> None:
    found = [whole_night(one) for one in crash_states(place, 1, tmp_path)]
    assert set(found) == {None, 1}


def test_wherever_the_first_run_after_an_upgrade_is_cut_off_there_is_a_database(place: Place, tmp_path: Path) -> None:
    as_an_earlier_release_left_it(place)
    states = crash_states(place, 2, tmp_path)
    nights = []
    for one in states:
        with duckdb.connect(str((one / "spbe.duckdb").resolve()), read_only=True) as reader:
            nights += reader.execute("SELECT max(answered_count) FROM mart.index_snapshot").fetchall()
    assert set(nights) == {(1,), (2,)}
    assert nights == sorted(nights)
    assert sum(not (one / "parquet").exists() for one in states) == 1, "between two renames, once"
    assert publish_night(place.warehouse, next(one for one in states if not (one / "parquet").exists()), 3).version == 2


def test_the_next_run_clears_away_what_a_cut_off_run_left(place: Place, tmp_path: Path) -> None:
    place.publish(*range(1, KEEP + 1))
    states = crash_states(place, KEEP + 1, tmp_path)
    different = {tuple(dotted(one)): one for one in states}
    assert len(different) >= 3
    for one in different.values():
        before = versions(one)
        done = publish_night(place.warehouse, one, KEEP + 2)
        assert done.version > max(before)
        assert (whole_night(one), dotted(one), len(versions(one))) == (KEEP + 2, [], KEEP)
        assert None not in [whole_night(version_folder(one, version)) for version in versions(one)]


@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.prove)])
def test_a_publisher_that_is_killed_leaves_a_whole_publication(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    data = tmp_path / "var"
    for _ in range(kills):
        command = [sys.executable, str(TESTS / "publications.py"), str(data)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            sleep(chance.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
            told = [int(line) for line in (first, *process.stdout)]
        assert process.returncode == -signal.SIGKILL
        assert whole_night(data / "published") is not None
        assert current_version(data / "published") in (told[-1], told[-1] + 1)
    warehouse = open_filled(data / "warehouse.duckdb")
    publish_night(warehouse, data / "published", 9_999)
    warehouse.close()
    assert (whole_night(data / "published"), dotted(data / "published")) == (9_999, [])


# --- disks that are full -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("largest", [0, 20_000, 100_000])
def test_a_full_disk_leaves_what_was_published(place: Place, largest: int) -> None:
    """No file may grow beyond this size: DuckDB's writes fail as on a full disk."""
    place.publish(1)
    fill(place.warehouse, 2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, limits[1]))
    try:
        with pytest.raises(PublicationError, match="can't be published into"):
            publish(place.warehouse, place.published, edition(2), KEEP, nobody)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (whole_night(place.published), versions(place.published), dotted(place.published)) == (1, [1], [])
    place.publish(3)
    assert (whole_night(place.published), versions(place.published)) == (3, [1, 2])


def test_a_disk_that_is_full_at_any_step_leaves_what_was_published(place: Place) -> None:
    place.publish(*range(1, KEEP + 1))
    failed: list[bool] = []
    for step in range(100):
        countdown = [step]

        def refuse(event: str, arguments: tuple[Any, ...], left: list[int] = countdown) -> None:
            writes = event == "open" and "w" in str(arguments[1])
            if (writes or event in ("os.mkdir", "os.rename", "os.symlink")) and str(place.data) in str(arguments[0]):
                left[0] -= 1
                if left[0] == -1:
                    raise OSError(errno.ENOSPC, "No space left on device")

        before, kept = whole_night(place.published), versions(place.published)
        try:
            with hooked(refuse):
                place.publish(10 + step)
        except PublicationError as error:
            failed += ["No space left" in str(error)]
            assert (whole_night(place.published), dotted(place.published)) == (before, [])
            assert versions(place.published) == kept
            continue
        assert (whole_night(place.published), dotted(place.published)) == (10 + step, [])
        if countdown[0] >= 0:
            break
    else:
        pytest.fail("every step failed")
    assert len(failed) >= 5
    assert all(failed)


# --- going back ----------------------------------------------------------------------------------------------------


def test_rollback_goes_to_the_version_before_and_the_next_run_publishes_anew(place: Place) -> None:
    place.publish(1, 2, 3)
    done = place.spbe("rollback", "--json")
    assert done.exit_code == 0
    assert done.json == {
        "version": 2,
        "night": "2026-07-02",
        "run_id": "run-2",
        "published_at": "2026-07-02T12:00:00+00:00",
        "version_before": 3,
    }
    assert whole_night(place.published) == 2
    assert place.publish(4).version == 4
    assert whole_night(place.published) == 4


def test_rollback_can_be_repeated_and_passes_over_what_was_rolled_back(place: Place) -> None:
    place.publish(1, 2, 3, keep=7)
    roll_back(place.published)
    place.publish(4, keep=7)
    assert roll_back(place.published).version == 2
    assert roll_back(place.published).version == 1
    with pytest.raises(ConfigurationError, match="No version before 1 is kept"):
        roll_back(place.published)
    assert whole_night(place.published) == 1


def test_rollback_to_a_named_version_forward_too(place: Place) -> None:
    place.publish(1, 2, 3)
    said = place.spbe("rollback", "--to", 1)
    assert (said.exit_code, whole_night(place.published)) == (0, 1)
    assert "versi 1, malam 2026-07-01 (sebelumnya versi 3)" in said.out
    assert "sampai run berikutnya" in said.out
    assert place.spbe("rollback", "--to", 3).exit_code == 0
    assert whole_night(place.published) == 3


def test_after_going_back_a_number_is_never_used_again(place: Place) -> None:
    place.publish(1, 2, 3)
    roll_back(place.published, 1)
    assert place.publish(4).version == 4


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "spbe.duckdb").write_bytes(b"x"), "spbe.duckdb isn't what was published"),
        (lambda folder: (folder / "parquet" / "night.parquet").unlink(), "night.parquet can't be read"),
        (lambda folder: (folder / "manifest.json").unlink(), "can't be read"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "isn't the manifest"),
        (lambda folder: (folder / "manifest.json").write_text("[1]"), "isn't the manifest"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe"), "isn't the manifest"),
        (lambda folder: shutil.copytree(folder.with_name("000001"), folder, dirs_exist_ok=True), "is version 1's"),
    ],
)
def test_a_damaged_version_is_not_gone_back_to(place: Place, damage: Callable[[Path], object], said: str) -> None:
    place.publish(1, 2, 3)
    damage(version_folder(place.published, 2))
    done = place.spbe("rollback")
    assert done.exit_code == 2
    assert said in done.err
    assert "Version 2" in done.err
    assert "Nothing was changed" in done.err
    assert whole_night(place.published) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "9"), "--to 9: not kept. Choose one of 1, 2."),
        (("--to", "2"), "that's the version that is published now"),
        (("--to", "0"), "not kept"),
        (("--to", "1", "--list"), "not both"),
        (("--to", "one"), "valid integer"),
    ],
)
def test_a_wrong_rollback_is_exit_2_and_changes_nothing(place: Place, arguments: Sequence[str], said: str) -> None:
    place.publish(1, 2)
    done = place.spbe("rollback", *arguments)
    assert (done.exit_code, said in done.err) == (2, True), done.err
    assert whole_night(place.published) == 2


def test_rollback_where_nothing_is_published_makes_nothing(place: Place, tmp_path: Path) -> None:
    done = place.spbe("rollback", "--data-dir", tmp_path / "mistyped")
    assert (done.exit_code, "No versions are kept" in done.err) == (2, True)
    assert not (tmp_path / "mistyped").exists()
    assert place.spbe("rollback", "--list", "--json").json == []
    assert "Belum ada versi" in place.spbe("rollback", "--list").out


def test_rollback_waits_for_a_run_and_then_gives_up(place: Place) -> None:
    place.publish(1, 2)
    with FileLock(place.data / ".run.lock"):
        done = place.spbe("rollback", SPBE_LOCK_WAIT_SECONDS="0")
        assert (done.exit_code, "Another run holds" in done.err) == (2, True)
        assert place.spbe("rollback", "--list").exit_code == 0
    assert whole_night(place.published) == 2
    assert place.spbe("rollback", SPBE_LOCK_WAIT_SECONDS="0").exit_code == 0


def test_the_list_shows_what_is_kept(place: Place) -> None:
    place.publish(1, 2, 3)
    (version_folder(place.published, 1) / "manifest.json").write_text("{}")
    place.spbe("rollback")
    newest, current, damaged = place.spbe("rollback", "--list", "--json").json
    assert (newest["version"], newest["night"], newest["run_id"]) == (3, "2026-07-03", "run-3")
    assert newest["published_at"] == "2026-07-03T12:00:00+00:00"
    assert [one["is_current"] for one in (newest, current, damaged)] == [False, True, False]
    assert (damaged["night"], "damaged" in damaged["problem"]) == (None, True)
    lines = place.spbe("rollback", "--list").out.splitlines()
    assert [line.split()[0] for line in lines if line.strip()[:1].isdigit()] == ["3", "2", "1"]
    assert "terbit sekarang" in next(line for line in lines if line.split()[:1] == ["2"])
    assert "rusak" in next(line for line in lines if line.split()[:1] == ["1"])


def test_status_tells_of_a_rollback(place: Place) -> None:
    place.publish(1, 2)
    assert place.spbe("status", "--json").json["published"] == {
        "version": 2,
        "newest_version": 2,
        "is_rolled_back": False,
    }
    assert "bukan yang terbaru" not in place.spbe("status").out
    place.spbe("rollback")
    assert place.spbe("status", "--json").json["published"] == {
        "version": 1,
        "newest_version": 2,
        "is_rolled_back": True,
    }
    assert "versi 1, bukan yang terbaru (2)" in place.spbe("status").out
    assert "versi 1 dari 2" in place.spbe("status", "--nagios").out
    place.publish(3)
    assert "bukan yang terbaru" not in place.spbe("status").out


def test_status_knows_no_version_before_there_is_one(place: Place) -> None:
    unknown = {"version": None, "newest_version": None, "is_rolled_back": False}
    assert place.spbe("status", "--json").json["published"] == unknown
    as_an_earlier_release_left_it(place)
    assert place.spbe("status", "--json").json["published"] == unknown


# --- those who read ------------------------------------------------------------------------------------------------


def test_reading_writes_nothing_beside_what_is_published(place: Place) -> None:
    place.publish(1)
    before = sorted(place.published.rglob("*"))
    with duckdb.connect(str(place.published / "spbe.duckdb"), read_only=True) as reader:
        reader.execute("FROM mart.index_snapshot ORDER BY ALL").fetchall()
        assert sorted(place.published.rglob("*")) == before
        with pytest.raises(duckdb.Error, match="read-only"):
            reader.execute("CREATE TABLE mart.mine AS SELECT 1")
    assert sorted(place.published.rglob("*")) == before


def test_a_process_that_opens_the_file_again_sees_the_new_version(place: Place) -> None:
    """DuckDB 1.5 and newer follow the link before they look whether they have the file open; 1.4 doesn't."""
    place.publish(1)
    with open_publication(place.published / "spbe.duckdb") as first:
        place.publish(2)
        with open_publication(place.published / "spbe.duckdb") as second:
            for publication, number in ((first, 1), (second, 2)):
                (row,) = publication.rows("SELECT max(snapshot_on) AS night FROM mart.index_snapshot")
                assert row["night"] == night_of(number)


@pytest.mark.parametrize("change", [lambda place: place.publish(2), lambda place: roll_back(place.published)])
def test_a_log_left_by_a_foreign_writer_is_taken_away(place: Place, change: Callable[[Place], object]) -> None:
    """DuckDB 1.4 leaves it beside the link and would apply it to every later version."""
    place.publish(0, 1)
    (place.published / "spbe.duckdb.wal").write_bytes(b"changes of another version")
    change(place)
    assert not (place.published / "spbe.duckdb.wal").exists()


DOCS = (ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(python|sql)\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("language", "example"), EXAMPLES)
def test_the_examples_of_the_docs_run(
    place: Place, monkeypatch: pytest.MonkeyPatch, language: str, example: str
) -> None:
    place.publish(1)
    monkeypatch.chdir(place.data.parent)
    if language == "python":
        exec(compile(example, "docs/connecting.md", "exec"), {})
        return
    with duckdb.connect() as connection:
        rows = connection.execute(example).fetchall()
    assert len(rows) == 200


def test_the_docs_name_every_field_of_the_manifest() -> None:
    assert [one.name for one in fields(Manifest) if f"`{one.name}`" not in DOCS] == []


def test_readers_in_loops_never_fail_while_nights_are_published(place: Place, tmp_path: Path) -> None:
    read_while_publishing(place, {"locked": sys.executable}, 10, tmp_path)


@pytest.mark.prove
def test_readers_of_three_versions_never_fail_while_fifty_nights_are_published(place: Place, tmp_path: Path) -> None:
    pythons = {version: ROOT / ".venv-readers" / version / "bin" / "python" for version in READER_VERSIONS}
    missing = [version for version, path in pythons.items() if not path.exists()]
    if missing:
        pytest.skip(f"No DuckDB {', '.join(missing)} to read with. Make it: make .venv-readers/{missing[0]}/.ready")
    ends = read_while_publishing(place, {"locked": sys.executable} | pythons, 50, tmp_path)
    assert {name: end["duckdb"][:3] for name, end in ends.items() if name in READER_VERSIONS} == {
        version: version for version in READER_VERSIONS
    }


def read_while_publishing(
    place: Place, pythons: Mapping[str, Path | str], nights: int, folder: Path
) -> dict[str, dict[str, Any]]:
    """Publish, and go back now and then, while one reader of each opens anew in a loop and one keeps its connection."""
    stop = folder / "stop"
    place.publish(1, keep=7)
    readers = {
        f"{name}{kind}": subprocess.Popen(
            [str(python), str(TESTS / "reader.py"), str(place.published), str(stop), kind or "reopen"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, python in pythons.items()
        for kind in ("", "hold")
    }
    try:
        for reader in readers.values():
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        for number in range(2, nights + 1):
            place.publish(number, keep=7)
        assert not version_folder(place.published, 1).exists(), "what's held open was removed"
        stop.touch()
        ends = {name: json.loads(reader.communicate(timeout=60)[0]) for name, reader in readers.items()}
    finally:
        for reader in readers.values():
            reader.kill()
            reader.wait()
    for name, end in ends.items():
        print(f"{name}: DuckDB {end['duckdb']}, {end['rounds']} rounds, {len(end['seen'])} nights seen")
        assert end["failure"] is None, (name, end)
        assert readers[name].returncode == 0, name
        if name.endswith("hold"):
            assert end["seen"] == [1], name
        else:
            assert end["seen"] == sorted(end["seen"]), name
            assert (len(end["seen"]) >= 3, end["seen"][-1]) == (True, nights), name
    assert dotted(place.published) == []
    return ends
