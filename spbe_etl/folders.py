"""What's done with folders and files everywhere, said once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from spbe_etl.errors import ConfigurationError


def make_folder(folder: Path) -> None:
    """Make a folder to write into; raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be used as a folder: {error.strerror}") from error


def sync(path: Path) -> None:
    """Have the disk hold what was written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
