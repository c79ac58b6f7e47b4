"""A shop's history month by month, in the shape that levels, forecast and curves are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from shopplan.plan.baseline import TAIL, Array, Channel
from shopplan.plan.facts import Entered, Facts, counted, require_numbers, spend_by_month, whole_months, wide
from shopplan.plan.levels import RECENT, assumed_left
from shopplan.plan.occasions import stock_outs
from shopplan.plan.outlook import MODEL_ENTERED
from shopplan.plan.templates import Template
from shopplan.terms import ShopplanError


@dataclass(frozen=True, eq=False)
class Past:
    """History of a shop month by month (whole months only), channels in their final order.

    ``net`` and ``spend`` are month x channel, spend NaN where no file reaches; ``recent`` is the mean month's net sales
    of the last year.
    ``short`` says that no month was whole, so that the days there are stand for one.
    """

    facts: Facts
    entered: Entered
    sales: pd.DataFrame
    months: pd.DatetimeIndex
    channels: tuple[Channel, ...]
    net: pd.DataFrame
    spend: pd.DataFrame
    recent: float
    short: bool

    @property
    def uncounted(self) -> bool:
        """Whether orders are nowhere stated, so that their size is assumed."""
        return not bool((self.facts.sales["orders"] > 0).any())

    @property
    def typed(self) -> bool:
        """Whether there is no history but the three numbers."""
        return self.facts.version == MODEL_ENTERED

    @property
    def start(self) -> date:
        """First planned month."""
        return (self.months[-1] + pd.DateOffset(months=1)).date()


def past_of(facts: Facts, entered: Entered, template: Template) -> Past:
    """Whole months of history, or the three numbers as one month."""
    if facts.empty:
        facts = _typed_history(entered, facts)
    facts, short = whole_months(facts)
    sales = counted(facts.sales, facts.currency, assumed_left(template))
    months = pd.date_range(pd.to_datetime(sales["month"]).min(), pd.to_datetime(sales["month"]).max(), freq="MS")
    channels = _channels(facts, sales, entered, template)
    ids = [c.id for c in channels]
    net = wide(sales, "net", ids, months)
    recent = float(net.iloc[-RECENT:].sum(axis=1).mean())
    if recent <= 0:
        raise ShopplanError(
            "net sales of the last twelve months are not above zero", hint="check the imported files on the Data page"
        )
    spend = spend_by_month(facts.spend, ids, months)
    for channel, entry in entered.channels.items():
        if entry.spend is not None and channel in spend:
            spend[channel] = spend[channel].where(spend[channel] > 0, entry.spend)
    return Past(facts, entered, sales, months, channels, net, spend, recent, short)


def _typed_history(entered: Entered, facts: Facts) -> Facts:
    """One month of history from the three numbers: a channel for all sales, marketing on the template's channels."""
    require_numbers(entered)
    net = float(entered.sales_last_month or 0)
    month = pd.Timestamp(entered.as_of or date.today().replace(day=1))
    unknown = ("orders", "new_orders", "keyed_orders", "units", "discounts", "returns", "cogs", "sessions")
    row = {"month": month, "channel": "online", "gross": net, "net": net}
    row |= dict.fromkeys(unknown, np.nan)
    return replace(
        facts,
        version=MODEL_ENTERED,
        channels=pd.DataFrame([{"id": "online", "name": "", "kind": "organic"}]),
        sales=pd.DataFrame([row]),
        daily=pd.DataFrame({"ds": pd.date_range(month, month + pd.offsets.MonthEnd(0)), "net": net / 30}),
    )


def _channels(facts: Facts, sales: pd.DataFrame, entered: Entered, template: Template) -> tuple[Channel, ...]:
    """Channels with sales or spend, in the store's order, then those that money could be spent on."""
    spending = set(facts.spend.loc[facts.spend["spend"] > 0, "channel"]) if len(facts.spend) else set()
    offered = () if spending else tuple(template.entry_channels)
    typed = [c for c, e in entered.channels.items() if e.spend]
    spending |= set(typed)
    active = set(sales["channel"]) | spending
    rows = [
        Channel(str(r.id), str(r.name_), str(r.kind), r.id in spending or r.id in offered)
        for r in facts.channels.rename(columns={"name": "name_"}).itertuples()
        if r.id in active
    ]
    listed = {r.id for r in rows}
    return (*rows, *(Channel(c, "", c, True) for c in dict.fromkeys((*typed, *offered)) if c not in listed))


def lacking(past: Past) -> pd.DatetimeIndex:
    """Days that files or people say were short of stock."""
    return stock_outs(past.entered.occasions).union(pd.DatetimeIndex(list(past.facts.short_days)))


def recent_spend(past: Past) -> pd.DataFrame:
    """Spend of the last year's whole months: month, channel, spend, attributed."""
    if not len(past.facts.spend):
        return pd.DataFrame({"month": pd.to_datetime([]), "channel": [], "spend": [], "attributed": []})
    month = pd.to_datetime(past.facts.spend["month"])
    return past.facts.spend[month.isin(past.months[-RECENT:])]


def last_months(values: Array) -> Array:
    """(TAIL, C) last rows, zeros before the first."""
    tail = values[-TAIL:]
    return np.concatenate([np.zeros((TAIL - len(tail), values.shape[1])), np.nan_to_num(tail)])


def history(sales: pd.DataFrame, spend: pd.DataFrame, ids: list[str], months: pd.DatetimeIndex) -> pd.DataFrame:
    """The whole shop by month, as `Baseline.history` has it."""
    names = {"orders": "orders", "gross": "gross_sales", "discounts": "discounts", "returns": "returns",
             "net": "net_sales", "cogs": "cogs", "sessions": "sessions"}  # fmt: skip
    selling = [c for c in ids if c in set(sales["channel"])]
    # a sum is known when every part of it is
    out = pd.DataFrame({new: wide(sales, old, selling, months).sum(axis=1, skipna=False) for old, new in names.items()})
    out["marketing"] = spend.sum(axis=1, min_count=1) if np.nansum(spend.to_numpy()) else np.nan
    out["gross_margin"] = out["net_sales"] - out["cogs"]
    return out.rename_axis("month").reset_index()
