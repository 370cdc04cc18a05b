"""From scores to a plan: what the figures mean for those who decide. In memory; nothing here alters a figure."""

from __future__ import annotations

from spbe_etl.inventory.overlaps import find_overlaps
from spbe_etl.inventory.tables import BEFORE_PLAN as LISTED
from spbe_etl.inventory.tables import build_tables, listed_tables
from spbe_etl.planning import plan
from spbe_etl.warehouse import Warehouse

CORE = ("fall_case", "night_index", "slope")
BEFORE_PLAN = (
    "application_overlap",
    "contribution",
    "sensitivity",
    "opd_rank",
    "claim_fall",
    "official_estimate",
    "pace",
    "published_check",
    "reconciliation",
    "comparison",
    "restated_indicator",
    "restated_index",
    "step_option",
)
AFTER_PLAN = ("path", "target_step", "pessimistic_step", "roadmap_step")
ANALYSED = (*listed_tables(), *LISTED, *BEFORE_PLAN, *AFTER_PLAN)
"""Published tables that follow from tonight's scores, in this order."""


def analyse(warehouse: Warehouse) -> None:
    """Build the tables of the analysis for the institutions in memory; after build_marts."""
    for name in CORE:
        warehouse.run(f"core/{name}")
    build_tables(warehouse)
    find_overlaps(warehouse, warehouse.arrow("FROM ref.overlap_decision"))
    for table in BEFORE_PLAN:
        warehouse.build_mart(table)
    plan(warehouse)
    for table in AFTER_PLAN:
        warehouse.build_mart(table)
