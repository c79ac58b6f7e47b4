"""How stored facts are shown: in one currency by the shop's rates, and under the channels of its own map.

Facts keep the currency and the channel of their file; a view is applied to what is read, so that it can be changed at
any time and an import that is taken out takes nothing of it along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.money import CURRENCIES, exponent
from shopplan.store.channels import channel
from shopplan.terms import Said, ShopplanError


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in the base currency, from a month on.

    Attributes
    ----------
    currency : str
        ISO code.
    value : float
        Above zero.
    since : str
        First month, ``2026-01``; empty: from the beginning. It holds until the next one begins.
    """

    currency: str
    value: float
    since: str = ""


@dataclass(frozen=True, slots=True)
class Rates:
    """The shop's rates of exchange.

    Attributes
    ----------
    base : str
        The currency that all rates lead to; mostly the one that is reported in.
    rows : tuple of Rate
    """

    base: str = ""
    rows: tuple[Rate, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        for rate in self.rows:
            hint = "give an ISO code such as USD, a rate above zero and, where wanted, a month such as 2026-01"
            if rate.currency not in CURRENCIES or (self.base and self.base not in CURRENCIES):
                raise ShopplanError(Said("{code} is no currency", code=rate.currency or self.base), "", hint)
            if not 0 < rate.value < float("inf"):
                raise ShopplanError("a rate of exchange is a number above zero", rate.currency, hint)
            if rate.since and pd.isna(pd.to_datetime(rate.since, format="%Y-%m", errors="coerce")):
                raise ShopplanError(Said("{month} is no month", month=rate.since), rate.currency, hint)
            if (rate.currency, rate.since) in seen:
                raise ShopplanError("there are two rates of one currency and month", rate.currency, "remove one")
            seen.add((rate.currency, rate.since))

    def factors(self, currency: str, to: str, months: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
        """What one unit of a currency is worth in another in each month; NaN where no rate says it."""
        if currency == to:
            return np.ones(len(months))
        return np.asarray(self._to_base(currency, months) / self._to_base(to, months))

    def factor(self, currency: str, to: str, day: str) -> float:
        """What one unit of a currency is worth in another on a day as 2026-08-31; NaN where no rate says it."""
        return float(self.factors(currency, to, np.array([day], dtype="datetime64[M]"))[0])

    def _to_base(self, currency: str, months: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
        if currency == self.base:
            return np.ones(len(months))
        own = sorted((rate.since or "0001-01", rate.value) for rate in self.rows if rate.currency == currency)
        starts = np.array([since for since, _ in own], dtype="datetime64[M]")
        values = np.array([np.nan, *(value for _, value in own)])
        return np.asarray(values[np.searchsorted(starts, months.astype("datetime64[M]"), side="right")])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a setting."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Rates:
        """Inverse of `to_dict`; no rates for None."""
        return cls(data["base"], tuple(Rate(**row) for row in data["rows"])) if data else cls()


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """The shop's own channels.

    Attributes
    ----------
    merged : mapping of channel id to channel id
        A channel whose sales and spend count under another one.
    names : mapping of channel id to str
        Names for the screen that differ from those in the files.
    groups : mapping of channel id to str
        The group that a channel stands in on lists.
    """

    merged: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.merged:
            self.target(one)
        for name in (*self.names.values(), *self.groups.values()):
            if not name.strip() or len(name) > 80:
                raise ShopplanError("a name of a channel or a group has 1 to 80 characters", name[:80])

    def target(self, id_: str) -> str:
        """The channel that one counts under, in the end.

        Raises
        ------
        ShopplanError
            When channels are merged in a circle.
        """
        passed = {id_}
        while id_ in self.merged:
            id_ = self.merged[id_]
            if id_ in passed:
                raise ShopplanError("channels are merged in a circle", id_, "let one of them keep its own sales")
            passed.add(id_)
        return id_

    def members(self, id_: str) -> frozenset[str]:
        """The other channels that count under one."""
        return frozenset(one for one in self.merged if self.target(one) == id_)

    def shown(self, stored: pd.DataFrame) -> pd.DataFrame:
        """The channels to show: id, name, kind, group (empty: none), of those that the facts name: id, name, kind."""
        known = stored.set_index("id")
        rows = []
        for id_ in sorted({self.target(str(id_)) for id_ in stored["id"]}):
            own = channel(id_)
            name, kind = (
                (known.loc[id_, "name"], known.loc[id_, "kind"]) if id_ in known.index else (own.name, own.kind)
            )
            rows.append((id_, self.names.get(id_, name), kind, self.groups.get(id_, "")))
        return pd.DataFrame(rows, columns=["id", "name", "kind", "group"], dtype="str")

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a setting."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> ChannelMap:
        """Inverse of `to_dict`; an empty map for None."""
        return cls(**data) if data else cls()


@dataclass(frozen=True, slots=True)
class Unconverted:
    """Money that is left out of all figures because a rate is missing, in its own currency (major units).

    Attributes
    ----------
    currency : str
        The currency that needs a rate.
    month_from, month_to : str
        First and last month with such money, ``2026-01``.
    net, spend : float
    """

    currency: str
    month_from: str
    month_to: str
    net: float
    spend: float


@dataclass(frozen=True, slots=True)
class View:
    """The currency that is reported in, the rates that lead to it, and the channel map."""

    currency: str = ""
    rates: Rates = field(default_factory=Rates)
    channels: ChannelMap = field(default_factory=ChannelMap)

    def of(self, frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
        """Rows by ``by`` in one currency and under their channels; rows whose currency lacks a rate are left out.

        Parameters
        ----------
        frame : DataFrame
            Sums in minor units (``*_minor``), with ``ds``, ``channel`` and, where there is money, ``currency``.
        by : sequence of str
            Columns that make a row: ``ds`` and ``channel`` among them.
        """
        names = [str(name) for name in frame.columns]
        targets = {id_: self.channels.target(str(id_)) for id_ in frame["channel"].unique()}
        shown = frame.assign(channel=frame["channel"].map(targets).astype("str"))
        if "currency" in frame:
            factors = self._factors(frame)
            shown = shown.assign(**{name: frame[name] * factors for name in names if name.endswith("_minor")})
            shown = shown[factors.notna()]
        amounts = [name for name in names if name not in (*by, "currency")]
        if shown.duplicated(list(by)).any():
            shown = shown.groupby(list(by), as_index=False)[amounts].sum(min_count=1)
        shown = shown[[*by, *amounts]].sort_values(list(by), ignore_index=True)
        return shown.set_axis([*by, *(name.removesuffix("_minor") for name in amounts)], axis=1)

    def missing(self, sales: pd.DataFrame, spend: pd.DataFrame) -> tuple[Unconverted, ...]:
        """What `of` leaves out of sums by month, for want of a rate."""
        parts = [(sales, "net_minor", "net"), (spend, "spend_minor", "spend")]
        columns = ["ds", "currency", "what", "amount"]
        out = pd.concat(
            [
                frame.assign(what=what, amount=frame[name]).loc[self._factors(frame).isna(), columns]
                for frame, name, what in parts
            ]
        )
        found = []
        for code, rows in out.groupby("currency"):
            months = pd.to_datetime(rows["ds"]).dt.strftime("%Y-%m")
            sums = rows.groupby("what")["amount"].sum() / 10.0 ** exponent(str(code))
            net, spent = float(sums.get("net", 0.0)), float(sums.get("spend", 0.0))
            found.append(Unconverted(str(code), months.min(), months.max(), net, spent))
        return tuple(found)

    def _factors(self, frame: pd.DataFrame) -> pd.Series:
        """Minor units of each row's currency to major units of the reported one."""
        months = frame["ds"].to_numpy("datetime64[M]")
        factors = pd.Series(np.nan, index=frame.index)
        for code, rows in frame.groupby("currency").groups.items():
            own = self.rates.factors(str(code), self.currency, months[frame.index.get_indexer(rows)])
            factors.loc[rows] = own / 10.0 ** exponent(str(code))
        return factors
