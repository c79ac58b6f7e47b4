"""Curves for a shop with little or no history: anchored on what it spends and on what is claimed for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from shopplan.response.curve import Curve, CurveSource
from shopplan.response.transform import monthly_carryover

BEND = 0.4
"""Safe elasticity at present spend: a curve that is too straight is the dangerous error."""
BEND_SD = 0.5
ROAS_SD: dict[CurveSource, float] = {"entered": 0.5, "platform": 0.6, "template": 0.9}
"""Log standard deviations: a platform's claim adds doubt about attribution; 0.9 is the width of Meridian's prior."""
REFERENCE_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed of a kind of channel until the shop's own numbers are known.

    Attributes
    ----------
    roas : float
        Sales over spend as platforms and plans claim it.
    incrementality : float
        Share of claimed sales that would not have come anyway.
    weekly_carryover : float
    source : str
        Row of the source plans that states ``roas``, or ``"assumption"``.
    """

    roas: float
    incrementality: float
    weekly_carryover: float
    source: str


# Haircuts: field experiments on search ads found brand words to add nothing and other words a fraction of the usual
# estimate (Blake, Nosko, Tadelis, NBER 20171); sellers of attribution call 40-60 % of brand search not incremental.
# Weekly carry-over: digital 0-0.3, out-of-home and print 0.1-0.4 (Robyn); content is found and shared for longer.
PRIORS: dict[str, Prior] = {
    "search": Prior(4.5, 0.60, 0.10, "000 #26"),
    "live": Prior(3.0, 0.80, 0.20, "000 #23"),
    "content": Prior(4.5, 0.60, 0.70, "000 #35"),
    "social": Prior(4.5, 0.60, 0.30, "000 #35"),
    "private": Prior(6.0, 0.40, 0.20, "000 #40"),
    "marketplace": Prior(4.5, 0.60, 0.10, "000 #26"),
    "offline": Prior(2.5, 0.80, 0.40, "assumption"),
    "other": Prior(3.0, 0.70, 0.25, "assumption"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the user typed for one channel; whatever is None is taken from data or from the prior.

    Attributes
    ----------
    spend : float, optional
        Present spend a month.
    roas : float, optional
        Incremental sales over spend, in the user's own judgement: no haircut is applied to it.
    bend, carryover : float, optional
        Elasticity at present spend; monthly carry-over.
    incremental : float, optional
        Share, in (0, 1], of what is claimed or measured that would not have come anyway: brand search mostly captures
        demand that is there.
    """

    spend: float | None = None
    roas: float | None = None
    bend: float | None = None
    carryover: float | None = None
    incremental: float | None = None


def anchored_curves(
    spend_monthly: pd.DataFrame,
    channels: pd.DataFrame,
    entered: Mapping[str, Entry] | None = None,
    priors: Mapping[str, Prior] = PRIORS,
) -> tuple[Curve, ...]:
    """One curve for each channel that has spend, in the order of ``channels``.

    The return is the one entered, else the platform's claim cut by the entered share or that of the channel's kind,
    else the prior of the kind, cut the same way. The reference spend is the one entered, else the mean of the months
    with spend among the last twelve.

    Parameters
    ----------
    spend_monthly : DataFrame
        ``month, channel, spend, attributed`` in major units; ``attributed`` is NaN where nothing is claimed.
    channels : DataFrame
        ``id, kind``.
    entered : mapping of channel id to Entry
    priors : mapping of channel kind to Prior
    """
    entered = entered or {}
    recent = _recent(spend_monthly)
    kinds = zip(channels["id"].astype(str), channels["kind"].astype(str), strict=True)
    curves = (
        _curve(channel, priors.get(kind, priors["other"]), recent.get(channel), entered.get(channel, Entry()))
        for channel, kind in kinds
    )
    return tuple(curve for curve in curves if curve is not None)


def _recent(spend_monthly: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Per channel over the last year: mean spend of active months, and claimed sales over the spend they belong to."""
    months = pd.to_datetime(spend_monthly["month"])
    since = months.max() - pd.DateOffset(months=REFERENCE_MONTHS - 1)
    rows = spend_monthly[(months >= since) & (spend_monthly["spend"] > 0)]
    recent = {}
    for channel, own in rows.groupby("channel"):
        claimed = own[own["attributed"] > 0]
        claimed_roas = claimed["attributed"].sum() / claimed["spend"].sum() if len(claimed) else math.nan
        recent[str(channel)] = (float(own["spend"].mean()), float(claimed_roas))
    return recent


def _curve(channel: str, prior: Prior, recent: tuple[float, float] | None, entry: Entry) -> Curve | None:
    seen_spend, claimed = recent or (0.0, math.nan)
    share = prior.incrementality if entry.incremental is None else entry.incremental
    spend = seen_spend if entry.spend is None else entry.spend
    if spend <= 0:
        return None
    source: CurveSource
    if entry.roas is not None:
        roas, source, note = entry.roas, "entered", ""
    elif math.isfinite(claimed):
        roas, source, note = claimed * share, "platform", "incrementality"
    else:
        roas, source, note = prior.roas * share, "template", prior.source
    return Curve(
        channel=channel,
        reference_spend=spend,
        roas=roas,
        bend=BEND if entry.bend is None else entry.bend,
        carryover=monthly_carryover(prior.weekly_carryover) if entry.carryover is None else entry.carryover,
        roas_sd=ROAS_SD[source],
        bend_sd=BEND_SD,
        source=source,
        note=note,
    )
