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
    """

    centre: Array
    width: Array
    roots: Array
    log_dets: Array

    @classmethod
    def of(cls, centre: Array, width: Array, alike: NDArray[np.bool_]) -> RoasPrior:
        """Channels of one shop have more in common than channels of all shops, but how much is not known before.

        Channels that are not ``alike`` have a belief of their own and nothing in common with others.
        """
        roots = np.stack([_root(width, np.where(alike, shared, 0.0)) for shared in COMMON])
        return cls(centre, width, roots, np.linalg.slogdet(roots)[1])

    def log_density(self, log_roas: Array) -> Array:
        """(B,) of log ROAS (B, channels), up to a constant."""
        white = np.einsum("bi,kij->kbj", log_roas - self.centre, self.roots)
        return np.asarray(np.logaddexp.reduce(self.log_dets[:, None] - np.square(white).sum(axis=2) / 2, axis=0))


def _root(width: Array, shared: Array) -> Array:
    common = width * np.sqrt(shared)
    covariance = np.diag(width**2 * (1 - shared)) + np.outer(common, common)
    return np.linalg.cholesky(np.linalg.inv(covariance))
