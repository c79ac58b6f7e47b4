"""The command line: ``python -m shopplan demo | import | run | curves | forecast | fit | allocate | serve``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shopplan import cli_curves, cli_import, cli_models
from shopplan.terms import DRAWS_DEFAULT, HORIZON_DEFAULT, HORIZON_MAX, HORIZON_MIN, LEVERS, SEED_DEFAULT, ShopplanError

ROOT = Path(__file__).resolve().parents[1]
USAGE, REFUSED = 2, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all went well, 1 when something was refused, 2 when the call was wrong."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        return int(args.command(args))
    except ShopplanError as error:
        print(f"shopplan: {error}", file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shopplan", description="From sales and spend to a plan.")
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser("demo", help="make the demo shop")
    demo.set_defaults(command=_demo)

    cli_import.add(commands)

    run = commands.add_parser("run", help="compute a plan")
    run.add_argument("--template", default="", help="source plan behind the defaults: 000 to 004")
    run.add_argument("--set", action="append", default=[], metavar="LEVER=VALUE", help="set a lever; repeat for more")
    run.add_argument("--months", type=int, default=HORIZON_DEFAULT, help=f"{HORIZON_MIN} to {HORIZON_MAX}")
    run.add_argument("--draws", type=int, default=DRAWS_DEFAULT, help="futures behind bands and odds")
    run.add_argument("--seed", type=int, default=SEED_DEFAULT)
    run.add_argument("--levers", action="store_true", help="list the levers of this shop and stop")
    run.add_argument("--json", action="store_true", help="print the plan as one JSON object")
    run.set_defaults(command=_run)

    serve = commands.add_parser("serve", help="start the app on this machine")
    serve.add_argument("--port", type=int, default=8501)
    serve.set_defaults(command=_serve)

    cli_models.add(commands)
    cli_curves.add(commands)
    for command in (demo, run, serve):
        command.add_argument("--db", type=Path, default=None, help="fact file; else SHOPPLAN_DB, else data/shop.duckdb")
    return parser


def _demo(args: argparse.Namespace) -> int:
    from shopplan.workspace import Shop

    shop = Shop.open(args.db)
    try:
        receipt = shop.load_demo()
    finally:
        shop.close()
    print(f"Demo shop with {receipt.rows_kept:,} rows, {receipt.date_from} to {receipt.date_to}: {shop.facts.path}")
    return 0


def _run(args: argparse.Namespace) -> int:
    from shopplan import plan
    from shopplan.plan import templates
    from shopplan.plan.tables import summary
    from shopplan.scenario import DEFAULT_TEMPLATE, Scenario
    from shopplan.store.facts import default_path
    from shopplan.workspace import Shop

    template = args.template or DEFAULT_TEMPLATE
    if template not in templates.names():
        return _misused(f"there is no template {template!r}; use one of {', '.join(templates.names())}")
    if not HORIZON_MIN <= args.months <= HORIZON_MAX or not 0 <= args.draws <= 10_000 or args.seed < 0:
        return _misused(f"--months takes {HORIZON_MIN} to {HORIZON_MAX}, --draws 0 to 10000, --seed 0 or more")
    db = args.db or default_path()
    if not db.exists():
        return _misused(f"there is no file {db}; make one with `python -m shopplan demo --db {db}`")
    shop = Shop.open(db)
    try:
        if not shop.ready:
            return _misused("the store is empty; import a file first, or make the demo shop")
        baseline = shop.baseline(template)
        if args.levers:
            _list_levers(baseline)
            return 0
        values = dict(_setting(text) for text in args.set)
        if fault := _fault(values, baseline):
            return _misused(fault)
        result = plan.run(Scenario(template, horizon=args.months).with_values(values), baseline, args.draws, args.seed)
        out = summary(result, shop.targets(baseline))
        _name(out["milestones"])
    except _BadSetting as error:
        return _misused(str(error))
    finally:
        shop.close()
    print(json.dumps(out, ensure_ascii=False) if args.json else _table(out))
    return 0


def _fault(values: dict[str, float], baseline: Any) -> str:
    """What is wrong with the levers that were set: not there, or out of their range; empty when all is well."""
    from shopplan.plan import limits

    for key, value in values.items():
        if key not in baseline.defaults:
            return f"this shop has no lever {key}; --levers lists them"
        span = limits(key, baseline)
        if not span.low - 1e-9 <= value <= span.high + 1e-9:
            return f"{key}={value:g} is out of its range, {span.low:,.6g} to {span.high:,.6g}"
    return ""


class _BadSetting(ValueError):
    """A ``--set`` that cannot be read."""


def _setting(text: str) -> tuple[str, float]:
    """``price=-3%`` -> ("price", -0.03)."""
    key, equals, raw = text.partition("=")
    scale = 0.01 if raw.endswith("%") else 1.0
    try:
        value = float(raw.rstrip("%")) * scale
    except ValueError:
        equals = ""
        value = 0.0
    if not equals or value != value or abs(value) == float("inf"):
        raise _BadSetting(f"--set wants lever=number, for example price=-3%, not {text!r}")
    return key, value


def _list_levers(baseline: Any) -> None:
    from shopplan.plan import limits

    for key, default in baseline.defaults.items():
        span = limits(key, baseline)
        unit = LEVERS[key.partition(":")[0]].unit
        print(f"{key:34} {default.value:>14,.4g}  {span.low:,.4g} to {span.high:,.4g} {unit}, {default.source}")


def _name(milestones: list[dict[str, Any]]) -> None:
    """Milestones of a template by their name in words, as the pages show them."""
    from shopplan.i18n import text
    from shopplan.plan.templates import asked

    for row in milestones:
        if row["name"] == row["id"] and (percent := asked().get((row["id"], row["source"]))):
            row["name"] = text("en", f"target.{row['id']}", percent=percent)


def _table(out: dict[str, Any]) -> str:
    names = ["orders", "net_sales", "gross_margin", "contribution", "marketing", "people", "ebitda", "cash"]
    names.append("headcount")
    lines = ["month   " + "".join(f"{n:>14}" for n in names) + f"  ({out['currency']})"]
    lines += [f"{m['month']} " + "".join(f"{m[n] or 0:>14,.0f}" for n in names) for m in out["months"]]
    lines += [
        f"{m['name']}: {m['metric']} {m['threshold']:,.10g} by {m['due']}, "
        f"odds {'beyond the plan' if m['odds'] is None else format(m['odds'], '.0%')}"
        for m in out["milestones"]
    ]
    if any(finding["code"] == "no_spend_history" for finding in out["findings"]):
        lines.append("There is no spend history: present marketing is taken as nothing, what paid channels would bring")
        lines.append("comes from the template. Type present spend and return by channel on the Data page.")
    lines.append(f"{len(out['assumptions'])} values are not from data; --json lists them.")
    return "\n".join(lines)


def _serve(args: argparse.Namespace) -> int:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", args.port)) == 0:
            hint = "stop it, or choose another port with --port"
            raise ShopplanError("something listens there already", f"127.0.0.1:{args.port}", hint)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    db = args.db or os.environ.get("SHOPPLAN_DB")
    if db:
        os.environ["SHOPPLAN_DB"] = str(Path(db).resolve())
    print(f"shopplan runs at http://127.0.0.1:{args.port} (Ctrl+C ends it)", flush=True)
    call = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(args.port)]
    os.chdir(ROOT)
    if os.name == "posix":  # the server takes this process over, so that ending it ends the server
        os.execv(sys.executable, call)
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.call(call)
    return 0


def _misused(message: str) -> int:
    print(f"shopplan: {message}", file=sys.stderr)
    return USAGE
