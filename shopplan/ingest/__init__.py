"""Bytes of a file to typed tables and a receipt."""

from shopplan.ingest.account import of_frames
from shopplan.ingest.tables import ImportRefused, LeftOut, Parsed, Problem, Receipt

__all__ = ["ImportRefused", "LeftOut", "Parsed", "Problem", "Receipt", "of_frames"]
