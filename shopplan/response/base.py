"""Sales apart from media: trend, season, events and controls, with penalties chosen by the data's own evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.response.history import YEAR, History
from shopplan.response.transform import Array

HARMONICS = 4
KNOT = 13 / (365.25 / 7)
"""Years between the points where the level may drift."""
NOISE_FLOOR, NOISE_SHAPE = 0.02, 2.0
"""Prior of the noise: about this share of mean sales, known as if from a few periods."""
SEASON_SD = 0.15
"""Width of the season's first wave as a share of mean sales; narrower, and spend that follows the season is credited
with it."""
DECAYS = (1.0, 2.0, 3.0)
"""What is tried for the season: wave k has a width of ``SEASON_SD / k**decay``."""
GROWS = 3.0
"""Log odds before the data that season and controls grow with the level, as those of most shops do."""
MEMORIES = (0.0, 0.2, 0.4, 0.6)
DRIFTS = {0.005: 0.0, 0.03: -3.0, 0.08: -5.0}
"""What is tried: memory of the noise, and drift a quarter as a share of mean sales, with its log odds before the data:
a drift that is not there spoils the outlook."""


LEVEL, TREND, DRIFT, SEASON, REST, ODD = 0, 1, 2, 3, 7, 8


@dataclass(frozen=True, slots=True)
class Smoothness:
    """Width of the drift's prior as a share of mean sales, the noise's memory, and how fast the season's waves narrow.

    ``level`` are coefficients of the level's columns if season and controls grow with the level, else empty.
    """

    drift: float = 0.005
    memory: float = 0.2
    decay: float = 1.0
    level: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of the base (periods, columns) and which part each belongs to."""

    columns: Array
    part: Array

    def scales(self, smooth: Smoothness, years: float) -> Array:
        """Prior standard deviation of every column's coefficient, in mean sales."""
        waves = SEASON_SD / np.arange(1.0, HARMONICS + 1) ** smooth.decay
        by_part = np.array([10.0, 0.3 * max(years, 1.0), smooth.drift, *waves, 0.3, 10.0])
        return by_part[self.part.astype(int)]

    def grown(self, level: tuple[float, ...]) -> Design:
        """Season and controls in proportion to the level that these coefficients of its columns make."""
        if not level:
            return self
        path = self.columns[:, self.part < SEASON] @ np.array(level) / level[0]
        return Design(np.where(self.part < SEASON, self.columns, self.columns * path[:, None]), self.part)


def design(
    history: History,
    first: pd.Timestamp,
    last: pd.Timestamp,
    events: pd.DataFrame | None,
    scale: tuple[Array, Array],
    odd: pd.DatetimeIndex,
) -> Design:
    """Base columns of ``history``; trend and drift are laid out between ``first`` and ``last``, then go on evenly.

    Parameters
    ----------
    history : History
    first, last : Timestamp
        Ends of the history that was fitted: columns of later periods continue those of the fit.
    events : DataFrame, optional
        ``event, day_start, day_end``; a column a name holds the share of the period's days in the event.
    scale : tuple of array
        Mean and standard deviation of the controls over the fitted history.
    odd : DatetimeIndex
        Periods that are not believed: whatever they hold, a column of their own takes it.
    """
    year = 365.25 * 86_400
    since = np.asarray((history.dates - first).total_seconds(), dtype=float) / year
    span = max((last - first).total_seconds() / year, 1e-9)
    columns = [np.ones(len(since)), since / span - 0.5]
    part = [LEVEL, TREND]
    knots = np.arange(KNOT, span - KNOT / 2, KNOT)
    columns += [np.clip((since - k + KNOT / 2) / KNOT, 0.0, 1.0) for k in knots]
    part += [DRIFT] * len(knots)
    around = 2 * np.pi * (history.dates.day_of_year.to_numpy(float) - 1) / 365.25
    for k in range(1, HARMONICS + 1):
        columns += [np.cos(k * around), np.sin(k * around)]
        part += [SEASON + k - 1] * 2
    mean, sd = scale
    columns += list(((history.controls - mean) / sd).T)
    part += [REST] * history.controls.shape[1]
    for shares in _event_shares(history, events):
        columns.append(shares)
        part.append(REST)
    columns += [(history.dates == day).astype(float) for day in odd]
    part += [ODD] * len(odd)
    return Design(np.column_stack(columns), np.array(part, dtype=float))


def _event_shares(history: History, events: pd.DataFrame | None) -> list[Array]:
    if events is None:
        return []
    start = history.dates
    after = history.ends + pd.Timedelta(days=1)
    length = after - start
    out = []
    for _, rows in events.groupby("event"):
        share = np.zeros(len(start))
        over = pd.to_datetime(rows["day_end"]) + pd.Timedelta(days=1)
        for day_start, end in zip(pd.to_datetime(rows["day_start"]), over, strict=True):
            inside = after.where(after < end, end) - start.where(start > day_start, day_start)
            share += np.clip(np.asarray(inside / length, dtype=float), 0.0, 1.0)
        out.append(share)
    return out


@dataclass(frozen=True, eq=False)
class Whitener:
    """Integrates the base out: how badly a path of sales apart from media fits, whatever the base's coefficients.

    With noise of memory rho and a normal prior on the coefficients, ``r' W r`` with
    ``W = I - Z (Z'Z + S**-1)**-1 Z'`` on differences ``r[t] - rho r[t-1]`` is the quadratic form of the marginal
    likelihood (Rasmussen and Williams 2006, section 2.7).
    """

    memory: float
    columns: Array
    root: Array
    log_det: float

    @classmethod
    def of(cls, base: Design, smooth: Smoothness, years: float, sigma: float) -> Whitener:
        """Whitener for the noise's standard deviation ``sigma``, in mean sales."""
        columns = _differences(base.columns.T, smooth.memory).T
        scales = base.scales(smooth, years) / sigma
        inner = columns.T @ columns + np.diag(scales**-2)
        root = np.linalg.cholesky(np.linalg.inv(inner))
        log_det = float(np.linalg.slogdet(inner)[1] + 2 * np.log(scales).sum() - np.log1p(-(smooth.memory**2)))
        return cls(smooth.memory, columns, root, log_det)

    def misfit(self, rest: Array) -> Array:
        """(B,) quadratic form of paths (B, periods)."""
        fresh = _differences(rest, self.memory)
        explained = (fresh @ self.columns) @ self.root
        return np.einsum("bt,bt->b", fresh, fresh) - np.einsum("bk,bk->b", explained, explained)

    def coefficients(self, rest: Array, sigma: Array, normals: Array) -> Array:
        """(B, columns) draws of the base's coefficients given paths (B, periods) and noise (B,)."""
        mean = (_differences(rest, self.memory) @ self.columns) @ self.root @ self.root.T
        return mean + sigma[:, None] * (normals @ self.root.T)


def log_likelihood(misfit: Array, periods: int) -> Array:
    """Log likelihood with the noise's variance integrated out over its inverse gamma prior."""
    return -(periods / 2 + NOISE_SHAPE) * np.log(misfit / 2 + NOISE_SHAPE * NOISE_FLOOR**2)


def noise(misfit: Array, periods: int) -> Array:
    """Typical standard deviation of the noise given the misfit."""
    return np.sqrt((misfit / 2 + NOISE_SHAPE * NOISE_FLOOR**2) / (periods / 2 + NOISE_SHAPE))


def _differences(paths: Array, memory: float) -> Array:
    """Paths (..., periods) with what the noise remembers taken out; the first period is scaled to the same variance."""
    out = paths.copy()
    out[..., 1:] -= memory * paths[..., :-1]
    out[..., 0] *= np.sqrt(1 - memory**2)
    return out


def years_of(history: History) -> float:
    """Length of the history."""
    return len(history.dates) / YEAR[history.period]
