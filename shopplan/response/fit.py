"""Fit response curves to sales and spend: what media brought, what the base did, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from shopplan.response import base
from shopplan.response.base import Design, Smoothness, Whitener
from shopplan.response.beliefs import Beliefs, lifts, roas_prior
from shopplan.response.history import YEAR, History, read_history
from shopplan.response.posterior import CARRY, LATE_SHARE, LOG_ROAS, POWER, Lift, Media, Posterior, best
from shopplan.response.roas import RoasPrior
from shopplan.response.sample import sample
from shopplan.response.transform import Array, Flags, saturation
from shopplan.terms import SEED_DEFAULT

NONE = pd.DatetimeIndex([])
ODD, LEAST_ODD, MOST_ODD = 6.0, 0.3, 0.05
"""A period's sales fit nothing when what is left of them is so many robust standard deviations and such a share of mean
sales; of so large a share of the periods none is left out."""
LEAST_SCALE = 0.02
STARTS = ((-1.2, 0.0, 1.0, 0.0), (-1.2, 0.0, 2.0, LATE_SHARE), (0.0, -0.7, 2.0, 0.0))
"""Logits of carry-over and bend, and forms, from which the best point is sought."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted history: draws of everything that is shown.

    Attributes
    ----------
    history : History
        Sales of periods that are not believed are those between their neighbours.
    used : tuple of str
        Channels with any spend, in the order of the history; the others have no fitted curve.
    media : Media
        Of the used channels.
    theta : array (draws, used, 5)
        Log measured ROAS, logit of the weekly carry-over, logit of the bend, power of the saturation, share felt late.
    coefficients : array (draws, columns)
        Of the base, in mean sales.
    sigma : array (draws,)
        Noise, in mean sales.
    incremental : array (used,)
        Share of the measured effect that is credited to the channel.
    prior_mean, prior_sd : array (used,)
        Of log measured ROAS.
    smooth : Smoothness
    odd : DatetimeIndex
        Periods whose sales fit nothing and are not believed.
    events : DataFrame or None
    margin : float or None
    """

    history: History
    used: tuple[str, ...]
    media: Media
    theta: Array
    coefficients: Array
    sigma: Array
    incremental: Array
    prior_mean: Array
    prior_sd: Array
    smooth: Smoothness
    odd: pd.DatetimeIndex
    events: pd.DataFrame | None
    margin: float | None

    def kappa(self) -> Array:
        """(draws, used) scale of spend in money a period, see `saturation`."""
        return self.media.kappa(self.theta)

    def height(self) -> Array:
        """(draws, used) sales a period at full saturation, only what is credited to the channel."""
        height = self.media.height(self.theta, self.media.saturated(self.theta))
        return height * self.media.mean_sales * self.incremental

    def felt(self, spend: Array) -> Array:
        """(periods, draws, used) adstock of a path of spend that begins where the history begins."""
        return self.media.felt(self.theta, spend, self.media.carry_in)

    def sales(self, spend: Array) -> Array:
        """(periods, draws, used) sales credited to the channels along a path of spend."""
        return self.saturated(self.felt(spend)) * self.height()

    def saturated(self, felt: Array) -> Array:
        """(..., draws, used) share of the highest sales that felt spend reaches."""
        return saturation(felt / self.kappa(), self.theta[..., POWER])

    def base(self, history: History) -> Array:
        """(draws, periods) sales that are not credited to media, of the history or a longer one.

        What channels were only given the credit for, beyond their incremental share, is among them.
        """
        columns = base_columns(history, self.history, self.events, self.odd).grown(self.smooth.level).columns
        apart = self.coefficients @ columns.T * self.media.mean_sales
        return apart + (self._along(history) * (1 / self.incremental - 1)).sum(axis=2).T

    def expected(self, history: History) -> Array:
        """(draws, periods) expected sales of the history or a longer one that begins with it."""
        return self.base(history) + self._along(history).sum(axis=2).T

    def _along(self, history: History) -> Array:
        return self.sales(history.spend[:, [history.channels.index(c) for c in self.used]])


def fit(
    frame: pd.DataFrame,
    date: str,
    target: str,
    spend: Sequence[str],
    controls: Sequence[str] = (),
    events: pd.DataFrame | None = None,
    prior: Beliefs | None = None,
    margin: float | None = None,
) -> Fit:
    """Fit adstock and saturation of each channel beside trend, season, events and controls.

    Parameters
    ----------
    frame : DataFrame
        A row a day, week or month; days are added up to weeks.
    date, target : str
        Columns of the date and of sales.
    spend, controls : sequence of str
        Columns of spend by channel, in the unit of sales, and of prices, promotions and the like.
    events : DataFrame, optional
        ``event, day_start, day_end``, as the forecast's calendar gives them.
    prior : Beliefs, optional
        Entered returns, incremental shares and experiments.
    margin : float, optional
        Share of sales that is left after variable costs; budgets are judged by it.

    Raises
    ------
    ShopplanError
        When the table cannot be read, see `read_history`, or a belief names a channel that is not there.
    """
    return fit_history(read_history(frame, date, target, spend, controls), events, prior, margin)


def fit_history(
    history: History,
    events: pd.DataFrame | None = None,
    prior: Beliefs | None = None,
    margin: float | None = None,
) -> Fit:
    """As `fit`, of a history that was read already."""
    beliefs = prior or Beliefs()
    beliefs.check(history.channels)
    used = np.flatnonzero(history.spend.sum(axis=0) > 0)
    names = tuple(history.channels[i] for i in used)
    own = History(history.dates, history.period, history.sales, history.spend[:, used], history.controls,
                  names, history.control_names)  # fmt: skip
    beliefs = Beliefs(beliefs.roas, beliefs.roas_sd, beliefs.incremental,
                      tuple(e for e in beliefs.experiments if e.channel in names))  # fmt: skip
    odd = NONE
    while True:
        columns = base_columns(own, own, events, odd)
        media = Media.of(own.spend, YEAR["W"] / YEAR[own.period], float(own.sales.mean()))
        returns, tests = roas_prior(own, beliefs), lifts(own, beliefs)
        posterior, smooth, theta = _settle(own, columns, media, returns, tests)
        more = own.dates[_odd(posterior, columns, smooth, theta)].difference(odd)
        if not 0 < len(more) <= MOST_ODD * len(own.dates) - len(odd):
            break
        odd = odd.union(more)
        own = own.filled(odd)
    rng = np.random.default_rng(SEED_DEFAULT)
    draws = sample(posterior, theta, rng) if names else np.zeros((400, 0, 5))
    rest = posterior.sales - media.sales(draws).sum(axis=1)
    sigma = base.noise(posterior.whitener.misfit(rest), len(own.sales))
    normals = rng.standard_normal((len(draws), columns.columns.shape[1]))
    coefficients = posterior.whitener.coefficients(rest, sigma, normals)
    shown = replace(history, sales=own.sales)
    return Fit(shown, names, media, draws, coefficients, sigma, beliefs.kept(names), returns.centre, returns.width,
               smooth, odd, events, margin)  # fmt: skip


def base_columns(
    history: History, fitted: History, events: pd.DataFrame | None, odd: pd.DatetimeIndex = NONE
) -> Design:
    """Columns of the base for a history that continues, or is, the fitted one."""
    sd = fitted.controls.std(axis=0)
    scale = (fitted.controls.mean(axis=0), np.where(sd > 0, sd, 1.0))
    return base.design(history, fitted.dates[0], fitted.dates[-1], events, scale, odd)


def _odd(posterior: Posterior, columns: Design, smooth: Smoothness, theta: Array) -> Flags:
    """(periods,) whether what media and base leave of a period's sales is beyond belief."""
    rest = posterior.sales - posterior.media.sales(theta[None]).sum(axis=1)
    width = columns.columns.shape[1]
    fitted = posterior.whitener.coefficients(rest, np.zeros(1), np.zeros((1, width)))[0]
    left = rest[0] - columns.grown(smooth.level).columns @ fitted
    scale = max(1.4826 * float(np.median(np.abs(left))), LEAST_SCALE)
    return np.asarray(np.abs(left) > max(ODD * scale, LEAST_ODD))


def _settle(
    own: History, columns: Design, media: Media, prior: RoasPrior, tests: tuple[Lift, ...]
) -> tuple[Posterior, Smoothness, Array]:  # fmt: skip
    """The best parameters under each drift of the base, and of these the drift with the highest evidence.

    Parameters are sought anew under each drift: with those of another, a channel that starts late would look like one.
    """
    sales, years = own.sales / media.mean_sales, base.years_of(own)
    found = []
    starts = np.zeros((len(STARTS), len(own.channels), 5))
    starts[..., LOG_ROAS] = prior.centre
    starts[..., CARRY:] = np.array(STARTS)[:, None]
    for drift, odds in base.DRIFTS.items():
        smooth, sigma = Smoothness(drift), 0.05
        for last in (False, False, True):
            whitener = Whitener.of(columns.grown(smooth.level), smooth, years, sigma)
            posterior = Posterior(media, sales, whitener, prior, tests)
            starts = best(posterior, starts)[None]
            rest = sales - media.sales(starts).sum(axis=1)
            sigma = float(base.noise(whitener.misfit(rest), len(sales))[0])
            smooth = smooth if last else _smoother(columns, smooth, whitener, rest, years, sigma)
        evidence = float(posterior.log_density(starts)[0]) - whitener.log_det / 2 + odds
        found.append((evidence, posterior, smooth, starts[0]))
    return max(found, key=lambda f: f[0])[1:]


def _smoother(
    columns: Design, smooth: Smoothness, whitener: Whitener, rest: Array, years: float, sigma: float
) -> Smoothness:
    """The most likely memory, season and growth of the base for sales apart from media (1, periods)."""
    fitted = whitener.coefficients(rest, np.zeros(1), np.zeros((1, len(columns.part))))[0, columns.part < base.SEASON]
    level = columns.columns[:, columns.part < base.SEASON] @ fitted
    levels = [(), tuple(fitted)] if level.min() > 0.2 * level.max() else [()]

    def likely(tried: Smoothness) -> float:
        whitener = Whitener.of(columns.grown(tried.level), tried, years, sigma)
        return (
            float(base.log_likelihood(whitener.misfit(rest), rest.shape[1])[0])
            - whitener.log_det / 2
            + base.GROWS * bool(tried.level)
        )

    choices = product((smooth.drift,), base.MEMORIES, base.DECAYS, levels)
    return max((Smoothness(*choice) for choice in choices), key=likely)
