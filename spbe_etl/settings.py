"""Settings from the environment (`SPBE_...`): the only place that reads it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from spbe_etl.errors import ConfigurationError

QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
}
"""What our dependencies are told before they're imported, unless somebody set it: send nothing home, be brief."""

SECONDS_A_DAY = 86_400


def quiet_dependencies() -> None:
    """Put QUIET into the environment where nothing is set."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)  # noqa: TID251 - the one place


def serve_environment(settings: Settings, host: str, port: int) -> bool:
    """Tell Prefect, before it's imported, where its server is and how that one is to behave.

    True where the server is ours to start: PREFECT_API_URL names no other.
    """
    is_own = "PREFECT_API_URL" not in os.environ  # noqa: TID251 - the one place
    wanted = {
        "PREFECT_API_URL": f"http://{host}:{port}/api",
        "PREFECT_HOME": str((settings.data_dir / "prefect").resolve()),
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(settings.keep_runs_days * SECONDS_A_DAY),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "spbe_etl,flows",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)  # noqa: TID251 - the one place
    return is_own


def pin_timezone(zone: str) -> None:
    """Make every run of this service take the zone that its schedule is in, whatever is published meanwhile."""
    os.environ["SPBE_TIMEZONE"] = zone  # noqa: TID251 - the one place


class Settings(BaseSettings):
    """Everything that can be set; command-line options override it."""

    model_config = SettingsConfigDict(env_prefix="SPBE_", extra="ignore")

    data_dir: Path = Field(default=Path("var"), description="Where the warehouse and what's published are kept")
    source: str = Field(default="", description="A folder, or google")
    lock_wait_seconds: float = Field(default=600, ge=0, description="How long a run waits for another to end")
    keep_versions: int = Field(default=7, ge=2, description="Published versions kept for readers and rollback")
    report: Literal["id", "en", ""] = Field(default="id", description="Language of the report; empty: none is made")
    hollow_loss_pct: int = Field(default=50, ge=0, le=100, description="More answers lost at once: hollow")
    hollow_nights: int = Field(default=3, ge=1, description="Equal nights after which a hollow workbook is believed")
    failed_workbooks_pct: int = Field(default=50, ge=0, le=100, description="More of them failed: not built")
    batch_size: int = Field(default=20, ge=1, description="Workbooks read by one task")
    google_register: str = Field(
        default="", description="The register's spreadsheet, by id or address; several by commas"
    )
    google_credentials: str = Field(default="", description="A service account's key file, or secret:NAME")
    google_writer_credentials: str = Field(default="", description="Another account's, that may write feedback")
    google_folder: str = Field(default="", description="Folder (id or address) on a shared drive, for new spreadsheets")
    google_endpoint: str = Field(default="", description="Another root for all Google calls")
    google_reads_per_minute: int = Field(default=60, ge=1, description="Google's quota of reads for one account")
    google_writes_per_minute: int = Field(default=60, ge=1, description="Google's quota of writes for one account")
    google_project_per_minute: int = Field(default=300, ge=1, description="Google's quota for the whole project")
    google_retries: int = Field(default=15, ge=0, description="Faults of the network that a run may try again")
    google_timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="How long one request may take")
    google_full_read_nights: int = Field(default=7, ge=1, description="Nights from one full read to the next")

    timezone: str = Field(default="", description="Zone of the schedule; the institution's if not set")
    night_at: str = Field(default="", description="When the night starts, HH:MM; as in schedule.csv if not set")
    keep_runs_days: int = Field(default=90, ge=1, description="Days that Prefect keeps runs, logs and artifacts")
    alert_urls: SecretStr = Field(default=SecretStr(""), description="Where alerts go: Apprise URLs, or secret:NAME")
    reminder_urls: SecretStr = Field(
        default=SecretStr(""), description="Where reminders of deadlines go; with the alerts if not set"
    )
    alert_by: str = Field(default="05:00", description="When tonight has to be published, HH:MM")
    alert_quiet: str = Field(default="21:00-05:00", description="Hours in which no message is sent; empty: none")
    alert_stale_nights: int = Field(default=3, ge=1, description="Nights that an OPD's last good data may stand in")
    alert_deadline_days: int = Field(default=7, ge=0, description="Days before a deadline from which it's told")

    @property
    def warehouse_path(self) -> Path:
        """The private working file."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def raw_dir(self) -> Path:
        """What came in, as Parquet: never changed, and enough to make the working file again."""
        return self.data_dir / "raw"

    @property
    def reference_dir(self) -> Path:
        """Files that the user adds: lists of reference codes, decisions on overlaps."""
        return self.data_dir / "reference"

    @property
    def published_dir(self) -> Path:
        """What others read."""
        return self.data_dir / "published"

    @property
    def published_path(self) -> Path:
        """The published file."""
        return self.published_dir / "spbe.duckdb"

    @property
    def lock_path(self) -> Path:
        """Held by the one run at a time."""
        return self.data_dir / ".run.lock"


def settings_with(**given: Any) -> Settings:
    """The settings from the environment, overridden by what's given and not None; raises ConfigurationError."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise ConfigurationError("; ".join(_setting_problems(error))) from error


def _setting_problems(error: ValidationError) -> Iterator[str]:
    for one in error.errors():
        name = "SPBE_" + "_".join(map(str, one["loc"])).upper()
        yield f"{name}={one['input']}: {one['msg']}"
