"""What the rules look at: what's published, read at once like any reader does, and which institutions there are."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from spbe_etl.alerts.wording import LONGEST_NAME, harmless, listed, words
from spbe_etl.errors import SpbeError
from spbe_etl.publishing import open_publication
from spbe_etl.registers import zone_named
from spbe_etl.settings import Settings
from spbe_etl.warehouse import sql

log = logging.getLogger("spbe_etl.alerts")

EVERYBODY = ""
"""In place of an institution: what concerns the run as a whole."""
QUERIES = ("institution", "opd_stale", "opd_read", "index_fell", "index_level", "completeness")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """An institution as messages name it, its zone and its latest published night. `short`: for titles."""

    name: str
    zone: ZoneInfo
    night: date | None
    short: str = ""


def read_published(settings: Settings) -> Mapping[str, Rows]:
    """Rows of each query in `warehouse/alerts/`; none where nothing can be read, which is for a rule to tell."""
    try:
        with open_publication(settings.published_path) as publication:
            return {name: publication.rows(sql(f"alerts/{name}")) for name in QUERIES}
    except (SpbeError, OSError) as error:
        log.info("nothing published can be read: %s", type(error).__name__)
        return dict.fromkeys(QUERIES, ())


def read_places(settings: Settings, rows: Rows) -> Mapping[str, Place]:
    """The institutions by code, and everybody: the only institution where there's just one."""
    places = {
        row["institution_code"]: Place(
            harmless(row["institution_name"] or row["institution_code"]),
            zone_named(row["timezone"]),
            row["snapshot_on"],
        )
        for row in rows
    }
    if len(places) == 1:
        return places | {EVERYBODY: next(iter(places.values()))}
    newest = max((one.night for one in places.values() if one.night), default=None)
    return places | {EVERYBODY: Place(words()["everybody"], zone_named(settings.timezone), newest)}


def together(places: Mapping[str, Place], codes: Sequence[str]) -> Place:
    """Several institutions that one message is about, all of them or some by name."""
    first = place_of(places, codes[0])
    if set(codes) >= places.keys() - {EVERYBODY}:
        return Place(words()["everybody"], first.zone, first.night)
    short = words()["several"].format(count=len(codes))
    names = listed([place_of(places, code).name for code in codes], LONGEST_NAME // 2)
    return Place(f"{short} ({names})", first.zone, first.night, short)


def place_of(places: Mapping[str, Place], institution_code: str) -> Place:
    """Where an alert belongs; an institution that was never published is known by its code alone."""
    return places.get(institution_code) or Place(harmless(institution_code), places[EVERYBODY].zone, None)
