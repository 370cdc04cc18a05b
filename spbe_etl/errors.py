"""Everything that can go wrong and be said in one line.

SpbeError
├── ConfigurationError   wrong call or configuration         exit 2
├── InstrumentError      an instrument's files contradict    exit 2
├── SourceError          one workbook can't be used          (the night goes on)
├── SuiteError           an expectation suite itself failed  exit 20
└── PublicationError     nothing could be published          exit 20
"""

from __future__ import annotations

DONE = 0
UNFORESEEN = 1
WRONG_CALL = 2
PUBLISHED_WITH_UNREAD = 10
NOTHING_PUBLISHED = 20


class SpbeError(Exception):
    """An error whose text is fit to be shown as it is."""

    exit_code = UNFORESEEN


class ConfigurationError(SpbeError):
    """A wrong call, setting or path."""

    exit_code = WRONG_CALL


class BusyError(ConfigurationError):
    """Another run is at work; it says itself what comes of the night."""


class InstrumentError(SpbeError):
    """An instrument's seed files don't fit together."""

    exit_code = WRONG_CALL


class SourceError(SpbeError):
    """One workbook can't be used; its text (Bahasa) names the workbook and the remedy."""

    exit_code = WRONG_CALL


class SuiteError(SpbeError):
    """An expectation suite couldn't be run: never bad data, never a pass."""

    exit_code = NOTHING_PUBLISHED


def unwritable(path: object, why: str) -> str:
    """What to say when a file can't be written: mostly a disk that's full."""
    return f"{path} can't be written: {why}. Free some space and run again; what was published stays."


def unreadable(path: object, error: OSError) -> str:
    """What to say when a file of ours is there and can't be read: mostly it's another user's."""
    return f"{path} can't be read: {error.strerror}. Ask as the user that the service runs as, such as sudo -u spbe."


class PublicationError(SpbeError):
    """Nothing was published; what was there before stays."""

    exit_code = NOTHING_PUBLISHED
