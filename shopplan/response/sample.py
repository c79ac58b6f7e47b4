"""Draws of the parameters: many short chains that start around the best point and move side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shopplan.response.posterior import CHAINS, KEPT, LATE, LATE_SHARE, MOVING, POWER, SWEEPS, Posterior, curvature
from shopplan.response.transform import Array

FLIPS = 0.3
"""How often a channel's move also tries the other saturation, and the other timing."""


def sample(posterior: Posterior, best: Array, rng: np.random.Generator) -> Array:
    """Draws (draws, channels, 5) from the posterior.

    Chains start from the normal approximation at ``best`` and are moved by random-walk Metropolis steps, channel by
    channel and all at once, shaped by the curvature (Gelman, Roberts, Gilks 1996: 2.4 / sqrt(dimensions)); a skewed
    posterior, which the normal approximation misses, is found by the moves.
    """
    precision = curvature(posterior, best)
    low, high = posterior.bounds()
    joint = np.linalg.cholesky(np.linalg.inv(precision))
    theta = np.repeat(best[None], CHAINS, axis=0)
    shifts = (rng.standard_normal((CHAINS, len(joint))) @ joint.T).reshape(CHAINS, len(best), MOVING)
    theta[..., :MOVING] = np.clip(best[:, :MOVING] + shifts, low, high)
    walk = _Walk(posterior, theta, rng)
    blocks = [slice(MOVING * c, MOVING * (c + 1)) for c in range(len(best))]
    own = [np.linalg.cholesky(np.linalg.inv(precision[block, block])) for block in blocks]
    kept = []
    with np.errstate(all="ignore"):  # what is proposed out of bounds may overflow, and is not taken
        for sweep in range(SWEEPS):
            for channel, root in enumerate(own):
                walk.move_channel(channel, 1.4 * root)
            walk.move_all(2.4 / np.sqrt(len(joint)) * joint)
            if (sweep + 1) % (SWEEPS // (2 * KEPT)) == 0:
                kept.append(walk.theta.copy())
    return np.concatenate(kept[-KEPT:])


class _Walk:
    """State of all chains: parameters (B, channels, 5), sales by channel, log likelihood and log prior."""

    def __init__(self, posterior: Posterior, theta: Array, rng: np.random.Generator) -> None:
        self.posterior, self.theta, self.rng = posterior, theta, rng
        self.sales = posterior.media.sales(theta)
        self.total = self.sales.sum(axis=1)
        self.data, self.prior = posterior.log_data(self.total, theta), posterior.log_prior(theta)

    def move_channel(self, channel: int, root: Array) -> None:
        one = slice(channel, channel + 1)
        proposed = self.theta.copy()
        proposed[:, channel, :MOVING] += self._steps(MOVING) @ root.T
        other_form = self.rng.random(len(proposed)) < FLIPS
        proposed[other_form, channel, POWER] = 3.0 - proposed[other_form, channel, POWER]
        other_time = self.rng.random(len(proposed)) < FLIPS
        proposed[other_time, channel, LATE] = LATE_SHARE - proposed[other_time, channel, LATE]
        sales = self.posterior.media.sales(proposed[:, one], one)[:, 0]
        total = self.total + (sales - self.sales[:, channel])
        taken = self._judge(proposed, total)
        self.sales[taken, channel] = sales[taken]

    def move_all(self, root: Array) -> None:
        proposed = self.theta.copy()
        proposed[..., :MOVING] += (self._steps(len(root)) @ root.T).reshape(*self.theta.shape[:2], MOVING)
        sales = self.posterior.media.sales(proposed)
        total = sales.sum(axis=1)
        taken = self._judge(proposed, total)
        self.sales[taken] = sales[taken]

    def _steps(self, size: int) -> Array:
        # now and then a long or a short step: no one length suits every chain
        lengths = np.exp(self.rng.normal(-0.2, 0.6, (len(self.theta), 1)))
        return lengths * self.rng.standard_normal((len(self.theta), size))

    def _judge(self, proposed: Array, total: Array) -> NDArray[np.bool_]:
        """Which chains move; they do."""
        prior, data = self.posterior.log_prior(proposed), self.posterior.log_data(total, proposed)
        chance = np.log(self.rng.random(len(total)))
        taken = np.asarray(chance < data - self.data + prior - self.prior, dtype=bool)
        taken &= self.posterior.inside(proposed)
        self.theta[taken], self.total[taken] = proposed[taken], total[taken]
        self.data[taken], self.prior[taken] = data[taken], prior[taken]
        return taken
