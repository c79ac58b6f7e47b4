"""Bytes of a file to typed tables and a receipt."""

from shopplan.ingest.account import of_frames
from shopplan.ingest.columns import COLUMNS
from shopplan.ingest.formats import FORMATS
from shopplan.ingest.headers import columns_of, sample_csv
from shopplan.ingest.mapping import Mapping, guess
from shopplan.ingest.reading import read
from shopplan.ingest.receipt import ImportRefused, LeftOut, Problem, Receipt
from shopplan.ingest.source import Source, open_source, read_all
from shopplan.ingest.tables import Parsed

__all__ = [
    "COLUMNS",
    "FORMATS",
    "ImportRefused",
    "LeftOut",
    "Mapping",
    "Parsed",
    "Problem",
    "Receipt",
    "Source",
    "columns_of",
    "guess",
    "of_frames",
    "open_source",
    "read",
    "read_all",
    "sample_csv",
]
