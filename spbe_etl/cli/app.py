"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from spbe_etl import __version__
from spbe_etl.cli.alert import alert_app
from spbe_etl.cli.ask import blockers, index, rejections
from spbe_etl.cli.backfill import backfill
from spbe_etl.cli.changes import changes
from spbe_etl.cli.doctor import doctor
from spbe_etl.cli.explain import explain
from spbe_etl.cli.feedback import feedback
from spbe_etl.cli.files import export, sample, template
from spbe_etl.cli.importing import import_
from spbe_etl.cli.inventory import inventory_app
from spbe_etl.cli.outlook import outlook
from spbe_etl.cli.path import path
from spbe_etl.cli.report import report
from spbe_etl.cli.rollback import rollback
from spbe_etl.cli.run import run
from spbe_etl.cli.serve import automations, serve
from spbe_etl.cli.status import status
from spbe_etl.cli.whatif import whatif

app = typer.Typer(
    name="spbe-etl",
    help="From OPD workbooks to a published, traceable SPBE and Pemdi index.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"spbe-etl {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """From OPD workbooks to a published, traceable SPBE and Pemdi index."""


for command in (
    run,
    serve,
    index,
    explain,
    rejections,
    blockers,
    changes,
    outlook,
    path,
    whatif,
    status,
    doctor,
    backfill,
    feedback,
    template,
    sample,
    export,
    report,
    rollback,
    automations,
):
    app.command()(command)
app.command(name="import")(import_)
app.add_typer(alert_app, name="alert")
app.add_typer(inventory_app, name="inventory")
