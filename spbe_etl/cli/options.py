"""Options that several commands take, said once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from spbe_etl.cli.output import STAGE_NAMES
from spbe_etl.composition import Outside
from spbe_etl.errors import ConfigurationError
from spbe_etl.settings import settings_with as settings_with

AsOf = Annotated[str | None, typer.Option(help="As known on this night, YYYY-MM-DD. Default: the latest.")]
Stage = Annotated[str | None, typer.Option(help=f"Only this stage: {', '.join(STAGE_NAMES)}.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
DataDir = Annotated[Path | None, typer.Option(help="Where results are kept (SPBE_DATA_DIR).")]
Institution = Annotated[str | None, typer.Option(help="Only this institution, by its code. Default: all.")]
Year = Annotated[int | None, typer.Option(min=1, max=9999, help="Only this evaluation year. Default: all.")]

TargetYear = Annotated[
    int | None, typer.Option(min=1, max=9999, help="Evaluation year. Default: the latest with a target.")
]


def check_stage(stage: str | None) -> None:
    """Raises ConfigurationError for a stage that isn't one."""
    if stage is not None and stage not in STAGE_NAMES:
        raise ConfigurationError(f"--stage {stage}: not a stage. Choose one of {', '.join(STAGE_NAMES)}.")


def outside() -> Outside:
    """What a command may be given from around it: secret blocks, where one is named."""
    return Outside(read_secret=_read_secret)


def _read_secret(name: str) -> str:
    from flows.server import read_secret  # Prefect takes a second to import

    return read_secret(name)


def read_day(text: str | None, option: str) -> date | None:
    """A date option as YYYY-MM-DD; raises ConfigurationError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{option} {text}: not a date. Write it as YYYY-MM-DD.") from error
