"""Published tables as files for people: CSV, one workbook with charts, or a workbook for the internal assessors.

Whatever a cell holds stays text: nothing in an export is run as a formula.
"""

from spbe_etl.exporting.assessor import export_assessor
from spbe_etl.exporting.book import export_xlsx
from spbe_etl.exporting.tables import export_csv

__all__ = ["export_assessor", "export_csv", "export_xlsx"]
