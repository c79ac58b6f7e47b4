"""Commands that fit a model to one CSV file and need no store: ``forecast | fit | allocate``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

MOST_PERIODS = 730
"""Of a forecast: two years of days."""


def add(commands: Any) -> None:
    """Add the commands to the parser of ``python -m shopplan``."""
    _add_forecast(commands)
    fit = commands.add_parser("fit", help="what each channel's spend brought, from a CSV file of sales and spend")
    fit.add_argument("--holdout", type=int, default=0, help="periods at the end that test the fit")
    fit.add_argument("--level", type=_percent, default=0.9, metavar="90", help="width of the intervals in percent")
    fit.set_defaults(command=_fit)
    split = commands.add_parser("allocate", help="the best split of a budget, from a CSV file of sales and spend")
    split.add_argument(
        "--window", type=int, default=None, help="last periods that stand for the present; else three months of them"
    )
    split.add_argument(
        "--total", type=_total, default="present", help="an amount for the window, present, or best (with --margin)"
    )
    split.add_argument("--bounds", type=_share, default=0.3, help="how far one step may move a channel")
    split.set_defaults(command=_allocate)
    for command in (fit, split):
        command.add_argument("--csv", type=Path, required=True, help="a row a day, week or month")
        command.add_argument("--date", required=True, help="column of the date")
        command.add_argument("--target", required=True, help="column of sales")
        command.add_argument("--spend", type=_columns, required=True, help="columns of spend, with commas between")
        command.add_argument("--controls", type=_columns, default=(), help="columns of prices, promotions and the like")
        command.add_argument("--margin", type=_share, default=None, help="share of sales left after variable costs")
        command.add_argument("--json", action="store_true", help="print one JSON object")


def _add_forecast(commands: Any) -> None:
    ahead = commands.add_parser("forecast", help="forecast the series of a CSV file: unique_id, ds, y")
    ahead.add_argument("--csv", type=Path, required=True, help="a row a series and date")
    ahead.add_argument("--horizon", type=_periods, required=True, help="periods ahead")
    ahead.add_argument("--freq", choices=("D", "W", "M"), default=None, help="days, weeks, months; else by the dates")
    ahead.add_argument("--level", type=_whole_percent, nargs="+", default=(80, 95), help="intervals in percent")
    ahead.add_argument("--events", type=Path, default=None, help="a CSV file of events: event, day_start, day_end")
    ahead.add_argument("--out", type=Path, required=True, help="where the forecasts go")
    ahead.add_argument("--totals", type=Path, default=None, help="where sums over the horizon go, with their intervals")
    ahead.set_defaults(command=_forecast)


def _periods(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PERIODS:
        raise argparse.ArgumentTypeError(f"1 to {MOST_PERIODS} periods are wanted, not {text}")
    return int(text)


def _whole_percent(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 99:
        raise argparse.ArgumentTypeError(f"a whole percentage from 1 to 99 is wanted, not {text}")
    return int(text)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _share(text: str) -> float:
    share = _number(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"a share between 0 and 1 is wanted, such as 0.3, not {text}")
    return share


def _percent(text: str) -> float:
    percent = _number(text)
    if not 0 < percent < 100:
        raise argparse.ArgumentTypeError(f"a percentage between 0 and 100 is wanted, not {text}")
    return percent / 100


def _total(text: str) -> float | str:
    return text if text in ("present", "best") else _number(text)


def _forecast(args: argparse.Namespace) -> int:
    from shopplan.forecast.command import forecast_file, found_text

    level = tuple(args.level)
    ahead, found = forecast_file(args.csv, args.horizon, args.out, args.freq, level, args.events, args.totals)
    print(f"{ahead['unique_id'].nunique():,} series, {args.horizon} periods ahead: {args.out}")
    if len(found):
        print(f"odd in the history:\n{found_text(found)}")
    return 0


def _fit(args: argparse.Namespace) -> int:
    from threadpoolctl import threadpool_limits

    from shopplan.response.command import Source, fit_report, fit_table

    source = Source(args.csv, args.date, args.target, args.spend, args.controls)
    with threadpool_limits(1):  # matrices are small: more threads only wait for each other
        out = fit_report(source, args.holdout, args.margin, args.level)
    print(json.dumps(out, ensure_ascii=False) if args.json else fit_table(out))
    return 0


def _allocate(args: argparse.Namespace) -> int:
    from threadpoolctl import threadpool_limits

    from shopplan.response.command import Source, allocate_report, allocate_table

    source = Source(args.csv, args.date, args.target, args.spend, args.controls)
    with threadpool_limits(1):
        out = allocate_report(source, args.total, args.window, args.bounds, args.margin)
    print(json.dumps(out, ensure_ascii=False) if args.json else allocate_table(out))
    return 0
