"""What people typed: amounts are kept with their currency and read in that of the figures, or left out and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from shopplan.plan.facts import Entered, Foreign
from shopplan.response import Entry
from shopplan.store.view import View
from shopplan.terms import ShopplanError

NEWEST = np.array(["9999-12"], dtype="datetime64[M]")
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
        factor = float(self.view.rates.factors(currency, self.view.currency, NEWEST)[0])
        return amount * factor if np.isfinite(factor) else None


def _check(channel: str, entry: Entry) -> None:
    if (entry.spend or 0) < 0 or (entry.roas or 0) < 0:
        raise ShopplanError("spend and return must be zero or more", channel)
    if entry.incremental is not None and not 0 < entry.incremental <= 1:
        raise ShopplanError("the incremental share is above 0 and up to 1", channel)


def _together(parts: list[Entry]) -> Entry:
    """Entries of channels that count as one: spend adds up, a return is weighted by it."""
    spend = sum(part.spend or 0.0 for part in parts)
    known = [(part.roas, part.spend or 0.0) for part in parts if part.roas is not None]
    weight = sum(weight for _, weight in known)
    equal = sum(roas for roas, _ in known) / len(known) if known else None
    return Entry(spend or None, sum(roas * w for roas, w in known) / weight if weight else equal)
