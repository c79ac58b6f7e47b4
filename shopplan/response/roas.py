"""What is believed of the returns of all channels together before the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shopplan.response.transform import Array

COMMON = (0.4, 0.7, 0.9)
"""Share of the variance of log ROAS that a shop's channels may have in common."""


@dataclass(frozen=True, eq=False)
class RoasPrior:
    """Log ROAS (channels,): an even mixture of normal priors.

    Attributes
    ----------
    centre, width : array (channels,)
        Mean and standard deviation of each channel alone.
    roots : array (mixture, channels, channels)
        Roots of the precision matrices: a row of deviations times one of them is white.
    log_dets : array (mixture,)
        Logarithms of their determinants.
    apart : array (channels,)
        Log of each channel's usual spend against that of the channels it is ``alike``; 0 where a channel has a belief
        of its own.
    """

    centre: Array
    width: Array
    roots: Array
    log_dets: Array
    apart: Array

    @classmethod
    def of(cls, centre: Array, width: Array, alike: NDArray[np.bool_], usual: Array) -> RoasPrior:
        """Channels of one shop have more in common than channels of all shops, but how much is not known before.

        Channels that are not ``alike`` have a belief of their own and nothing in common with others. ``usual`` is spend
        (channels,) of a period, of which only ratios count.
        """
        roots = np.stack([_root(width, np.where(alike, shared, 0.0)) for shared in COMMON])
        logs = np.log(usual)
        apart = np.where(alike, logs - logs[alike].sum() / max(alike.sum(), 1), 0.0)
        return cls(centre, width, roots, np.linalg.slogdet(roots)[1], apart)

    def log_density(self, log_roas: Array) -> Array:
        """(...,) of log ROAS (..., channels), up to a constant."""
        off = log_roas - self.centre
        pairs = zip(self.log_dets, self.roots, strict=True)
        each = [det - np.square(off @ root).sum(axis=-1) / 2 for det, root in pairs]
        return np.asarray(np.logaddexp.reduce(each, axis=0))


def _root(width: Array, shared: Array) -> Array:
    common = width * np.sqrt(shared)
    covariance = np.diag(width**2 * (1 - shared)) + np.outer(common, common)
    return np.linalg.cholesky(np.linalg.inv(covariance))
