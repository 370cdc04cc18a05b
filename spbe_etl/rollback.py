"""Going back to a version that was published before. Only what others read changes, never the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.manifest import Manifest, find_damage, read_manifest
from spbe_etl.versions import clear_leftovers, current_version, make_current, show_report, version_folder, versions


@dataclass(frozen=True)
class Standing:
    """Which version others read, and the newest that's kept; both None before there are versions."""

    version: int | None
    newest: int | None

    @property
    def is_rolled_back(self) -> bool:
        """Whether others read something else than the newest version."""
        return None not in (self.version, self.newest) and self.version != self.newest


@dataclass(frozen=True)
class Kept:
    """A version that's kept. `manifest` None: it can't be read, `problem` says why."""

    version: int
    manifest: Manifest | None
    problem: str | None
    is_current: bool


def standing(folder: Path) -> Standing:
    """Where the publication in a folder stands."""
    return Standing(current_version(folder), max(versions(folder), default=None))


def newest_run(folder: Path) -> str | None:
    """The run that the newest version is of; None where there's none, or it doesn't tell."""
    newest = standing(folder).newest
    manifest = _kept(folder, newest, None).manifest if newest is not None else None
    return manifest.run_id if manifest else None


def list_kept(folder: Path) -> list[Kept]:
    """The versions that are kept, newest first."""
    current = current_version(folder)
    return [_kept(folder, version, current) for version in reversed(versions(folder))]


def known_versions(folder: Path) -> list[int]:
    """The versions that are kept, oldest first; raises ConfigurationError where there's none."""
    known = versions(folder)
    if not known:
        raise ConfigurationError(f"No versions are kept in {folder} yet. Run first: spbe-etl run --source DIR")
    return known


def roll_back(folder: Path, wanted: int | None = None) -> Manifest:
    """Switch to a version, by default the one that the current one replaced, and tell of it. Call it holding the lock.

    Raises ConfigurationError when there's no such version or it isn't whole any more; then nothing has changed.
    """
    known = known_versions(folder)
    chosen = wanted if wanted is not None else _version_before(folder, known)
    if chosen not in known:
        raise ConfigurationError(f"--to {chosen}: not kept. Choose one of {', '.join(map(str, known))}.")
    if chosen == current_version(folder):
        raise ConfigurationError(f"--to {chosen}: that's the version that is published now. Nothing was changed.")
    manifest = _check(folder, chosen)
    try:
        clear_leftovers(folder)
        make_current(folder, chosen)
        show_report(folder, chosen)
    except OSError as error:
        raise PublicationError(f"{folder} can't be switched to version {chosen}: {error}") from error
    return manifest


def _kept(folder: Path, version: int, current: int | None) -> Kept:
    try:
        return Kept(version, read_manifest(version_folder(folder, version)), None, version == current)
    except ConfigurationError as error:
        return Kept(version, None, str(error), version == current)


def _version_before(folder: Path, known: list[int]) -> int:
    """What the current version replaced, so that going back passes over a version that was itself rolled back."""
    current = current_version(folder)
    if current is None:
        raise ConfigurationError(
            f"{folder / 'current'} is no link, so it doesn't tell what's published now. Choose a version: "
            f"spbe-etl rollback --list, then --to VERSION."
        )
    replaced = _kept(folder, current, current).manifest
    if replaced is not None and replaced.replaces in known:
        return replaced.replaces
    earlier = [version for version in known if version < current]
    if not earlier:
        raise ConfigurationError(f"No version before {current} is kept in {folder}. See: spbe-etl rollback --list")
    return earlier[-1]


def _check(folder: Path, version: int) -> Manifest:
    """A version's manifest, once all of its files have been found as it says."""
    place = version_folder(folder, version)
    other = "Nothing was changed. Choose another: spbe-etl rollback --list"
    try:
        manifest = read_manifest(place)
    except ConfigurationError as error:
        raise ConfigurationError(f"Version {version} is damaged: {error} {other}") from error
    damage = list(find_damage(place, manifest))
    if manifest.version != version:
        damage.append(f"its manifest is version {manifest.version}'s")
    if damage:
        raise ConfigurationError(f"Version {version} in {place} is damaged: {'; '.join(damage)}. {other}")
    return manifest
