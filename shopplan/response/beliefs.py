"""What a user knows before the fit: returns, experiments, and how much of a channel's effect only captures demand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import NormalDist

import numpy as np
import pandas as pd

from shopplan.response.history import History
from shopplan.response.posterior import Lift
from shopplan.response.roas import RoasPrior
from shopplan.response.transform import Array
from shopplan.terms import Said, ShopplanError

ROAS_LOG_MEAN, ROAS_LOG_SD = 0.7, 0.9
"""Median 2, which a margin of one half just pays for; 0.46 to 8.8 in nine cases of ten. The width is Meridian's."""
ENTERED_LOG_SD = 0.5
OTHER_UNITS = (0.002, 2.0)
"""Spend outside these shares of sales is not in the unit of sales."""
OTHER_UNITS_MEDIA, OTHER_UNITS_LOG_SD = 0.3, 1.2
"""Then media are expected to bring this share of sales, in equal parts, give or take this much in logs."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What a lift test found: sales that a channel's spend from ``start`` to ``end`` brought, or its ROAS.

    Attributes
    ----------
    channel, start, end : str
        Dates as 2026-03-31, both inside the test.
    lo, hi : float
        The interval that was reported, at ``level``; the middle is taken as the finding.
    roas : bool
        Whether ``lo`` and ``hi`` are incremental ROAS; else they are incremental sales.
    tested : float
        Share of the channel's spend in those periods that was tested (a region, half of the users).
    currency : str
        Of sales, as they were entered; whoever fits gives them in that of the history.
    """

    channel: str
    start: str
    end: str
    lo: float
    hi: float
    roas: bool = False
    level: float = 0.9
    tested: float = 1.0
    currency: str = ""

    def __post_init__(self) -> None:
        for day in (self.start, self.end):
            try:
                date.fromisoformat(day)
            except ValueError as error:
                wrong = Said("{value!r} is not a date", value=day)
                raise ShopplanError(wrong, self.channel, "write dates as 2026-08-31") from error
        if self.end < self.start:
            raise ShopplanError("the end is before the start", self.channel, "check the experiment's dates")
        if not self.lo < self.hi:
            raise ShopplanError("the interval of an experiment goes from low to high", self.channel)
        if not 0 < self.level < 1 or not 0 < self.tested <= 1:
            raise ShopplanError("level and tested share of an experiment are shares", self.channel)


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Beliefs by channel; a channel that is not named has the wide common prior.

    Attributes
    ----------
    roas : mapping of channel to float
        Entered ROAS (the median).
    roas_sd : mapping of channel to float
        Log standard deviation of the entered ROAS: 0.5 for a judgement, 0.2 from a test.
    incremental : mapping of channel to float
        Share of the measured effect that would not have come anyway, in (0, 1]: brand search mostly follows demand.
    experiments : tuple of Experiment
    """

    roas: Mapping[str, float] = field(default_factory=dict)
    roas_sd: Mapping[str, float] = field(default_factory=dict)
    incremental: Mapping[str, float] = field(default_factory=dict)
    experiments: tuple[Experiment, ...] = ()

    def check(self, channels: tuple[str, ...]) -> None:
        """Raise a ShopplanError for a channel that does not exist or a number out of its range."""
        named = {*self.roas, *self.roas_sd, *self.incremental, *(e.channel for e in self.experiments)}
        unknown = sorted(named - set(channels))
        if unknown:
            known = Said("channels are {names}", names=channels)
            raise ShopplanError(Said("there is no channel {names}", names=tuple(unknown)), hint=known)
        for channel, value in {**self.roas, **self.roas_sd}.items():
            if not (value > 0 and math.isfinite(value)):
                raise ShopplanError("an entered ROAS and its doubt are above zero", channel)
        for channel, share in self.incremental.items():
            if not 0 < share <= 1:
                raise ShopplanError("the incremental share is above 0 and up to 1", channel)

    def kept(self, channels: tuple[str, ...]) -> Array:
        """(channels,) incremental share of the measured effect."""
        return np.array([self.incremental.get(c, 1.0) for c in channels])


def units_differ(history: History) -> bool:
    """Whether spend cannot be money of the same unit as sales (index points, impressions)."""
    share = history.spend.sum() / history.sales.sum()
    return bool(share > 0 and not OTHER_UNITS[0] <= share <= OTHER_UNITS[1])


def roas_prior(history: History, beliefs: Beliefs) -> RoasPrior:
    """Prior of log measured ROAS.

    An entered ROAS is incremental, so it is divided by the incremental share before it meets the data. Spend in other
    units says nothing of which channel has more.
    """
    names, used = history.channels, history.spend.sum(axis=0)
    usual = used / (history.spend > 0).sum(axis=0)
    centre, width = np.full(len(names), ROAS_LOG_MEAN), np.full(len(names), ROAS_LOG_SD)
    if units_differ(history):
        centre = np.log(OTHER_UNITS_MEDIA * history.sales.sum() / len(names) / used)
        width[:] = OTHER_UNITS_LOG_SD
        usual = np.ones(len(names))
    for i, name in enumerate(names):
        if name in beliefs.roas:
            centre[i] = math.log(beliefs.roas[name] / beliefs.incremental.get(name, 1.0))
            width[i] = beliefs.roas_sd.get(name, ENTERED_LOG_SD)
    return RoasPrior.of(centre, width, np.array([name not in beliefs.roas for name in names], dtype=bool), usual)


def tested_spend(history: History, test: Experiment) -> Array:
    """(periods,) spend that was tested, of the periods that the test touches."""
    spend = history.spend[:, history.channels.index(test.channel)]
    return np.asarray(spend * (_covered(history, test) > 0) * test.tested)


def _covered(history: History, test: Experiment) -> Array:
    """(periods,) share of a period's days on which the test ran."""
    ends = history.ends
    start, end = pd.Timestamp(test.start), pd.Timestamp(test.end)
    first, last = history.dates.where(history.dates > start, start), ends.where(ends < end, end)
    days = np.clip((last - first).days.to_numpy(float) + 1, 0.0, None)
    return np.asarray(days / ((ends - history.dates).days.to_numpy(float) + 1))


def lifts(history: History, beliefs: Beliefs) -> tuple[Lift, ...]:
    """Experiments as terms of the likelihood, in mean sales."""
    out = []
    for test in beliefs.experiments:
        channel = history.channels.index(test.channel)
        spend, tested = history.spend[:, channel], tested_spend(history, test)
        if tested.sum() <= 0:
            raise ShopplanError(
                Said("no spend from {start} to {end}", start=test.start, end=test.end),
                test.channel,
                "check the experiment's dates",
            )
        # sales of some days of a week are those of the week as its other days would have brought them
        whole = tested.sum() if test.roas else tested.sum() / (tested @ _covered(history, test))
        unit = whole / beliefs.incremental.get(test.channel, 1.0) / history.sales.mean()
        sd = (test.hi - test.lo) / 2 / NormalDist().inv_cdf((1 + test.level) / 2)
        out.append(Lift(channel, spend - tested, (test.lo + test.hi) / 2 * unit, sd * unit))
    return tuple(out)
