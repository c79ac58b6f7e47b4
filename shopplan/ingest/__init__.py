"""Bytes of a file to typed tables and a receipt."""

from shopplan.ingest.account import of_frames
from shopplan.ingest.columns import COLUMNS
from shopplan.ingest.currency import assumed
from shopplan.ingest.formats import FORMATS, Match
from shopplan.ingest.headers import columns_of, sample_csv
from shopplan.ingest.look import HIDDEN, Look, Shape, look_large, looks, looks_at
from shopplan.ingest.mapping import KINDS, Mapping, fingerprint, guess, likely_kind, meanings
from shopplan.ingest.reading import Options, read
from shopplan.ingest.receipt import ImportRefused, LeftOut, Problem, Receipt
from shopplan.ingest.receipt_csv import receipt_csv
from shopplan.ingest.source import Source, large_members, open_source, read_all
from shopplan.ingest.tables import Parsed

__all__ = [
    "COLUMNS",
    "FORMATS",
    "HIDDEN",
    "KINDS",
    "ImportRefused",
    "LeftOut",
    "Look",
    "Mapping",
    "Match",
    "Options",
    "Parsed",
    "Problem",
    "Receipt",
    "Shape",
    "Source",
    "assumed",
    "columns_of",
    "fingerprint",
    "guess",
    "large_members",
    "likely_kind",
    "look_large",
    "looks",
    "looks_at",
    "meanings",
    "of_frames",
    "open_source",
    "read",
    "read_all",
    "receipt_csv",
    "sample_csv",
]
