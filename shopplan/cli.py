"""The command line: ``python -m shopplan demo | import | run | curves | forecast | fit | allocate | log | serve``."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shopplan import cli_curves, cli_import, cli_log, cli_models, cli_run
from shopplan.cli_shared import Misused, add_db, who
from shopplan.terms import ShopplanError

ROOT = Path(__file__).resolve().parents[1]
USAGE, REFUSED, UNHEARD = 2, 1, 141
"""Statuses; the last is that of shells for a program whose reader has gone."""
STATUSES = (
    "A command ends with status 0 when all went well, 1 when a file or the store was refused, and 2 when the call was "
    "wrong or asks for what the shop does not have; the last two say why."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all went well, 1 when something was refused, 2 when the call was wrong."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        status = int(args.command(args))
        sys.stdout.flush()  # here, where a reader that has gone can still be met
        return status
    except BrokenPipeError:  # as in `run | head`: what is left to write has no reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except ShopplanError as error:
        print(f"shopplan: {error}", file=sys.stderr)
        return REFUSED
    except Misused as error:
        print(f"shopplan: {error}", file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m shopplan", description="From sales and spend to a plan.", epilog=STATUSES
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser("demo", help="make the demo shop")
    demo.set_defaults(command=_demo)

    cli_import.add(commands)

    cli_run.add(commands)

    serve = commands.add_parser("serve", help="start the app on this machine")
    serve.add_argument("--port", type=_port, default=8501, help="1 to 65535")
    serve.set_defaults(command=_serve)

    cli_models.add(commands)
    cli_curves.add(commands)
    cli_log.add(commands)
    for command in (demo, serve):
        add_db(command)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port from 1 to 65535 is wanted, not {text}")
    return int(text)


def _demo(args: argparse.Namespace) -> int:
    from shopplan.workspace import Shop

    shop = Shop.open(args.db)
    try:
        receipt = shop.load_demo(who())
    finally:
        shop.close()
    print(f"Demo shop with {receipt.rows_kept:,} rows, {receipt.date_from} to {receipt.date_to}: {shop.facts.path}")
    return 0


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
