"""Ratios of a shop's channels, measured over its last year: basket, discount, returns, margin, conversion, repeat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.plan.baseline import TAIL, Array, Channel
from shopplan.plan.facts import wide
from shopplan.plan.templates import Template
from shopplan.terms import Default, SourceKind

RECENT = 12
DECAY = 0.8
"""Repeat orders fade by this factor a month where cohorts do not tell."""
LEAST_SD, MOST_SD = 0.01, 0.3
REPEAT_MONTHS, LEAST_REPEAT = 6, 0.01
"""In a shorter history nearly every customer looks new; a rate of nothing would leave the lever nothing to scale."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels by channel (C,), their means as defaults, and how well they are known.

    ``means`` holds a Default for each lever that a level belongs to; ``sd`` the log-scale error of the ratios.
    ``uncounted`` is the mean conversion rate assumed of channels that sell and whose visits are not counted.
    """

    aov: Array
    discount: Array
    return_rate: Array
    margin: Array
    conversion: Array
    basket: float
    means: Mapping[str, Default]
    sd: Mapping[str, float]
    uncounted: Default | None


def measure(
    sales: pd.DataFrame,
    channels: tuple[Channel, ...],
    months: pd.DatetimeIndex,
    template: Template,
    typed_margin: float | None = None,
) -> Levels:
    """Levels of the last twelve months; what the data do not hold comes from the template.

    Parameters
    ----------
    sales : DataFrame
        As in `Facts.sales`, whole months.
    months : DatetimeIndex
        All months of the history.
    typed_margin : float, optional
        Gross margin to use where no costs are known.
    """
    ids = [c.id for c in channels]
    recent = {k: wide(sales, k, ids, months).iloc[-RECENT:] for k in _COLUMNS}
    orders = recent["orders"].sum()
    paid_in = recent["gross"] - recent["discounts"].fillna(0)
    asked = {
        "discount": (recent["discounts"], recent["gross"]),
        "return_rate": (recent["returns"], paid_in),
        "margin": (recent["net"] - recent["cogs"], recent["net"]),
    }
    otherwise = {k: Default(f.value, _kind(f.source), f.source) for k, f in template.levers.items() if k in asked}
    if typed_margin is not None:
        otherwise["margin"] = Default(typed_margin, "entered")
    levels = {lever: _ratio(part, base, otherwise[lever], WITHIN[lever]) for lever, (part, base) in asked.items()}
    discount, return_rate = levels["discount"][0], levels["return_rate"][0]
    conversion, uncounted = _conversion(recent["orders"], recent["sessions"], channels, template)
    sold = _before_deductions(recent, discount, return_rate)
    basket = float(sold.sum() / max(orders.sum(), 1e-9))
    return Levels(
        (sold / orders).where(orders > 0, basket).to_numpy(float),
        discount,
        return_rate,
        levels["margin"][0],
        conversion,
        basket,
        {lever: mean for lever, (_, mean) in levels.items()},
        _ratio_sd(recent),
        uncounted,
    )


def assumed_left(template: Template) -> float:
    """What discounts and returns leave of a basket, where no file tells them."""
    return math.prod(1 - template.levers[lever].value for lever in ("discount", "return_rate"))


def _before_deductions(recent: Mapping[str, pd.DataFrame], discount: Array, return_rate: Array) -> pd.Series:
    """Gross sales by channel, such that orders at this basket bring the net sales of the file.

    Where a file does not tell discounts or returns, what it states is what was left of them; they are assumed, so the
    basket before them is that much larger. Else the same net sales would stand for more orders than were counted.
    """
    told = recent["discounts"].notna() & recent["returns"].notna()
    grown = recent["net"] / ((1 - discount) * (1 - return_rate))
    return recent["gross"].where(told | (grown <= 0), grown).sum()


WITHIN = {"discount": (0.0, 0.9), "return_rate": (0.0, 0.9), "margin": (-0.5, 0.95)}
"""Levels beyond these are taken for a fault of the file and limited."""


def _ratio(
    part: pd.DataFrame, base: pd.DataFrame, otherwise: Default, within: tuple[float, float]
) -> tuple[Array, Default]:
    """(C,) share of the part in its base, and its mean weighted by the base, over the months that tell.

    A month whose file lacks the column is not a month with none of it; a channel that never tells has the mean.
    """
    above, below = part.sum(), base.where(part.notna()).sum()
    known = below > 0
    if not known.any():
        return np.full(len(known), otherwise.value), otherwise
    shares = (above / below).clip(*within)
    mean = float((shares * below)[known].sum() / below[known].sum())
    return shares.where(known, mean).to_numpy(float), Default(mean, "data", "last_12_months")


_COLUMNS = ("orders", "gross", "discounts", "returns", "net", "cogs", "sessions")


def _kind(source: str) -> SourceKind:
    return "assumption" if source == "assumption" else "template"


def _conversion(
    orders: pd.DataFrame, sessions: pd.DataFrame, channels: tuple[Channel, ...], template: Template
) -> tuple[Array, Default | None]:
    """(C,) orders a session, and the mean of what had to be assumed of channels that sell.

    Where visits are not counted it is the template's level of the channel's kind.
    """
    seen, bought = sessions.sum(), orders.where(sessions > 0).sum()
    rates, figures = [], []
    for c in channels:
        figure = template.conversion.get(c.kind, template.conversion["other"])
        counted = seen[c.id] > 0 and bought[c.id] > 0
        if not counted and orders[c.id].sum() > 0:
            figures.append(figure)
        rates.append(bought[c.id] / seen[c.id] if counted else figure.value)
    if not figures:
        return np.array(rates), None
    note = "" if (source := figures[0].source) == "assumption" else source
    return np.array(rates), Default(float(np.mean([f.value for f in figures])), _kind(source), note)


def _ratio_sd(recent: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Log-scale standard error of the yearly ratios: their spread from month to month over root of the months."""
    sums = {k: frame.sum(axis=1, min_count=1) for k, frame in recent.items()}
    ratios = {
        "aov": sums["gross"] / sums["orders"],
        "margin": sums["cogs"] / sums["net"],
        "returns": sums["returns"] / sums["gross"],
    }
    out = {"repeat": 0.1}
    for name, series in ratios.items():
        logs = np.log(series[(series > 0) & (series < np.inf)])
        error = float(logs.std(ddof=1) / np.sqrt(len(logs))) if len(logs) >= 3 else 0.05
        out[name] = min(max(error, LEAST_SD), MOST_SD)
    return out


def repeat_default(sales: pd.DataFrame, template: Template) -> Default:
    """Repeat purchase rate: share of known customers' orders of the last year that are not first ones."""
    months = pd.to_datetime(sales["month"])
    recent = sales[months > months.max() - pd.DateOffset(months=RECENT)]
    known = recent.dropna(subset=["new_orders"])
    orders = float(known["keyed_orders"].sum())
    if orders > 0 and known["new_orders"].sum() > 0 and months.nunique() >= REPEAT_MONTHS:
        rate = 1 - float(known["new_orders"].sum()) / orders
        return Default(min(max(rate, LEAST_REPEAT), 0.9), "data", "last_12_months")
    figure = template.levers["repeat_rate"]
    return Default(figure.value, _kind(figure.source), figure.source)


def repeat_kernel(rate: float, cohorts: pd.DataFrame) -> Array:
    """(TAIL,) repeat orders per new order by months since.

    A rate p stands for p / (1 - p) further orders per new one. Their timing follows the cohorts where customers are
    known, fading geometrically beyond what has been seen, else it fades geometrically from the start.
    """
    shape = DECAY ** np.arange(TAIL)
    if not cohorts.empty:
        seen = _orders_by_age(cohorts)
        if len(seen) >= 3 and seen.any():
            last = len(seen)
            shape = np.concatenate([seen, seen[-1] * DECAY ** np.arange(1, TAIL - last + 1)])
    return shape / shape.sum() * rate / (1 - rate)


def _orders_by_age(cohorts: pd.DataFrame) -> Array:
    """(A,) orders 1, 2, ... months after the first per customer of the cohorts that are old enough to tell."""
    month = pd.to_datetime(cohorts["cohort"]).dt
    born = (month.year * 12 + month.month).to_numpy(int)
    age = cohorts["age"].to_numpy(int)
    oldest = (born + age).max() - born
    first = age == 0
    seen = []
    for months in range(1, min(TAIL, int(oldest.max())) + 1):
        size = cohorts["customers"].to_numpy(float)[first & (oldest >= months)].sum()
        if size <= 0:
            break
        seen.append(cohorts["orders"].to_numpy(float)[age == months].sum() / size)
    return np.array(seen)


def new_history(sales: pd.DataFrame, ids: list[str], months: pd.DatetimeIndex, rate: float) -> Array:
    """(TAIL, C) new customers' orders before the plan, oldest first.

    Months before the first known one are taken to be like the first three, for channels that were already at work:
    their customers exist although no file tells of them.
    """
    orders, first, keyed = (wide(sales, k, ids, months) for k in ("orders", "new_orders", "keyed_orders"))
    share = (first / keyed.where(keyed > 0)).clip(0, 1).fillna(1 - rate)
    new = (orders * share).to_numpy(float)[-TAIL:]
    missing = TAIL - len(new)
    if missing <= 0:
        return new
    early = np.where(new[0] > 0, new[:3].mean(axis=0), 0.0)
    return np.concatenate([np.tile(early, (missing, 1)), new])
