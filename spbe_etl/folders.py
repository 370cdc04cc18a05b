"""Making folders, said once."""

from __future__ import annotations

from pathlib import Path

from spbe_etl.errors import ConfigurationError


def make_folder(folder: Path) -> None:
    """Make a folder to write into; raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be used as a folder: {error.strerror}") from error
