"""The folder `published/`: whole versions side by side, and one link, `current`, that says which of them others read.

`spbe.duckdb`, `parquet` and `manifest.json` are links through `current`, so that putting another link in its place is
the one step that switches all of them. Whatever is unfinished or on its way out has a name that starts with a dot.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from spbe_etl.folders import sync
from spbe_etl.manifest import DATABASE, MANIFEST, PARQUET

VERSIONS = "versions"
CURRENT = "current"
REPORT = "report"
LINKS = (DATABASE, PARQUET, MANIFEST)
UNFINISHED, OUTGOING = ".new-", ".old-"
FOLDER_MODE, FILE_MODE = 0o755, 0o644


def version_folder(folder: Path, version: int) -> Path:
    """Where a version is kept for as long as it's kept."""
    return folder / VERSIONS / f"{version:06d}"


def versions(folder: Path) -> list[int]:
    """The versions that are kept, oldest first."""
    try:
        return sorted(int(path.name) for path in (folder / VERSIONS).iterdir() if path.name.isdecimal())
    except FileNotFoundError:
        return []


def current_version(folder: Path) -> int | None:
    """The version that others read; None if there's none, or no link tells."""
    return _linked_version(folder / CURRENT)


def next_version(folder: Path) -> int:
    """A number above all that are kept, whichever is current."""
    return max([*versions(folder), current_version(folder) or 0], default=0) + 1


def prepare(folder: Path) -> None:
    """Make the folder ready to publish into; raises OSError, also where a name is taken by something not ours."""
    (folder / VERSIONS).mkdir(parents=True, exist_ok=True)
    for path in (folder, folder / VERSIONS):
        path.chmod(FOLDER_MODE)
    for name in (*LINKS, CURRENT):
        place = folder / name
        is_ours = Path.is_file if name in (DATABASE, MANIFEST) else Path.is_dir
        if os.path.lexists(place) and not place.is_symlink() and not is_ours(place):
            raise FileExistsError(errno.EEXIST, "Something else is in the way", str(place))
    clear_leftovers(folder)


def put_in_place(folder: Path, private: Path, version: int) -> None:
    """Make a finished private folder a version, and that version the current one; all of it on the disk first."""
    target = version_folder(folder, version)
    _sync_tree(private)
    os.rename(private, target)
    sync(target.parent)
    try:
        make_current(folder, version)
    except OSError:
        if current_version(folder) != version:
            os.rename(target, private)
        raise


def make_current(folder: Path, version: int) -> None:
    """Switch database, Parquet and manifest to a version, in one step."""
    _put_link(folder, CURRENT, f"{VERSIONS}/{version:06d}")
    for name in LINKS:
        _put_link(folder, name, f"{CURRENT}/{name}")


def place_report(folder: Path, version: int, private: Path) -> None:
    """Make a finished private folder a version's report, and the one that others open.

    It can be made again from the version, so nothing waits for the disk.
    """
    target = version_folder(folder, version) / REPORT
    for path in (private, *private.rglob("*")):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    if target.exists():
        _replace_folder(target, private, folder / f"{OUTGOING}{REPORT}-{version}")
    else:
        os.rename(private, target)
    show_report(folder, version)


def show_report(folder: Path, version: int) -> None:
    """Have others open a version's report; none where it has none, as another's would pass for it."""
    place = f"{VERSIONS}/{version:06d}/{REPORT}"
    if (folder / place).is_dir():
        _put_link(folder, REPORT, place)
    elif (folder / REPORT).is_symlink():
        (folder / REPORT).unlink()


def prune(folder: Path, keep: int, *held: int | None) -> None:
    """Remove all but the newest `keep` versions, those held and the one whose report is shown.

    What can't be removed now can be next time.
    """
    held = (*held, _linked_version(folder / REPORT))
    for version in versions(folder)[:-keep]:
        if version not in held:
            with suppress(OSError):
                _remove(version_folder(folder, version), folder)


def clear_leftovers(folder: Path) -> None:
    """Remove what a run that was cut off left behind, and a log of changes that a foreign program left.

    DuckDB 1.4 looks for that log (`spbe.duckdb.wal`) beside the link, and would apply it to any version.
    """
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.startswith((UNFINISHED, OUTGOING)):
                _delete(path)
    with suppress(OSError):
        (folder / f"{DATABASE}.wal").unlink(missing_ok=True)


def _linked_version(link: Path) -> int | None:
    """The version that a link leads to, or to whose report."""
    try:
        place = Path(os.readlink(link))
    except OSError:
        return None
    name = (place.parent if place.name == REPORT else place).name
    return int(name) if name.isdecimal() else None


def _sync_tree(folder: Path) -> None:
    """Everything in a folder readable and on the disk, then the folder."""
    for path in folder.iterdir():
        if path.is_dir():
            _sync_tree(path)
        else:
            path.chmod(FILE_MODE)
            sync(path)
    folder.chmod(FOLDER_MODE)
    sync(folder)


def _put_link(folder: Path, name: str, target: str) -> None:
    """Have `name` be a link to `target`, whatever stood there, so that a reader finds the one or the other."""
    place, fresh = folder / name, folder / f"{UNFINISHED}{name}"
    if place.is_symlink() and os.readlink(place) == target:
        return
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    if place.is_dir() and not place.is_symlink():
        _replace_folder(place, fresh, folder / f"{OUTGOING}{name}")
    else:
        os.replace(fresh, place)
    sync(folder)


def _replace_folder(place: Path, fresh: Path, outgoing: Path) -> None:
    """Put something else where a folder stands: no single rename can, so nothing is there for a moment."""
    os.rename(place, outgoing)
    try:
        os.replace(fresh, place)
    except OSError:
        os.rename(outgoing, place)
        raise
    _delete(outgoing)


def _remove(path: Path, folder: Path) -> None:
    """Take a version away under another name first: what stands in `versions/` is always whole."""
    outgoing = folder / f"{OUTGOING}{path.name}"
    os.rename(path, outgoing)
    _delete(outgoing)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
