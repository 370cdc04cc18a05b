"""The command `spbe-etl`. Errors are one line and an exit code, never a traceback."""

from __future__ import annotations

import sys
import traceback

import click
from rich.markup import escape

from spbe_etl.cli.output import errors
from spbe_etl.errors import UNFORESEEN, WRONG_CALL, SpbeError
from spbe_etl.settings import Settings, quiet_dependencies


def main() -> None:
    """Run the command line; the process's exit code is the contract's."""
    quiet_dependencies()
    from spbe_etl.cli.app import app

    try:
        code = app(standalone_mode=False)
    except SpbeError as error:
        errors.print(f"[red]spbe-etl:[/] {escape(str(error))}", soft_wrap=True)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = WRONG_CALL
    except (KeyboardInterrupt, click.Abort):
        errors.print("spbe-etl: stopped")
        code = 130
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, say it in one line
        errors.print(f"[red]spbe-etl:[/] unforeseen: {escape(_one_line(error))}{_keep(error)}", soft_wrap=True)
        code = UNFORESEEN
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _keep(error: Exception) -> str:
    """Keep the traceback for developers in the data directory, if that can be done."""
    try:
        folder = Settings().data_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "last_error.txt"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        path.chmod(0o600)
    except (OSError, ValueError):
        return ""
    return f" (details in {path})"
