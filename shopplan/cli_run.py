"""The command ``python -m shopplan run``: the plan of a shop as a table or as JSON."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from shopplan.cli_levers import chosen, listing, setting
from shopplan.cli_shared import Misused, add_db
from shopplan.terms import DRAWS_DEFAULT, HORIZON_DEFAULT, HORIZON_MAX, HORIZON_MIN, SEED_DEFAULT

if TYPE_CHECKING:
    from shopplan.plan import PlanResult
    from shopplan.workspace import Shop

COLUMNS = ("orders", "net_sales", "gross_margin", "contribution", "marketing", "people", "ebitda", "cash", "headcount")


def add(commands: Any) -> None:
    """Add the command to the parser of ``python -m shopplan``."""
    run = commands.add_parser("run", help="compute a plan")
    run.add_argument("--template", default="", help="source plan behind the defaults: 000 to 004")
    run.add_argument(
        "--set", action="append", type=setting, default=[], metavar="LEVER=VALUE", help="set a lever; repeat for more"
    )
    run.add_argument("--months", type=int, default=HORIZON_DEFAULT, help=f"{HORIZON_MIN} to {HORIZON_MAX}")
    run.add_argument("--draws", type=int, default=DRAWS_DEFAULT, help="futures behind bands and odds")
    run.add_argument("--seed", type=int, default=SEED_DEFAULT)
    run.add_argument("--levers", action="store_true", help="list the levers of this shop and stop")
    run.add_argument("--json", action="store_true", help="print the plan as one JSON object")
    add_db(run)
    run.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from shopplan import plan
    from shopplan.plan.tables import summary
    from shopplan.scenario import DEFAULT_TEMPLATE, Scenario
    from shopplan.store.facts import default_path
    from shopplan.workspace import Shop

    template = args.template or DEFAULT_TEMPLATE
    _check(args, template)
    db = args.db or default_path()
    if not db.exists():
        raise Misused(f"there is no file {db}; make one with `python -m shopplan demo --db {db}`")
    shop = Shop.open(db)
    try:
        if not shop.ready:
            raise Misused(_nothing(shop))
        baseline = shop.baseline(template)
        if args.levers:
            print(listing(baseline))
            return 0
        scenario = Scenario(template, horizon=args.months).with_values(chosen(args.set, baseline))
        result = plan.run(scenario, baseline, args.draws, args.seed)
        out = summary(result, shop.targets(baseline))
    finally:
        shop.close()
    _name(out["milestones"])
    print(json.dumps(out, ensure_ascii=False) if args.json else _table(out, result))
    return 0


def _check(args: argparse.Namespace, template: str) -> None:
    from shopplan.plan import templates

    if template not in templates.names():
        raise Misused(f"there is no template {template!r}; use one of {', '.join(templates.names())}")
    if not HORIZON_MIN <= args.months <= HORIZON_MAX or not 0 <= args.draws <= 10_000 or args.seed < 0:
        raise Misused(f"--months takes {HORIZON_MIN} to {HORIZON_MAX}, --draws 0 to 10000, --seed 0 or more")


def _nothing(shop: Shop) -> str:
    """Why there is nothing to plan with, and what to do."""
    files = shop.facts.batches()["file"].tolist()
    if not files:
        return "the store is empty; import a file first, or make the demo shop"
    return f"there are no sales in the store yet, only {', '.join(files)}; import a file of sales"


def _name(milestones: list[dict[str, Any]]) -> None:
    """Milestones of a template by their name in words, as the pages show them."""
    from shopplan.i18n import text
    from shopplan.plan.templates import asked

    for row in milestones:
        if row["name"] == row["id"] and (percent := asked().get((row["id"], row["source"]))):
            row["name"] = text("en", f"target.{row['id']}", percent=percent)


def _table(out: dict[str, Any], result: PlanResult) -> str:
    from shopplan.i18n import Style, finding

    style = Style("en", out["currency"])
    lines = ["month   " + "".join(f"{n:>14}" for n in COLUMNS) + f"  ({out['currency']})"]
    lines += [f"{m['month']} " + "".join(f"{m[n] or 0:>14,.0f}" for n in COLUMNS) for m in out["months"]]
    lines += [
        f"{m['name']}: {m['metric']} {m['threshold']:,.10g} by {m['due']}, "
        f"odds {'beyond the plan' if m['odds'] is None else style.odds(m['odds'])}"
        for m in out["milestones"]
    ]
    lines += [finding(style, note.code, note.values, tuple(result.months.date)) for note in result.notes]
    lines.append(f"{len(out['assumptions'])} values are not from data; --json lists them.")
    return "\n".join(lines)
