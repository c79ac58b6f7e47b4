"""What is believed of every channel's response before and after the data: priors, likelihood, best point, draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shopplan.response.base import Whitener, log_likelihood
from shopplan.response.roas import RoasPrior
from shopplan.response.transform import Array, adstock, saturation

LOG_ROAS, CARRY, BEND, POWER, LATE = 0, 1, 2, 3, 4
"""Last axis of the parameters: log ROAS, logit of the weekly carry-over, logit of the bend; and two that say the form,
drawn too since the data rarely tell it: the power (1 or 2) of the saturation, and the share of spend that is felt a
week late (0 or `LATE_SHARE`)."""
LATE_SHARE, LATE_ODDS = 0.6, -1.0
"""With which the peak of the effect is in the second week; and its log odds before the data."""
MOVING = 3
"""Parameters that are continuous."""
BOUNDS = ((-9.0, 9.0), (-7.0, 3.5), (-4.0, 4.0))
"""Limits of the parameters; log ROAS counts from its prior's centre."""
BEND_CENTRE, BEND_SD = 0.0, 0.8
"""Prior of the bend's logit: elasticity 0.5 at usual spend, 0.21 to 0.79 in nine cases of ten."""
UNDUE = (0.0, 0.25, 0.5)
"""What is tried, with even odds: how much of the distance between channels' usual spends, in logs, is no more than a
budget's whim; the rest is owed to their sizes. A channel that has more than its due returns less, and bends more."""
CARRY_A, CARRY_B = 1.0, 3.0
"""Beta prior of the weekly carry-over (PyMC-Marketing's): mean 0.25."""
MEDIA_MOST, MEDIA_SLACK = 0.75, 0.1
"""Media that bring more than this share of sales leave the base implausible; how softly it is held."""
CHAINS, SWEEPS, KEPT = 200, 48, 3
"""Chains that move side by side, rounds of moves, and states kept of each chain."""


def expit(x: Array) -> Array:
    """Inverse of the logit."""
    return 1.0 / (1.0 + np.exp(-x))


@dataclass(frozen=True, eq=False)
class Lift:
    """An experiment in model terms: sales that spend in some periods brought, in mean sales, with its error.

    ``without`` is the channel's spend (periods,) had the tested spend not happened.
    """

    channel: int
    without: Array
    sales: float
    sd: float


@dataclass(frozen=True, eq=False)
class Media:
    """Spend of the channels that were ever used, and how parameters make sales of it.

    Attributes
    ----------
    spend : array (periods, channels)
    reference : array (channels,)
        Mean spend of periods with spend: the bend is the elasticity there.
    carry_in : array (channels,)
        Adstock before the first period: channels that spend from the first are taken to have spent before.
    weeks : float
        Weeks in a period.
    mean_sales : float
    """

    spend: Array
    reference: Array
    carry_in: Array
    weeks: float
    mean_sales: float

    @classmethod
    def of(cls, spend: Array, weeks: float, mean_sales: float) -> Media:
        """From spend (periods, channels), every channel used at least once."""
        reference = spend.sum(axis=0) / (spend > 0).sum(axis=0)
        carry_in = np.where(spend[0] > 0, spend[:4].mean(axis=0), 0.0)
        return cls(spend, reference, carry_in, weeks, mean_sales)

    def keep(self, theta: Array) -> Array:
        """(B, channels) carry-over from one period to the next."""
        return expit(theta[..., CARRY]) ** self.weeks

    def kappa(self, theta: Array, channels: slice = slice(None)) -> Array:
        """(B, channels) scale of spend a period: ``x0 * (bend / (1 - bend))**(1/p)``."""
        return self.reference[channels] * np.exp(theta[..., BEND] / theta[..., POWER])

    def saturated(self, theta: Array, channels: slice = slice(None), spend: Array | None = None) -> Array:
        """(periods, B, channels) saturated adstock between 0 and 1; ``spend`` takes the place of the past one."""
        path = self.spend[:, channels] if spend is None else spend
        felt = self.felt(theta, path, self.carry_in[channels])
        return saturation(felt / self.kappa(theta, channels), theta[..., POWER])

    def felt(self, theta: Array, spend: Array, carry_in: Array) -> Array:
        """(periods, B, channels) adstock of spend (periods, channels), a share of it a week late."""
        stock = adstock(spend, self.keep(theta), carry_in)
        late = theta[..., LATE] / self.weeks
        felt = stock * (1.0 - late)
        felt[1:] += late * stock[:-1]
        felt[0] += late * carry_in
        return felt

    def height(self, theta: Array, saturated: Array, channels: slice = slice(None)) -> Array:
        """(B, channels) sales at full saturation, in mean sales, so that all sales over all spend are the ROAS."""
        paid = self.spend[:, channels].sum(axis=0) / self.mean_sales
        return np.exp(theta[..., LOG_ROAS]) * paid / saturated.sum(axis=0)

    def sales(self, theta: Array, channels: slice = slice(None)) -> Array:
        """(B, channels, periods) sales by channel, in mean sales."""
        saturated = self.saturated(theta, channels)
        return np.moveaxis(saturated * self.height(theta, saturated, channels), 0, -1)

    def lifted(self, theta: Array, lift: Lift) -> Array:
        """(B,) sales that the tested spend brought."""
        one = slice(lift.channel, lift.channel + 1)
        own = theta[:, one]
        saturated = self.saturated(own, one)
        less = self.saturated(own, one, lift.without[:, None])
        return np.asarray(((saturated - less).sum(axis=0) * self.height(own, saturated, one))[:, 0])


@dataclass(frozen=True, eq=False)
class Posterior:
    """Density of the parameters (B, channels, 5) given sales, the base integrated out.

    Attributes
    ----------
    media : Media
    sales : array (periods,)
        In mean sales.
    whitener : Whitener
    prior : RoasPrior
        Of log ROAS.
    lifts : tuple of Lift
    """

    media: Media
    sales: Array
    whitener: Whitener
    prior: RoasPrior
    lifts: tuple[Lift, ...] = ()

    def log_prior(self, theta: Array) -> Array:
        """(B,) of parameters (B, channels, 5); Beta(1, 3) on carry-over becomes ``a (1 - a)**3`` on its logit."""
        carry = theta[..., CARRY]
        log_carry = CARRY_A * carry - (CARRY_A + CARRY_B) * np.logaddexp(0.0, carry)
        late = LATE_ODDS * (theta[..., LATE] > 0)
        return np.asarray((log_carry + late).sum(axis=-1) + np.logaddexp.reduce(self._at_due(theta), axis=0))

    def _at_due(self, theta: Array) -> Array:
        """(UNDUE, B) log prior of ROAS and bend, which are believed of every channel at the spend that is its due.

        There ``u`` of `saturation` is smaller by ``exp(undue * apart)``, so the bend's logit, ``-p log u``, is higher;
        with the elasticity ``e = 1 / (1 + u**p)``, ROAS goes as ``e**(1/p)``. The change of parameters has the
        determinant one.
        """
        power, bend = theta[..., POWER], theta[..., BEND]
        due = bend + np.multiply.outer(UNDUE, power * self.prior.apart)
        log_roas = theta[..., LOG_ROAS] + np.log((1.0 + np.exp(-bend)) / (1.0 + np.exp(-due))) / power
        return self.prior.log_density(log_roas) - np.square((due - BEND_CENTRE) / BEND_SD).sum(axis=-1) / 2

    def log_data(self, media_sales: Array, theta: Array) -> Array:
        """(B,) log likelihood of sales and experiments given media sales (B, periods)."""
        misfit = self.whitener.misfit(self.sales - media_sales)
        excess = np.maximum(media_sales.mean(axis=-1) / self.sales.mean() - MEDIA_MOST, 0.0) / MEDIA_SLACK
        out = log_likelihood(misfit, len(self.sales)) - excess**2 / 2
        for lift in self.lifts:
            out = out - ((self.media.lifted(theta, lift) - lift.sales) / lift.sd) ** 2 / 2
        return out

    def log_density(self, theta: Array) -> Array:
        """(B,) of parameters (B, channels, 5), up to a constant."""
        return self.log_data(self.media.sales(theta).sum(axis=1), theta) + self.log_prior(theta)

    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest parameters (channels, 3)."""
        low, high = (np.tile([b[side] for b in BOUNDS], (len(self.prior.centre), 1)) for side in (0, 1))
        low[:, LOG_ROAS] += self.prior.centre
        high[:, LOG_ROAS] += self.prior.centre
        return low, high

    def inside(self, theta: Array) -> Array:
        """(B,) whether all parameters keep within their limits."""
        low, high = self.bounds()
        moving = theta[..., :MOVING]
        return np.asarray(((moving >= low) & (moving <= high)).all(axis=(1, 2)))


def best(posterior: Posterior, starts: Array) -> Array:
    """The most likely parameters (channels, 5), sought from several starts (starts, channels, 5) in their forms."""
    from scipy.optimize import minimize

    step = 1e-4
    low, high = (b.ravel() for b in posterior.bounds())
    limits, size = list(zip(low, high, strict=True)), len(low)
    shifts = np.concatenate([np.zeros((1, size)), step * np.eye(size), -step * np.eye(size)])

    def objective(flat: Array, form: Array) -> tuple[float, Array]:
        values = -posterior.log_density(_with_form(flat + shifts, form))
        return float(values[0]), (values[1 : size + 1] - values[size + 1 :]) / (2 * step)

    if size == 0:
        return starts[0]
    found: list[tuple[float, int, Array]] = []
    for start in starts:
        flat, form = start[:, :MOVING].ravel(), start[:, MOVING:]
        options = {"maxiter": 60}
        result = minimize(objective, flat, (form,), jac=True, method="L-BFGS-B", bounds=limits, options=options)
        found.append((result.fun, len(found), _with_form(result.x[None], form)[0]))
    return min(found)[2]


def _with_form(flat: Array, form: Array) -> Array:
    """Parameters (B, channels, 5) from continuous ones (B, 3 * channels) and forms (channels, 2)."""
    moving = flat.reshape(len(flat), len(form), MOVING)
    return np.concatenate([moving, np.broadcast_to(form, (len(flat), *form.shape))], axis=2)


def curvature(posterior: Posterior, theta: Array) -> Array:
    """(size, size) negative Hessian over the continuous parameters by differences, made positive definite."""
    flat, form, step = theta[:, :MOVING].ravel(), theta[:, MOVING:], 2e-2
    size = len(flat)
    rows, columns = np.triu_indices(size)
    eye = step * np.eye(size)
    moves = [eye[rows] * a + eye[columns] * b for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    plus, mixed, mixed_too, minus = (posterior.log_density(_with_form(flat + move, form)) for move in moves)
    hessian = np.zeros((size, size))
    hessian[rows, columns] = -(plus - mixed - mixed_too + minus) / (4 * step**2)
    hessian = hessian + np.triu(hessian, 1).T
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray((vectors * np.clip(values, 0.15, None)) @ vectors.T)
