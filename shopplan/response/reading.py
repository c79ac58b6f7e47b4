"""What a fit says of each channel, with intervals, in the words the pages use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shopplan.response.allocate import Returns, returns_of
from shopplan.response.fit import Fit
from shopplan.response.posterior import CARRY, LOG_ROAS, POWER, expit
from shopplan.response.transform import Array, Places

Confidence = Literal["strong", "fair", "weak", "prior", "unused"]
STRONG, FAIR = 0.2, 0.4
"""Log standard deviation of ROAS up to which it is called strong, fair."""
PRIOR_SHARE = 0.8
"""Where the data have taken less than a fifth off the prior's width, it is the prior that speaks."""
PRESENT = {"W": 13, "M": 3}
"""Periods that stand for the present."""
TAIL_WEEKS = 104


@dataclass(frozen=True, slots=True)
class Span:
    """A value with its interval."""

    value: float
    lo: float
    hi: float

    def times(self, factor: float) -> Span:
        """The same in another unit."""
        return Span(self.value * factor, self.lo * factor, self.hi * factor)


@dataclass(frozen=True, slots=True)
class Reading:
    """One channel over a window.

    Attributes
    ----------
    spend : float
    contribution : Span
        Sales in the window: ``carry_in + in_period``.
    share : Span
        Of all media sales in the window.
    roas : Span
        Sales that the window's spend brings over that spend: ``(in_period + still_to_come) / spend``.
    mroas : Span
        Sales that the next unit of money brings at present spend.
    carry_in, in_period, still_to_come : float
        Sales in the window of earlier spend; of its own spend; and of its own spend after it.
    half_life : float
        Weeks after which half of the effect is over, counted from its peak.
    saturation : float
        Share of the highest possible sales that present spend reaches.
    confidence : str
        "strong", "fair", "weak", "prior" (the data say little) or "unused" (never any spend).
    """

    spend: float
    contribution: Span
    share: Span
    roas: Span
    mroas: Span
    carry_in: float
    in_period: float
    still_to_come: float
    half_life: float
    saturation: float
    confidence: Confidence

    def times(self, factor: float) -> Reading:
        """The same with all money in another unit."""
        money = {name: getattr(self, name) * factor for name in ("spend", "carry_in", "in_period", "still_to_come")}
        return replace(self, contribution=self.contribution.times(factor), **money)


ZERO, UNKNOWN = Span(0.0, 0.0, 0.0), Span(np.nan, np.nan, np.nan)
UNUSED = Reading(0.0, ZERO, ZERO, UNKNOWN, UNKNOWN, 0.0, 0.0, 0.0, np.nan, 0.0, "unused")


def readings(fit: Fit, window: int | None = None, level: float = 0.9) -> dict[str, Reading]:
    """What the fit says of every channel over the last ``window`` periods (all by default).

    Parameters
    ----------
    fit : Fit
    window : int, optional
    level : float
        Width of the intervals.
    """
    periods = len(fit.history.dates) if window is None else window
    flows = _flows(fit, periods)
    total = flows.inside.sum(axis=1, keepdims=True)
    shares = flows.inside / np.where(total > 0, total, 1.0)
    spend = fit.media.spend[-periods:].sum(axis=0)
    present = present_returns(fit)
    slopes = present.slope(np.ones(len(fit.used)))
    held = fit.saturated(present.present / _present_periods(fit))
    half_life = np.log(0.5) / np.log(expit(fit.theta[..., CARRY]))
    out = dict.fromkeys(fit.history.channels, UNUSED)
    for i, channel in enumerate(fit.used):
        own = flows.new_inside[:, i] + flows.new_after[:, i]
        out[channel] = Reading(
            spend=float(spend[i]),
            contribution=_span(flows.inside[:, i], level),
            share=_span(shares[:, i], level),
            roas=_span(own / spend[i], level) if spend[i] > 0 else UNKNOWN,
            mroas=_span(slopes[:, i], level),
            carry_in=float((flows.inside - flows.new_inside)[:, i].mean()),
            in_period=float(flows.new_inside[:, i].mean()),
            still_to_come=float(flows.new_after[:, i].mean()),
            half_life=float(np.median(half_life[:, i])),
            saturation=float(held[:, i].mean()),
            confidence=confidence(fit, i),
        )
    return out


def confidence(fit: Fit, channel: int) -> Confidence:
    """How sure the return of a used channel is, in a word."""
    doubt = float(fit.theta[:, channel, LOG_ROAS].std())
    if points_per_parameter(fit) < 1:
        return "prior"
    if doubt > PRIOR_SHARE * fit.prior_sd[channel] and doubt > STRONG:
        return "prior"
    return "strong" if doubt <= STRONG else "fair" if doubt <= FAIR else "weak"


def points_per_parameter(fit: Fit) -> float:
    """Periods for each number that is estimated."""
    return len(fit.history.dates) / (3 * len(fit.used) + fit.coefficients.shape[1])


@dataclass(frozen=True, eq=False)
class _Flows:
    """(draws, channels) sales in the window, those of them from the window's spend, and those after it."""

    inside: Array
    new_inside: Array
    new_after: Array


def _flows(fit: Fit, periods: int) -> _Flows:
    """Sales of a stock of felt spend belong to earlier and to new spend as the stock does."""
    past, after = fit.media.spend, np.zeros((round(TAIL_WEEKS / fit.media.weeks), len(fit.used)))
    felt = fit.felt(np.concatenate([past, after]))[len(past) - periods :]
    new = fit.media.felt(fit.theta, np.concatenate([past[-periods:], after]), np.zeros(len(fit.used)))
    sales = fit.saturated(felt) * fit.height()
    fresh = sales * np.divide(new, felt, out=np.zeros_like(felt), where=felt > 0)
    return _Flows(sales[:periods].sum(axis=0), fresh[:periods].sum(axis=0), fresh[periods:].sum(axis=0))


def _span(values: Array, level: float) -> Span:
    lo, hi = np.quantile(values, ((1 - level) / 2, (1 + level) / 2))
    return Span(float(values.mean()), float(lo), float(hi))


def present_returns(fit: Fit, window: int | None = None) -> Returns:
    """Returns on spend along the path of the last periods; a channel that pauses is taken at its usual spend."""
    return _returns(fit, window, np.arange(len(fit.used)))


def active_returns(fit: Fit, window: int) -> Returns:
    """As `present_returns`, of the channels that spent in the window: only their present spend can be split anew."""
    spent = fit.media.spend[-window:].sum(axis=0)
    return _returns(fit, window, np.flatnonzero(spent > 0))


def _returns(fit: Fit, window: int | None, own: Places) -> Returns:
    periods = _present_periods(fit) if window is None else min(window, len(fit.history.dates))
    spend = fit.media.spend[-periods:].sum(axis=0)
    felt = fit.felt(fit.media.spend)[-periods:]
    felt = np.where(spend > 0, felt, fit.media.reference)
    present = np.where(spend > 0, spend, fit.media.reference * periods)
    names = tuple(fit.used[i] for i in own)
    parts = (fit.height()[:, own], fit.kappa()[:, own], fit.theta[:, own, POWER])
    return returns_of(names, felt[..., own], present[own], *parts)


def _present_periods(fit: Fit) -> int:
    return min(PRESENT[fit.history.period], len(fit.history.dates))
