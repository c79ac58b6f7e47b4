"""The members, each forecasting from several earlier dates at once, and the mean of them that those dates speak for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shopplan.forecast.arima import airline, autoregression
from shopplan.forecast.series import Array, Flags
from shopplan.forecast.smoothing import ets, repeated, split, theta
from shopplan.forecast.structural import LONG_SEASON, Filtered, Influences, filtered

ORIGINS = 8
ROOM = np.log(3.0)
"""A forecast stays within a third of the lowest and three times the highest value of the last seasons."""
ABSURD = 3.0
"""A member whose back-tested errors are so many times the median member's is left out."""
TRUST, SHARPNESS = {12: 6.0, 7: 2.0, 52: 2.0}, {12: 1, 7: 2, 52: 2}
"""By season: origins after which the back-tests weigh as much as the weights beforehand, and the power of the squared
errors that weights go by. Days and weeks have more to be tested on than months, and their members differ more."""
CHANCE = 0.1
"""Added to the squared errors, which are 1 for the usual member: a perfect back-test is luck in part."""
TRUST_OTHERS = 30.0
"""As `TRUST`, for the back-tests of other series of the shop."""
DOUBLE = ("structural", "level", "weeks")
"""Members that count twice beforehand: one is itself a mean of many, the others are alone in having no season or in
seeing whole weeks."""
LEAST_WEEKS = 6
"""So many whole weeks must be known to be forecast themselves."""
MARGIN = 4
"""Periods beyond two seasons from which the models with an estimated season run."""


@dataclass(frozen=True, eq=False)
class Belief:
    """What other series of the same shop say of one beforehand.

    Attributes
    ----------
    levels : array (len(LEVELS),), optional
        How likely each size of the level's moves is; see `structural.filtered`.
    squares : sequence of mapping
        `Combined.squares` of the other series.
    tests : int
        Back-tests behind them.
    """

    levels: Array | None = None
    squares: Sequence[Mapping[str, float]] = ()
    tests: int = 0

    def prior(self, names: Sequence[str]) -> Array:
        """(members,) weights before a series' own back-tests, which add up to 1."""
        even = np.array([2.0 if name in DOUBLE else 1.0 for name in names])
        even /= even.sum()
        squares = np.array([[one.get(name, 1.0) for name in names] for one in self.squares]).reshape(-1, len(names))
        likely = -np.log(squares + CHANCE).sum(axis=0)
        told = even * np.exp(likely - likely.max())
        return (self.tests * told / told.sum() + TRUST_OTHERS * even) / (self.tests + TRUST_OTHERS)


NOTHING = Belief()


@dataclass(frozen=True, eq=False)
class Combined:
    """The mean of the members.

    Attributes
    ----------
    path : array (h,)
        Forecast in logs.
    origins : tuple of int
        Lengths of history that were forecast from, the earliest first; the last one is the whole.
    covs : array (origins, steps, steps)
        Covariance of the errors from each of them as the structural model has it, over a season or more.
    scores : array (origins - 1, steps)
        Back-tested errors of the mean in the structural model's standard deviations at their origin and step, NaN
        beyond the end of the history; the earliest origin first.
    evidence : array
        What the history says of how far the level moves; see `structural.Filtered`.
    model : str
        Members, joined by ``+``, the weightiest first.
    weights : tuple of float
        Their shares of the mean, in that order.
    squares : mapping
        Squared back-tested errors of each member, those of the usual one being 1.
    failed : tuple of str
        Members that could not be fitted, whose part the others take.
    """

    path: Array
    origins: tuple[int, ...]
    covs: Array
    scores: Array
    evidence: Array
    model: str
    weights: tuple[float, ...]
    squares: Mapping[str, float]
    failed: tuple[str, ...] = ()


Member = Callable[[Array, int, list[int], int], Array]


def earlier_dates(n: int, m: int) -> list[int]:
    """Lengths of history to forecast from, the earliest first, spread over the last half."""
    least = 2 * m + MARGIN if n >= 2 * m + 2 * MARGIN else max(n // 2, 3)
    first = max(n // 2, least)
    if first > n - 1:
        return []
    return sorted({round(x) for x in np.linspace(first, n - 1, min(ORIGINS, n - first))})


def combine(z: Array, believed: Flags, m: int, h: int, influences: Influences, belief: Belief = NOTHING) -> Combined:
    """Forecast (n,) logs without gaps; only the believed values teach the structural model."""
    n = len(z)
    origins = [*earlier_dates(n, m), n]
    reach = max(h, n - origins[0], m)
    base = filtered(np.where(believed, z, np.nan), m, origins, reach, influences, belief.levels)
    lasting = influences.columns * (np.arange(influences.columns.shape[1]) < len(influences.sd) - influences.yearly)
    paths, failed = {"structural": _within(base.paths, z, m)}, []
    for name, member in _members(n, m).items():
        # a member of whole weeks follows the year by its level: waves from a year or two may mislead all the others
        columns = lasting if name == "weeks" else influences.columns
        back = np.array([columns[o : o + reach] @ e for o, e in zip(origins, base.effects, strict=True)])
        try:
            got = member(z - columns[:n] @ base.effects[-1], m, origins, reach) + back
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            failed.append(name)
            continue
        if np.isfinite(got[-1]).all():
            paths[name] = _within(got, z, m)
        else:
            failed.append(name)
    return replace(_weighted(paths, base, z, origins, m, h, belief), failed=tuple(failed))


def _within(paths: Array, z: Array, m: int) -> Array:
    seen = z[-3 * m :]
    return np.clip(paths, seen.min() - ROOM, seen.max() + ROOM)


def _members(n: int, m: int) -> dict[str, Member]:
    """Which members the length of the history allows."""
    if n < m + 1:
        return {}
    if m > LONG_SEASON:
        return {"last_season": last_season, "level": _level}
    if n < 2 * m + MARGIN:
        return {"last_season": last_season}
    members: dict[str, Member] = {"ets": ets, "theta": _each(_theta), "stl": _each(_stl)}
    if m == 12:
        members["sarima"] = airline
    else:
        members |= {"autoregression": _each(autoregression), "weeks": _weeks}
    if n < 3 * m:
        members["last_season"] = last_season
    return members


def _each(member: Callable[[Array, int, int], Array]) -> Member:
    """A model that is fitted anew at every origin; NaN where the history is too short for its season."""

    def rolled(z: Array, m: int, origins: list[int], h: int) -> Array:
        blank = np.full(h, np.nan)
        return np.array([member(z[:o], m, h) if o >= 2 * m + 2 else blank for o in origins])

    return rolled


def _weeks(z: Array, m: int, origins: list[int], h: int) -> Array:
    """Smoothed days, moved so that the means of whole weeks are those that smoothing the weeks' own means foretells.

    Totals come from a model that sees them, the shape within them from the days (temporal hierarchies: Athanasopoulos,
    Hyndman, Kourentzes and Petropoulos, 2017).
    """
    ahead = -(-h // m)
    rows = ets(z, m, origins, ahead * m)
    for row, o in zip(rows, origins, strict=True):
        known = z[o % m : o].reshape(-1, m).mean(axis=1)
        if len(known) >= LEAST_WEEKS:
            row += np.repeat(ets(known, 1, [len(known)], ahead)[0] - row.reshape(-1, m).mean(axis=1), m)
    return rows[:, :h]


def _level(z: Array, m: int, origins: list[int], h: int) -> Array:
    """Without a season: two years of weeks may have none that comes again."""
    return ets(z, 1, origins, h)


def _theta(z: Array, m: int, h: int) -> Array:
    season, _ = split(z, m, robust=False)
    return theta(z - season, h) + repeated(season, m, h)


def _stl(z: Array, m: int, h: int) -> Array:
    season, _ = split(z, m, robust=True, periodic=True)
    return ets(z - season, 1, [len(z)], h)[0] + repeated(season, m, h)


def last_season(z: Array, m: int, origins: list[int], h: int) -> Array:
    """The same period a season ago, times half of the growth since; later seasons add half of what is left."""
    rows = np.full((len(origins), h), np.nan)
    ahead = np.arange(h)
    for row, o in zip(rows, origins, strict=True):
        if o > m:
            recent = (z[m:o] - z[: o - m])[-(13 if m > LONG_SEASON else m) :]
            share = 1.0 if m > LONG_SEASON else 0.5
            row[:] = z[o - m : o][ahead % m] + share * float(np.median(recent)) * (2 - 0.5 ** (ahead // m))
    return rows


def _weighted(
    paths: dict[str, Array], base: Filtered, z: Array, origins: list[int], m: int, h: int, belief: Belief
) -> Combined:
    """Weights from the errors at the earlier origins, shrunk to those beforehand; errors of the mean come with them."""
    n, names, count = len(z), list(paths), len(origins) - 1
    scores, sds = np.full((len(names), count, n - origins[0]), np.nan), base.sds
    for row, o in enumerate(origins[:-1]):
        for i, name in enumerate(names):
            scores[i, row, : n - o] = (z[o:] - paths[name][row, : n - o]) / sds[row, : n - o]
    squares = _squares(scores)
    weights = _weights(squares, belief.prior(names), count, m)
    mean = np.tensordot(weights, np.array([paths[name][-1, :h] for name in names]), 1)
    there = np.where(np.isnan(scores), 0.0, weights[:, None, None])
    total = there.sum(axis=0)
    combined = (there * np.nan_to_num(scores)).sum(axis=0) / np.where(total > 0, total, np.nan)
    order = sorted(np.flatnonzero(weights > 0), key=lambda i: -weights[i])
    shares = tuple(float(weights[i]) for i in order)
    model = "+".join(names[i] for i in order)
    told = dict(zip(names, squares.tolist(), strict=True))
    return Combined(mean, tuple(origins), base.covs, combined, base.evidence, model, shares, told)


def _squares(scores: Array) -> Array:
    """(members,) mean squared errors against the median member's; one that could not be tested counts as it."""
    known = ~np.isnan(scores)
    tests = np.asarray(known.any(axis=2))
    tested = 2 * tests.sum(axis=1) >= scores.shape[1]
    common = np.all(tests[tested], axis=0)
    if scores.shape[1] < 2 or not common.any():
        return np.ones(len(scores))
    size = (np.nan_to_num(scores) ** 2).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
    square = size[:, common].mean(axis=1)
    return np.where(tested, square / max(float(np.median(square[tested])), 1e-12), 1.0)


def _weights(squares: Array, prior: Array, count: int, m: int) -> Array:
    """(members,) weights after so many back-tests."""
    prior = np.where(squares < ABSURD**2, prior, 0.0)
    own = prior / (squares + CHANCE) ** SHARPNESS[m]
    return np.asarray((count * own / own.sum() + TRUST[m] * prior / prior.sum()) / (count + TRUST[m]))
