"""The structural model: level, drift, season and known influences, filtered under many settings at once.

Every setting of a small grid runs through the history together (Kalman filter, Harvey 1989, chapter 3), so one pass
gives the likelihood of each and a forecast from every origin; settings are weighted by their likelihood so far. Because
drift, season and influences start from priors, it works from three points on and learns as far as the data allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import logsumexp

from shopplan.forecast.series import Array, Places

LONG_SEASON = 24
"""Longer seasons than this are waves instead of one number a period."""
WAVES = 6
DRIFT_SD, SEASON_SD = 0.10, 0.3
"""Before any data: growth of a season's length in logs, and how far one period stands from the mean."""
UNUSUAL, EVEN, CLEAR, SIDE = 3.0, 3.0, 2.0, 4
"""Growth is unusual beyond so many standard deviations of it before the data, less so many of its scatter from season
to season, or of a line's own error where there is no second season; so many values must tell. On public series uneven
growth did not last: believing half of it cost .005 to .009 of MASE."""
YEAR = 12
LASTING = 0.25
"""How long unusual growth lasts is not known: its own part of it is added to its doubt."""
FEWEST, STEEPEST, ERRORS, UNTOLD = 4, 0.06, 2.5, 1.3
"""With less than a year of months: so many must be known to tell growth, no more of it a month is counted, in logs, its
square is believed less so many squared errors of it, and it is doubted by so many times itself. Tuned on simulated
start-ups, on public series cut short and on retail's training years: Decembers at the end ask for the disbelief,
start-ups for the doubt."""
SCATTER, PRIOR_MONTHS = 0.2, 3.0
"""About a line through these months, in logs, before they are seen: it counts as much as so many of them."""
DAMPING = 0.99
LEAST_NOISE, UNKNOWN, SEASONLESS = 0.005, 0.15, 0.7
NOISES, LEVELS, SLOPES, SEASONS = (0.5, 0.8, 1.2, 1.8), (0.03, 0.15, 0.4, 0.8), (0.0, 0.03), (0.0, 0.08)
SIZES = (1.0, 4.0)
"""The grid: noise against its guess; moves of level and season against noise, of the drift against the level's; how far
periods stand from the mean against the usual, since a ski school's winter is not a grocer's."""


@dataclass(frozen=True, eq=False)
class Influences:
    """What is known beforehand of history and horizon: columns (n + h, r) and the prior sd of their effects.

    The last ``yearly`` columns are waves of a year, the ``own`` ones before them what the caller states.
    """

    columns: Array
    sd: Array
    yearly: int = 0
    own: int = 0

    @property
    def stated(self) -> Array:
        """(n + h, own) the columns of what the caller states."""
        last = self.columns.shape[1] - self.yearly
        return self.columns[:, last - self.own : last]


@dataclass(frozen=True, eq=False)
class Filtered:
    """What was known at each origin.

    Attributes
    ----------
    paths : array (origins, h)
        Forecasts.
    covs : array (origins, h, h)
        The model's own covariances of their errors.
    effects : array (origins, r)
        Effects of the influences.
    evidence : array (len(LEVELS),)
        Log likelihood of each size of the level's moves.
    """

    paths: Array
    covs: Array
    effects: Array
    evidence: Array

    @property
    def sds(self) -> Array:
        """(origins, h) the model's own standard deviations."""
        return np.sqrt(np.diagonal(self.covs, axis1=1, axis2=2))


def noise(z: Array, m: int) -> float:
    """A guess at the standard deviation of one period, from differences that carry neither level nor season."""
    z = z[~np.isnan(z)]
    if len(z) < 3:
        return UNKNOWN
    seasonal = len(z) >= m + 6
    # without a second season its moves are among the differences
    moves = np.diff(z[m:] - z[:-m]) / np.sqrt(2) if seasonal else SEASONLESS * np.diff(z)
    robust = 1.4826 * float(np.median(np.abs(moves - np.median(moves))))
    return max((robust + float(np.std(moves))) / 2 / np.sqrt(2), LEAST_NOISE)


def season_basis(n: int, m: int) -> tuple[Array, Array]:
    """(n, s) columns of the season, and the prior covariance of their weights."""
    t = np.arange(n)
    if m <= 1:
        return np.empty((n, 0)), np.empty((0, 0))
    if m <= LONG_SEASON:
        return np.eye(m)[t % m], SEASON_SD**2 * (np.eye(m) - 1 / m)
    angle = 2 * np.pi * t / m
    waves = np.column_stack([wave(k * angle) for k in range(1, WAVES + 1) for wave in (np.sin, np.cos)])
    return waves, np.diag(np.repeat((SEASON_SD / np.arange(1, WAVES + 1)) ** 2, 2))


def filtered(
    z: Array, m: int, origins: list[int], h: int, influences: Influences, belief: Array | None = None
) -> Filtered:
    """Forecast from every origin.

    Parameters
    ----------
    z : array (n,)
        May hold NaN.
    m : int
        Periods of a season.
    origins : list of int
        Lengths of history that are known.
    h : int
        Periods ahead.
    influences : Influences
    belief : array (len(LEVELS),), optional
        How likely each size of the level's moves is before the data; all as likely by default.
    """
    n = len(z)
    # half a year of weeks cannot tell a season of waves from a level that wanders; of months and weekdays it can
    basis, prior = season_basis(n + h, 1 if n < m and m > LONG_SEASON else m)
    s, r = basis.shape[1], influences.columns.shape[1]
    seen = np.hstack([np.ones((n + h, 1)), np.zeros((n + h, 1)), basis, influences.columns[: n + h]])
    growth = growth_sd(z, m)
    bank = _start(z, m, prior, influences, growth)
    doubt, since = growth_doubt(z, m, growth)
    before = np.log(np.full(len(LEVELS), 1 / len(LEVELS)) if belief is None else belief)
    bank.likely += before[bank.size]
    found = []
    for t in range(n + 1):
        if t in origins:
            ahead = seen[t : t + h].copy()
            ahead[:, 1] = np.cumsum(DAMPING ** np.arange(h)) - 1
            path, cov = bank.ahead(ahead)
            grown = ahead[:, 1] + since * (t - 1)
            found.append((path, cov + doubt**2 * np.outer(grown, grown), bank.mean[s + 2 :]))
        if t < n:
            bank.step(seen[t], float(z[t]))
    paths, covs, effects = zip(*found, strict=True)
    evidence = np.array([logsumexp(bank.likely[bank.size == k]) for k in range(len(LEVELS))]) - before
    return Filtered(np.array(paths), np.array(covs), np.array(effects).reshape(len(found), r), evidence)


def growth_sd(z: Array, m: int) -> float:
    """Before the data, how far a season's growth may be from none, in logs.

    What most shops do, unless the history grows so fast that nobody would call it usual; such growth is seen from one
    season to the next, or along a shorter history if it stands out of the scatter. With less than a year it may be the
    season's, and what is clear of it widens the usual.
    """
    if m != YEAR:
        return DRIFT_SD
    if SIDE < len(z) < m:
        steep, error = steepness(z)
        return float(np.hypot(DRIFT_SD, m * min(np.sqrt(max(steep**2 - ERRORS * error**2, 0.0)), STEEPEST)))
    t = np.flatnonzero(~np.isnan(z))
    apart = z[m:] - z[:-m] if len(z) > m + SIDE else np.empty(0)
    if (~np.isnan(apart)).sum() > SIDE:
        middle = float(np.nanmedian(apart))
        seen = max(abs(middle) - EVEN * 1.4826 * float(np.nanmedian(np.abs(apart - middle))), 0.0)
    elif len(t) > SIDE:
        line, (spread, *_) = np.polyfit(t, z[t], 1, cov=True)
        seen = m * max(abs(float(line[0])) - CLEAR * float(np.sqrt(spread[0])), 0.0)
    else:
        seen = 0.0
    return seen if seen > UNUSUAL * DRIFT_SD else DRIFT_SD


def growth_doubt(z: Array, m: int, growth: float) -> tuple[float, float]:
    """What is added to the doubt about a period's growth, in logs, and from which share of the history on it counts.

    With less than a year, growth and season cannot be told apart: it may go on or turn, and the level of today is no
    better known than the line in the middle of the history.
    """
    if m == YEAR and len(z) < m:
        return UNTOLD * min(steepness(z)[0], STEEPEST), 0.5
    return LASTING * growth / max(m, YEAR) if growth > DRIFT_SD else 0.0, 0.0


def steepness(z: Array) -> tuple[float, float]:
    """Growth a period, up or down, that does not hang on any one of them, and the standard error of it, in logs.

    It is the flattest of the lines through all values but one (the jackknife: Tukey, 1958), since one Christmas at the
    end makes a steep line; 0 if they differ in direction.
    """
    t = np.flatnonzero(~np.isnan(z))
    if len(t) < FEWEST:
        return 0.0, 0.0
    x, y = t - t.mean(), z[t] - z[t].mean()
    size = float(x @ x)
    slope = float(x @ y) / size
    rest = y - slope * x
    without = slope - rest * x / (size * (1 - 1 / len(t)) - x**2)
    square = (float(rest @ rest) + PRIOR_MONTHS * SCATTER**2) / (len(t) - 2 + PRIOR_MONTHS)
    return max(float(np.min(np.sign(slope) * without)), 0.0), float(np.sqrt(square / size))


def _start(z: Array, m: int, prior: Array, influences: Influences, growth: float) -> Bank:
    s, r = len(prior), influences.columns.shape[1]
    grid = np.array(list(product(NOISES, LEVELS, SLOPES, SEASONS if s else (0.0,), SIZES if s else (1.0,))))
    size = np.searchsorted(LEVELS, grid[:, 1])
    sigma = noise(z, m) * grid[:, 0]
    moves = np.zeros((len(grid), s + 2, s + 2))
    moves[:, 0, 0] = (sigma * grid[:, 1]) ** 2
    moves[:, 1, 1] = (sigma * grid[:, 1] * grid[:, 2]) ** 2
    moves[:, 2:, 2:] = ((sigma * grid[:, 3]) ** 2)[:, None, None] * prior / SEASON_SD**2
    state = np.zeros((len(grid), s + r + 2))
    first = z[: max(m, 3)]
    state[:, 0] = np.nanmean(first) if not np.isnan(first).all() else np.nanmean(z)
    cov = np.zeros((len(grid), s + r + 2, s + r + 2))
    cov[:] = np.diag(np.concatenate([[1.0, (growth / max(m, YEAR)) ** 2], np.zeros(s), influences.sd**2]))
    cov[:, 2 : s + 2, 2 : s + 2] = (grid[:, 4] ** 2)[:, None, None] * prior
    return Bank(sigma, size, moves, state, cov)


class Bank:
    """The settings side by side: states (K, p), covariances (K, p, p) and log likelihoods (K,), changed in place.

    ``size`` (K,) are places in `LEVELS`.
    """

    def __init__(self, sigma: Array, size: Places, moves: Array, state: Array, cov: Array) -> None:
        self.sigma, self.size, self.moves, self.state, self.cov = sigma, size, moves, state, cov
        self.likely = np.zeros(len(sigma))

    @property
    def weights(self) -> Array:
        """Posterior weight of each setting."""
        weights = np.exp(self.likely - self.likely.max())
        return weights / weights.sum()

    @property
    def mean(self) -> Array:
        """(p,) states by the weights."""
        return self.weights @ self.state

    def step(self, row: Array, value: float) -> None:
        """Learn from one value, if it is known, and move on by one period."""
        if not np.isnan(value):
            reach = self.cov @ row
            variance = reach @ row + self.sigma**2
            miss = value - self.state @ row
            self.state += reach * (miss / variance)[:, None]
            self.cov -= reach[:, :, None] * (reach / variance[:, None])[:, None, :]
            self.likely -= 0.5 * (np.log(variance) + miss**2 / variance)
        own = self.moves.shape[1]
        self.state[:, 0] += self.state[:, 1]
        self.cov[:, 0] += self.cov[:, 1]
        self.cov[:, :, 0] += self.cov[:, :, 1]
        self.cov[:, :own, :own] += self.moves

    def ahead(self, rows: Array) -> tuple[Array, Array]:
        """(h,) forecasts and their (h, h) covariance, over states, settings and noise to come."""
        weights = self.weights
        each = self.state @ rows.T
        path = weights @ each
        steps = np.arange(len(rows))
        cov = rows @ np.tensordot(weights, self.cov, 1) @ rows.T
        cov += (weights @ self.moves[:, 0, 0]) * np.minimum.outer(steps, steps)
        cov += (each - path).T @ (weights[:, None] * (each - path))
        return path, cov + (weights @ self.sigma**2) * np.eye(len(rows))
