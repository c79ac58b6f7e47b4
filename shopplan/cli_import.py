"""The command ``python -m shopplan import``: one receipt a file, what it changed, and how far a large one is."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopplan.cli_shared import add_db, who
from shopplan.terms import ShopplanError

if TYPE_CHECKING:
    from shopplan.ingest import Parsed, Receipt, Source
    from shopplan.ingest.reading import Options
    from shopplan.store.pace import Progress
    from shopplan.workspace import Shop

REFUSED, STOPPED = 1, 130
UNUSED = "--period is not used: the file says its days itself"
KINDS = ("sales", "items", "spend", "refunds", "settlement", "other")


def add(commands: Any) -> None:
    """Add the command to the parser of ``python -m shopplan``."""
    load = commands.add_parser("import", help="import files of sales, spend or other measures")
    load.add_argument("files", nargs="+", type=Path)
    add_db(load)
    load.add_argument("--channel", default="", help="channel of rows that name none, else that of the platform")
    load.add_argument("--kind", choices=KINDS, default="", help="recognise only exports of this kind")
    load.add_argument("--mapping", type=Path, default=None, metavar="M", help="file that says what the columns mean")
    load.add_argument(
        "--currency", type=_currency, default="", help="ISO code of amounts where a file names none, else the shop's"
    )
    load.add_argument("--period", type=_period, metavar="FROM..TO", help="days of a report that names none")
    load.add_argument("--dry-run", action="store_true", help="store nothing; with --db say what would change there")
    load.add_argument("--json", action="store_true", help="print one receipt a file as JSON")
    load.set_defaults(command=_import)


def _currency(text: str) -> str:
    from shopplan.ingest.money import CURRENCIES

    code = text.strip().upper()
    if code and code not in CURRENCIES:
        raise argparse.ArgumentTypeError(f"{text} is no currency; give an ISO 4217 code such as USD")
    return code


def _period(text: str) -> tuple[str, str]:
    """First and last day; one day alone is both."""
    first, _, last = text.partition("..")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        days = date.max, date.min
    if days[0] > days[1]:
        raise argparse.ArgumentTypeError(f"{text} is no period; give it as 2026-01-01..2026-01-31")
    return days[0].isoformat(), days[1].isoformat()


def _import(args: argparse.Namespace) -> int:
    from shopplan.store.facts import default_path
    from shopplan.store.work import default_url, mappings_at
    from shopplan.workspace import Shop

    options = _options(args)
    wanted = not args.dry_run or (args.db is not None and args.db.exists())
    shop = Shop.open(args.db) if wanted else None
    options["remembered"] = shop.work.mappings() if shop else mappings_at(default_url(args.db or default_path()))
    options["usual"] = shop.usual_currency() if shop else ""
    receipts: list[dict[str, Any]] = []
    stopped = False
    try:
        for path in args.files:
            receipts += _receipts(path, options, shop, args.dry_run)
    except KeyboardInterrupt:
        stopped = True
        print("\nshopplan: stopped; nothing of the file that was being read is stored", file=sys.stderr)
    finally:
        if shop:
            shop.close()
    if args.json:
        print(json.dumps(receipts, ensure_ascii=False, indent=2))
    else:
        for receipt in receipts:
            print(_line(receipt))
    return STOPPED if stopped else REFUSED if any("refused" in receipt for receipt in receipts) else 0


def _options(args: argparse.Namespace) -> Options:
    from shopplan.ingest import Mapping

    options: Options = {"channel": args.channel, "kind": args.kind, "currency": args.currency}
    if args.period:
        options["period"] = args.period
    if args.mapping is not None:
        if args.mapping.is_dir():
            raise ShopplanError("this is a folder, not a file", str(args.mapping), "check the path of the mapping")
        if not args.mapping.is_file():
            raise ShopplanError("there is no such file", str(args.mapping), "check the path of the mapping")
        options["mapping"] = Mapping.from_json(args.mapping.read_text("utf-8", "replace"))
    return options


def _receipts(path: Path, options: Options, shop: Shop | None, trial: bool) -> list[dict[str, Any]]:
    """One receipt or refusal for a file, or for each file of an archive."""
    from shopplan.ingest import ImportRefused, read_all

    found: list[dict[str, Any]] = []
    try:
        if path.is_dir():
            raise ShopplanError("this is a folder, not a file", path.name, "name the files in it, such as folder/*.csv")
        for parsed in read_all(path, path.name, **options):
            if isinstance(parsed, ImportRefused):
                found.append(_refusal(parsed.name, parsed))
                continue
            try:
                receipt = _receipt(parsed, shop, trial).to_dict()
                if options.get("period", days := (receipt["date_from"], receipt["date_to"])) != days:
                    receipt["problems"].append({"row": 0, "column": "", "message": UNUSED})
                found.append(receipt)
            except ShopplanError as error:
                found.append(_refusal(parsed.name, error))
    except ShopplanError as error:
        found.append(_refusal(path.name, error))
    return found


def _receipt(parsed: Parsed | Source, shop: Shop | None, trial: bool) -> Receipt:
    from shopplan.ingest import Source

    if shop is None:
        return parsed.read_through() if isinstance(parsed, Source) else parsed.receipt
    progress = _shown if sys.stderr.isatty() and isinstance(parsed, Source) else None
    try:
        return shop.changes(parsed, progress) if trial else shop.commit(parsed, who(), progress)
    finally:
        if progress:
            print(file=sys.stderr)


def _shown(now: Progress) -> None:
    """One line that is written over as the import goes on."""
    left = "" if now.seconds_left is None else f", {now.seconds_left:,.0f} s left"
    print(f"\r{now.rows:,} rows, {now.fraction:.0%}{left}   ", end="", file=sys.stderr, flush=True)


def _refusal(file: str, error: ShopplanError) -> dict[str, Any]:
    receipt = {"file": file, "refused": error.message, "where": error.where, "hint": error.hint}
    return {**receipt, "problems": [problem.to_dict() for problem in getattr(error, "problems", [])]}


def _line(receipt: dict[str, Any]) -> str:
    if "refused" in receipt:
        return (
            f"{receipt['file']}: refused, nothing stored. {receipt['where']}: {receipt['refused']}. {receipt['hint']}"
        )
    flat = {k: v for k, v in receipt["sums"].items() if not isinstance(v, dict)}
    flat |= {f"{code} {k}": v for code, sums in receipt["by_currency"].items() for k, v in sums.items()}
    sums = ", ".join(f"{k} {v}" for k, v in flat.items())
    again = " Imported before: nothing changed." if receipt["already_imported"] else ""
    after = again or _changes(receipt)
    after += f" {UNUSED}." if any(problem["message"] == UNUSED for problem in receipt["problems"]) else ""
    return (
        f"{receipt['file']}: {receipt['format']}, {receipt['rows_kept']:,} of {receipt['rows_read']:,} rows kept, "
        f"{receipt['date_from']} to {receipt['date_to']}, {receipt['currency']} {sums}.{after}"
    )


def _changes(receipt: dict[str, Any]) -> str:
    """What the import did to what was stored."""
    said = [
        f" {change['what'].replace('_', ' ')}: {change['new']:,} new, {change['updated']:,} updated, "
        f"{change['unchanged']:,} unchanged."
        for change in receipt["changes"]
    ]
    files = dict.fromkeys(part["file"] for part in receipt["replaced"])
    return "".join(said) + (f" Overlaps {', '.join(files)}." if files else "")
