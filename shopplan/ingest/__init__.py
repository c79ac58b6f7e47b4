"""Bytes of a file to typed tables and a receipt."""

from shopplan.ingest.account import of_frames
from shopplan.ingest.columns import COLUMNS
from shopplan.ingest.formats import FORMATS
from shopplan.ingest.headers import columns_of, sample_csv
from shopplan.ingest.reading import read
from shopplan.ingest.tables import ImportRefused, LeftOut, Parsed, Problem, Receipt

__all__ = [
    "COLUMNS",
    "FORMATS",
    "ImportRefused",
    "LeftOut",
    "Parsed",
    "Problem",
    "Receipt",
    "columns_of",
    "of_frames",
    "read",
    "sample_csv",
]
