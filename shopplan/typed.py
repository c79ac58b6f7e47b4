"""What people typed: amounts are kept with their currency and read in that of the figures, or left out and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from shopplan.plan.facts import Entered, Foreign
from shopplan.response import Entry, Experiment
from shopplan.store.view import View
from shopplan.terms import ShopplanError

NUMBERS, CHANNELS, CURRENCY = "three_numbers", "entered_channels", "currency"
"""Settings: the three numbers, what was typed by channel, the currency of the three numbers."""
OCCASIONS = "occasions"
"""Setting: own promotions and times without stock."""
REPORTED, RATES, CHANNEL_MAP = "reported_currency", "rates", "channel_map"
"""Settings: the currency that figures are shown in, the rates that lead to it, the shop's own channels."""
EVENTS = "events"
"""Setting: the country whose shop events count, or `EVERYWHERE`."""
PREFS = "prefs"
"""Setting that keeps language and number style for new sessions."""
NEWEST = "9999-12-31"
"""What was typed is what holds at present, so the newest rate of a currency counts."""

Row = Mapping[str, Any]
"""What is stored of a channel: the values of an `Entry` and its ``currency``, empty for that of the three numbers;
amounts from before there was one are in the currency of the figures."""


@dataclass(frozen=True)
class Typed:
    """The stored settings, and how they are to be shown.

    Attributes
    ----------
    numbers : mapping
        The three numbers; empty where none were typed.
    channels : mapping of channel id to Row
    currency : str
        That of the three numbers.
    view : View
    """

    numbers: Mapping[str, Any]
    channels: Mapping[str, Row]
    currency: str
    view: View

    def entered(self) -> Entered:
        """All of it in the currency of the view; what no rate leads to is in ``foreign`` instead."""
        amounts = {name: self.numbers.get(name) for name in ("sales_last_month", "marketing_month")}
        read = {name: self._worth(amount, self.currency) for name, amount in amounts.items()}
        foreign = [Foreign(name, self.currency, x) for name, x in amounts.items() if x and read[name] is None]
        found: dict[str, list[Entry]] = {}
        for id_, row in self.channels.items():
            entry, code = self._alone(row), self._code(row)
            found.setdefault(self.view.channels.target(id_), []).append(entry)
            if row.get("spend") and entry.spend is None:
                foreign.append(Foreign("spend", code, float(row["spend"])))
        as_of = self.numbers.get("as_of")
        return Entered(
            read["sales_last_month"],
            read["marketing_month"],
            self.numbers.get("gross_margin"),
            date.fromisoformat(as_of) if as_of else None,
            {id_: parts[0] if len(parts) == 1 else _together(parts) for id_, parts in found.items()},
            tuple(foreign),
        )

    def kept(self, entries: Mapping[str, Entry], currency: str) -> dict[str, dict[str, Any]]:
        """What to store of entries whose amounts are in the view's currency, which is stored as ``currency``.

        A spend that nobody changed stays as it was typed, so that a new rate or currency still finds it. Entries
        without a value are taken away.

        Raises
        ------
        ShopplanError
            When a value cannot be.
        """
        out = {}
        for id_, entry in entries.items():
            _check(id_, entry)
            old = self.channels.get(id_, {})
            same = old.get("spend") and self._alone(old).spend == entry.spend
            row = {**asdict(entry), "currency": currency}
            row |= {name: old[name] for name in ("spend", "currency") if same and name in old}
            if row["spend"] or replace(entry, spend=None) != Entry():
                out[id_] = row
        return out

    def _alone(self, row: Row) -> Entry:
        """A row in the currency of the view, whatever counts with it."""
        entry = Entry(**{name: value for name, value in row.items() if name != "currency"})
        return replace(entry, spend=self._worth(entry.spend, self._code(row)))

    def _code(self, row: Row) -> str:
        return str(row.get("currency", self.view.currency) or self.currency)

    def _worth(self, amount: float | None, currency: str) -> float | None:
        """An amount in the currency of the view; None where no rate leads there."""
        if amount is None or currency == self.view.currency:
            return amount
        factor = self.view.rates.factor(currency, self.view.currency, NEWEST)
        return amount * factor if np.isfinite(factor) else None


def _check(channel: str, entry: Entry) -> None:
    if (entry.spend or 0) < 0 or (entry.roas or 0) < 0:
        raise ShopplanError("spend and return must be zero or more", channel)
    if entry.incremental is not None and not 0 < entry.incremental <= 1:
        raise ShopplanError("the incremental share is above 0 and up to 1", channel)


def counted(tests: Iterable[Experiment], view: View) -> tuple[Experiment, ...]:
    """The lift tests that a fit can use: of channels that count by themselves, sales in the currency of the view.

    What one channel of a merged one brought says little of the whole; sales without a rate say nothing.
    """
    out = []
    for test in tests:
        factor = 1.0
        if not test.roas and test.currency not in ("", view.currency):
            factor = view.rates.factor(test.currency, view.currency, test.start)
        alone = view.channels.target(test.channel) == test.channel and not view.channels.members(test.channel)
        if alone and np.isfinite(factor):
            out.append(replace(test, lo=test.lo * factor, hi=test.hi * factor, currency=view.currency))
    return tuple(out)


def _together(parts: list[Entry]) -> Entry:
    """Entries of channels that count as one: spend adds up, all else is a mean weighted by it."""
    spend = sum(part.spend or 0.0 for part in parts)
    means = {name: _mean([(getattr(part, name), part.spend or 0.0) for part in parts])
             for name in ("roas", "bend", "carryover", "incremental")}  # fmt: skip
    return Entry(spend or None, **means)


def _mean(values: list[tuple[float | None, float]]) -> float | None:
    """Mean of the values that are known by their weights, an even one where none has any."""
    known = [(value, weight) for value, weight in values if value is not None]
    whole = sum(weight for _, weight in known)
    if not known:
        return None
    return sum(v * w for v, w in known) / whole if whole else sum(v for v, _ in known) / len(known)
