"""What the commands share: the option that names the store, who acts, and what a wrong call is."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path


class Misused(Exception):
    """The call was wrong in a way that only the store shows; it ends with 2, like those that the parser sees."""


def add_db(command: argparse.ArgumentParser) -> None:
    """Add ``--db``."""
    command.add_argument("--db", type=Path, default=None, help="fact file; else SHOPPLAN_DB, else data/shop.duckdb")


def who() -> str:
    """The system's user, for the change log; a user without a name, as in containers, by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # KeyError until Python 3.12, ImportError on Windows
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else ""
