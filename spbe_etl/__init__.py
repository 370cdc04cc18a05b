"""From OPD workbooks to a published, traceable SPBE and Pemdi index."""

__version__ = "0.1.0"
