"""`spbe-etl serve`: the scheduled runs on one host. `spbe-etl automations`: what a Prefect server does by itself."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from spbe_etl.cli.options import DataDir, outside, settings_with
from spbe_etl.cli.output import errors
from spbe_etl.composition import open_source
from spbe_etl.folders import make_folder
from spbe_etl.google.credentials import SECRET
from spbe_etl.settings import serve_environment


def serve(
    source: Annotated[str | None, typer.Option(help="A folder, or google (SPBE_SOURCE).")] = None,
    data_dir: DataDir = None,
    host: Annotated[
        str, typer.Option(help="Where the UI and API listen; nobody is asked for a password there.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the UI and API.")] = 4200,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the schedule as a prefect.yaml for work pools, and end.")
    ] = False,
) -> None:
    """Run the schedule: a Prefect server, the night at its hour, checks, reminders. Ends with Ctrl+C or SIGTERM.

    Uses the server that PREFECT_API_URL names, if it's set; else starts one, with PostgreSQL where
    PREFECT_API_DATABASE_CONNECTION_URL is set and SQLite in the data directory otherwise.

    Example: spbe-etl serve --source google
    """
    settings = settings_with(source=source, data_dir=data_dir)
    make_folder(settings.data_dir / "prefect")
    (settings.data_dir / "prefect").chmod(0o700)  # it may hold Secret blocks, and what opens them
    own_server = serve_environment(settings, host, port)
    if as_yaml:
        from flows.deployments import as_yaml as written
        from flows.serving import service_zone

        print(written(settings, service_zone(settings)), end="")
        return
    if not settings.google_credentials.startswith(SECRET):  # a block is kept by the server that isn't there yet
        open_source(settings, outside())  # a wrong setting is better told now than at half past one
    from flows.serving import Service

    _log_to_stderr()
    errors.print("[dim]Starting; the first time takes half a minute ...[/]")
    Service(settings, host, port, own_server).run()


def automations(data_dir: DataDir = None) -> None:
    """Set up what a Prefect server does by itself; `serve` does so at its start.

    Example: PREFECT_API_URL=http://10.0.0.5:4200/api spbe-etl automations
    """
    serve_environment(settings_with(data_dir=data_dir), "127.0.0.1", 4200)
    from flows.automations import set_up

    for name in set_up():
        print(name)


def _log_to_stderr() -> None:
    """What the service itself has to say, a line each; runs log to Prefect."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for name in ("flows", "spbe_etl"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.INFO)
