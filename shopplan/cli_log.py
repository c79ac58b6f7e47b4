"""The command ``python -m shopplan log``: who changed what, and when; it works while the app runs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from shopplan.cli_shared import Misused, add_db


def add(commands: Any) -> None:
    """Add the command to the parser of ``python -m shopplan``."""
    log = commands.add_parser("log", help="who changed what, and when (UTC), the newest first")
    log.add_argument("--limit", type=_rows, default=200, help="at most so many rows")
    log.add_argument("--json", action="store_true", help="print all particulars as JSON")
    add_db(log)
    log.set_defaults(command=_log)


def _rows(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"a number of rows is wanted, not {text}")
    return int(text)


def _log(args: argparse.Namespace) -> int:
    from shopplan.store.facts import default_path
    from shopplan.store.work import WorkStore, default_url, is_there

    url = default_url(args.db or default_path())
    if not is_there(url):
        raise Misused(f"there is no store of changes beside {args.db or default_path()}")
    store = WorkStore.open(url)
    try:
        rows = store.audit(args.limit)
    finally:
        store.close()
    if args.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        print("\n".join(f"{row.at[:19]}Z  {row.who or '-':16} {row.action:20} {row.about}".rstrip() for row in rows))
    return 0
