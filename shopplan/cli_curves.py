"""``python -m shopplan curves``: the response curves that plans use, and new ones to accept or decline."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from shopplan.cli_shared import add_db, who

if TYPE_CHECKING:
    from shopplan.plan.learned import Learned


def add(commands: Any) -> None:
    """Add the command to the parser of ``python -m shopplan``."""
    curves = commands.add_parser("curves", help="response curves fitted to the shop's data: show, refit, accept")
    curves.add_argument("--refit", action="store_true", help="fit the newest data; curves in use stay in use")
    answer = curves.add_mutually_exclusive_group()
    answer.add_argument("--accept", action="store_true", help="take the curves of the newest data into use")
    answer.add_argument("--keep", action="store_true", help="decline them and keep those in use")
    curves.add_argument("--json", action="store_true", help="print one JSON object")
    add_db(curves)
    curves.set_defaults(command=_curves)


def _curves(args: argparse.Namespace) -> int:
    from shopplan.workspace import Shop

    shop = Shop.open(args.db)
    try:
        learning = shop.learning
        if shop.ready:
            learning.begin()
        if args.refit and learning.in_use() is not None:
            learning.fit()
        if args.accept:
            learning.accept(who())
        elif args.keep:
            learning.decline(who())
        found = {"in_use": learning.in_use(), "waiting": learning.waiting()}
    finally:
        shop.close()
    if args.json:
        print(json.dumps({name: one.to_dict() if one else None for name, one in found.items()}, ensure_ascii=False))
    else:
        print("\n".join(line for name, one in found.items() for line in _lines(name.replace("_", " "), one)))
    return 0


def _lines(name: str, learned: Learned | None) -> list[str]:
    if learned is None:
        return [f"{name}: none"]
    lines = [f"{name}: {learned.periods} periods up to {learned.through}"]
    for channel, one in learned.curves.items():
        c = one.curve
        slope, note = float(c.marginal_roas(c.reference_spend)), f", not used: {one.stopped}" if one.stopped else ""
        lines.append(
            f"  {channel:14} {c.source:8} ROAS {c.roas:6.2f} (log sd {c.roas_sd:.2f})  next money {slope:5.2f}  "
            f"at {c.reference_spend:,.0f} a month, {one.confidence}{note}"
        )
    return lines
