"""Numbers, money, shares and dates as text: one rule of rounding for the whole product.

- Large numbers keep three significant digits and all whole digits: 8,450, then 12.4K and 1.24M, or 1.24万, 1,240万
  and 1.24亿.
- Shares have one decimal (35.0%), odds none (72%), ratios two (4.50).
- What is not known or not finite is an en dash; the caller says why. There is no minus zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from babel.dates import format_date
from babel.numbers import get_currency_precision, get_currency_symbol

from shopplan.i18n.catalogue import text

MISSING = "–"
MINUS = "−"  # as Vega draws it, so that axes and cards agree
NUMBERS = ("km", "wan", "full")
"""Short numbers in K, M and B, or in 万 and 亿, or every digit."""

_STEPS = {
    "km": ((1e3, "K"), (1e6, "M"), (1e9, "B")),
    "wan": ((1e4, "万"), (1e8, "亿"), (1e12, "万亿")),
    "full": (),
}
_WHOLE_BELOW = 10_000
"""Short numbers begin here; below, four digits are read as fast as three and a letter."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one reader sees numbers.

    Attributes
    ----------
    lang : {"en", "zh"}
    currency : str
        ISO code of the shop's currency.
    numbers : {"km", "wan", "full", ""}
        One of `NUMBERS`; empty for the custom of the language.
    """

    lang: str
    currency: str
    numbers: str = ""

    # --- one number ---------------------------------------------------------------------------
    def money(self, amount: float | None, full: bool = False) -> str:
        """An amount in major units: ¥1.24M, or every digit before the decimal mark where ``full``."""
        return self._signed(amount, lambda x: self._symbol() + self._short(x, self._decimals(), full))

    def count(self, number: float | None, full: bool = False) -> str:
        """How many: 845, 8,450, 12.4K."""
        return self._signed(number, lambda x: self._short(x, 0, full))

    def percent(self, share: float | None) -> str:
        """A fraction in percent: 35.0%."""
        return self._signed(share, lambda x: f"{x * 100:,.1f}%")

    def odds(self, share: float | None) -> str:
        """A probability: 72%; its ends are never shown as certain unless they are."""
        if share is None or not math.isfinite(share):
            return MISSING
        if 0 < share < 0.01:
            return "<1%"
        return ">99%" if 0.99 < share < 1 else f"{round(100 * share)}%"

    def ratio(self, number: float | None) -> str:
        """A ratio such as return on spend: 4.50."""
        return self._signed(number, lambda x: f"{x:,.2f}")

    def value(self, unit: str, number: float | None, full: bool = False) -> str:
        """A number in a unit of `terms.Unit`, the unit's word included where it has one."""
        if number is None or not math.isfinite(number):
            return MISSING
        if unit == "switch":
            return text(self.lang, "number.on" if number >= 0.5 else "number.off")
        if unit == "month":
            return text(self.lang, "number.plan_month", n=round(number) + 1)
        if unit in ("days", "months", "people"):
            return self._signed(number, lambda x: self._counted(unit, x))
        return self._plain(unit, number, full)

    def delta(self, unit: str, change: float | None) -> str:
        """A change in a unit, with its sign: +¥12.4K, −2.1 pp, +3 days; a word where it rounds to nothing."""
        if change is None or not math.isfinite(change):
            return MISSING
        if unit in ("fraction", "per_year"):
            shown = text(self.lang, "number.points", n=f"{abs(change) * 100:,.1f}")
        elif unit == "month":
            shown = self._counted("months", abs(change))
        else:
            shown = self.value(unit, abs(change))
        if _is_zero(shown):
            return text(self.lang, "number.same")
        return ("+" if change > 0 else MINUS) + shown

    # --- dates --------------------------------------------------------------------------------
    def month(self, day: date) -> str:
        """Mar 2027, 2027年3月."""
        return format_date(day, "y年M月" if self.lang == "zh" else "MMM y", locale=self.lang)

    def month_short(self, day: date) -> str:
        """Mar 27, 27年3月."""
        return format_date(day, "yy年M月" if self.lang == "zh" else "MMM yy", locale=self.lang)

    def date(self, day: date) -> str:
        """14 Mar 2027, 2027年3月14日."""
        return format_date(day, "y年M月d日" if self.lang == "zh" else "d MMM y", locale=self.lang)

    def moment(self, at: datetime) -> str:
        """14 Mar 2027, 09:12 UTC, from a moment that knows its zone."""
        utc = at.astimezone(UTC)
        return f"{self.date(utc.date())}{' ' if self.lang == 'zh' else ', '}{utc:%H:%M} UTC"

    # --- axes ---------------------------------------------------------------------------------
    def axis(self, unit: str) -> str:
        """Vega expression (``labelExpr``) for the ticks of an axis in a unit."""
        if unit in ("fraction", "per_year"):
            return "format(datum.value, '.1~%')"
        if unit not in ("money", "count"):
            return "format(datum.value, ',.2~f')"
        shown = "format(datum.value, ',.2~f')"
        for size, word in _STEPS[self._numbers()]:
            shown = f"abs(datum.value) >= {size:.0f} ? format(datum.value / {size:.0f}, ',.4~r') + '{word}' : {shown}"
        return shown

    def axis_month(self) -> str:
        """Vega expression (``labelExpr``) for the ticks of a month axis."""
        return f"timeFormat(datum.value, '{'%y年%-m月' if self.lang == 'zh' else '%b %y'}')"

    @property
    def sign(self) -> str:
        """The currency's sign as it stands before an amount."""
        return self._symbol()

    # --- parts --------------------------------------------------------------------------------
    def _numbers(self) -> str:
        return self.numbers or ("wan" if self.lang == "zh" else "km")

    def _symbol(self) -> str:
        return _symbol(self.currency, self.lang)

    def _decimals(self) -> int:
        return min(get_currency_precision(self.currency), 2)

    def _plain(self, unit: str, number: float, full: bool) -> str:
        if unit == "money":
            return self.money(number, full)
        if unit == "count":
            return self.count(number, full)
        return self.ratio(number) if unit == "ratio" else self.percent(number)

    def _counted(self, unit: str, number: float) -> str:
        """Days and months whole, people with a decimal where there is a part of one."""
        shown = f"{number:,.1f}".removesuffix(".0") if unit == "people" else f"{number:,.0f}"
        return text(self.lang, f"number.{unit}.one" if shown == "1" else f"number.{unit}", n=shown)

    def _short(self, number: float, decimals: int, full: bool) -> str:
        """Text of a number that is not negative; ``decimals`` bounds those of small numbers."""
        steps = () if full else _STEPS[self._numbers()]
        if not steps or round(number) < _WHOLE_BELOW:
            return f"{number:,.{min(decimals, _places(number))}f}" if round(number) < 1000 else f"{number:,.0f}"
        for i, (size, word) in enumerate(steps):
            scaled = number / size
            places = _places(scaled)
            if i + 1 == len(steps) or round(scaled, places) < steps[i + 1][0] / size:
                return f"{scaled:,.{places}f}{word}"
        raise AssertionError("the last step takes every number")

    def _signed(self, number: float | None, show: Callable[[float], str]) -> str:
        if number is None or not math.isfinite(number):
            return MISSING
        shown = show(abs(number))
        return shown if number >= 0 or _is_zero(shown) else MINUS + shown


def _places(number: float) -> int:
    """Decimals that leave three significant digits: 1.24, 12.4, 124; none below zero."""
    if round(number, 2) == 0:
        return 0
    if round(number, 2) < 10:
        return 2
    return 1 if round(number, 1) < 100 else 0


def _is_zero(shown: str) -> bool:
    """Whether a text shows nothing but zeros."""
    return not any(c in "123456789" for c in shown)


@cache
def _symbol(currency: str, lang: str) -> str:
    """Currency sign as the language writes it; a code is kept apart from the digits."""
    sign = get_currency_symbol(currency, lang)
    return f"{sign}\N{NO-BREAK SPACE}" if sign[-1].isalpha() else sign
