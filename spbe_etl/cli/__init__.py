"""The command `spbe-etl`. Errors are one line and an exit code, never a traceback.

This module imports little: the worker processes that read workbooks import it too.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from spbe_etl.errors import UNFORESEEN, SpbeError


def main() -> None:
    """Run the command line; the process's exit code is the contract's."""
    from spbe_etl.settings import quiet_dependencies

    quiet_dependencies()
    from spbe_etl.cli.app import app

    try:
        app()
    except SpbeError as error:
        _tell(str(error))
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, say it in one line
        _tell(f"unforeseen: {type(error).__name__}: {' '.join(str(error).split())[:300]}{_keep(error)}")
        sys.exit(UNFORESEEN)


def _tell(words: str) -> None:
    print("spbe-etl: " + "".join(c if c.isprintable() else " " for c in words), file=sys.stderr)


def _keep(error: Exception) -> str:
    """Keep the traceback for developers in the data directory, if that can be done."""
    from spbe_etl.settings import Settings

    try:
        arguments = iter(sys.argv)
        folder = next((Path(next(arguments, "")) for word in arguments if word == "--data-dir"), Settings().data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "last_error.txt"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        path.chmod(0o600)
    except (OSError, ValueError):
        return ""
    return f" (details in {path})"
