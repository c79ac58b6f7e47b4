"""What the charts share: words, numbers as Vega expressions, axes and small layers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import altair as alt

from shopplan.charts.theme import Ink, ink
from shopplan.i18n import ADDED, MISSING, NUMBERS, Style, how, steps, text
from shopplan.terms import METRICS

_SHORT = {
    "km": ((1e3, "K"), (1e6, "M"), (1e9, "B")),
    "wan": ((1e4, "万"), (1e8, "亿"), (1e12, "万亿")),
    "full": (),
}
assert tuple(_SHORT) == NUMBERS
_FORMATS = {"fraction": ".1%", "ratio": ",.2f", "days": ",.0f"}
_MONTH = {"en": "%b %Y", "zh": "%Y年%-m月"}
_MONTH_PIXELS = 76
_STRIPS = 120
_NOTHING = "[][0]"
"""Vega expression of what is not there; a tooltip leaves such a row out."""
_NEXT = "timeOffset('month',datum.month)"

Drawn = alt.Chart | alt.LayerChart | alt.FacetChart

LEVEL = {"titleAngle": 0, "titleX": 0, "titleY": -9}
"""The unit stands level above the axis, where it costs no width."""
LEFT = {**LEVEL, "titleAlign": "left"}
RIGHT = {**LEVEL, "titleAlign": "right", "orient": "right", "grid": False}


MONTH: Final = alt.X("month:T", timeUnit="yearmonth", bandPosition=0.5)
"""Months in every layer after the first: bars fill their month, other marks stand in its middle."""
_START: Final = alt.XValue(alt.ExprRef(f"min(scale('x',datum.month),width*datum.strip/{_STRIPS})"))
_END: Final = alt.X2Value(alt.ExprRef(f"max(scale('x',{_NEXT}),width*(datum.strip+1)/{_STRIPS})"))
"""Edges of a month and of the strip under the pointer. They add nothing to what the scale spans: most of the time no
month is pointed at."""


class Look:
    """How a chart is written and coloured.

    Parameters
    ----------
    style : Style
        Language, currency and number style.
    dark : bool
    """

    def __init__(self, style: Style, dark: bool) -> None:
        self.style, self.ink = style, ink(dark)
        self.sign = style.money(0).removesuffix("0")
        self.whole = "." not in style.money(1.5)  # a currency without minor units

    def word(self, key: str, **values: str) -> str:
        """A word of the charts, for example ``word("plan")``."""
        return text(self.style.lang, f"chart.word.{key}", **values)

    def unit(self, key: str) -> str:
        """The words above an axis; a money unit holds the currency sign."""
        return self.word(f"unit.{key}", sign=self.sign.strip())

    # --- Vega expressions ---
    def count(self, value: str) -> str:
        """Vega expression of a count, short as `Style.count` writes it."""
        return f"({_signed(value, _short(f'abs({value})', self._steps(), whole=True), '')})"

    def money(self, value: str) -> str:
        """Vega expression of an amount, short as `Style.money` writes it."""
        return f"({_signed(value, _short(f'abs({value})', self._steps(), self.whole), self.sign)})"

    def money_or_dash(self, field: str) -> str:
        """Vega expression of a money field that may be missing."""
        return f"isValid(datum.{field})?{self.money(f'datum.{field}')}:'{MISSING}'"

    def band(self) -> str:
        """Vega expression of the band between the fields ``lo`` and ``hi``."""
        return f"isValid(datum.lo)?{self.money('datum.lo')}+' {MISSING} '+{self.money('datum.hi')}:'{MISSING}'"

    def month_text(self, field: str) -> str:
        """Vega expression of a month's name."""
        return f"timeFormat(datum.{field},'{_MONTH[self.style.lang]}')"

    def shown(self, unit: str, value: str) -> str:
        """Vega expression of a number in a unit."""
        match unit:
            case "money":
                return self.money(value)
            case "count":
                return self.count(value)
            case "people":
                return f"format({value},',.1~f')"
            case _:
                return f"format({value},'{_FORMATS[unit]}')"

    def known(self, unit: str, value: str, field: str = "") -> str:
        """Vega expression of a number, or of no row where the field is missing (``value`` where none is named)."""
        return f"isValid({f'datum.{field}' if field else value})?{self.shown(unit, value)}:{_NOTHING}"

    def given(self, field: str) -> str:
        """Vega expression of a text, or of no row where it is missing."""
        return f"isValid(datum.{field})?datum.{field}:{_NOTHING}"

    def parts(self, metric: str, first: str = "=") -> dict[str, str]:
        """Rows of a tooltip that say how a metric comes about: ``= Gross sales``, ``− Discounts``, ``− Returns``.

        The frame has a column for each part. ``first`` is the sign of the first one.
        """
        (_, start), *others = steps(metric)
        return self.joined(((first, start), *others))

    def joined(self, parts: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Rows of a tooltip of signs and metrics; those whose column is empty are left out, and what adds nothing."""
        return {f"{sign} {text(self.style.lang, f'metric.{part}')}": self._part(sign, part) for sign, part in parts}

    def _part(self, sign: str, metric: str) -> str:
        there = f"datum.{metric}" if sign in ADDED else f"isValid(datum.{metric})"
        return f"{there}?{self.shown(METRICS[metric].unit, f'datum.{metric}')}:{_NOTHING}"

    def how(self, name: str) -> str:
        """Vega expression of the text that says how a number comes about."""
        return json.dumps(how(self.style.lang, name), ensure_ascii=False)

    def tooltip(self, **rows: str) -> alt.ExprRef:
        """Tooltip of rows ``word = expression``, in this order.

        A key that is no name, such as ``= Gross sales``, is shown as it is.
        """
        shown = (
            f"{json.dumps(self.word(key) if key.isidentifier() else key, ensure_ascii=False)}:{expression}"
            for key, expression in rows.items()
        )
        return alt.ExprRef(f"{{{','.join(shown)}}}")

    def signed(self, **rows: tuple[str, str]) -> dict[str, str]:
        """Rows of a tooltip with their sign: ``spend=("÷", expression)`` becomes ``÷ Spend``."""
        return {f"{sign} {self.word(key)}": expression for key, (sign, expression) in rows.items()}

    def _steps(self) -> tuple[tuple[float, str], ...]:
        return _SHORT[self.style.numbers or ("wan" if self.style.lang == "zh" else "km")]

    # --- axes ---
    def x_month(self) -> alt.X:
        """Month axis; the first layer of a chart has it."""
        return alt.X("month:T", timeUnit="yearmonth", bandPosition=0.5, title=None, axis=self.month_axis())

    def month_axis(self) -> alt.Axis:
        """Labels at the start of months only, as many as the width carries."""
        return alt.Axis(
            labelExpr=f"date(datum.value)==1?{self.style.axis_month()}:''",
            tickCount=alt.ExprRef(f"max(2,floor(width/{_MONTH_PIXELS}))"),
            labelOverlap=True,
            labelFlush=True,
        )

    def y(
        self, field: str, unit: str, kind: str = "money", side: dict[str, Any] | None = None, **options: Any
    ) -> alt.Y:
        """Quantitative axis of a `terms.Unit` (``kind``), named by a unit word of the charts."""
        axis = alt.Axis(labelExpr=self.style.axis(kind), tickCount=5, **(side or LEFT))
        return alt.Y(f"{field}:Q", title=self.unit(unit), axis=axis, **options)

    # --- layers ---
    def hover(self, **rows: str) -> alt.LayerChart | alt.FacetChart:
        """The tooltip of the month under the pointer; rows as `tooltip` takes them, the month first."""
        strips, month = _pointed()
        tip = self.tooltip(month=self.month_text("month"), **rows)
        return alt.layer(strips, month.mark_rect(opacity=0, tooltip=tip).encode(x=_START, x2=_END))

    def hover_stack(self, field: str, total: str, **rows: str) -> alt.LayerChart | alt.FacetChart:
        """The tooltips of the parts of a stack of ``field`` in the month under the pointer.

        ``rows`` may use ``datum.total``, the sum of the field ``total`` over the month.
        """
        strips, month = _pointed()
        tip = self.tooltip(month=self.month_text("month"), **rows)
        order = [alt.SortField("rank")]
        parts = month.transform_joinaggregate(total=f"sum({total})")
        parts = parts.transform_stack(stack=field, as_=["base", "top"], groupby=["month"], sort=order)
        base, top = (alt.ExprRef(f"scale('y',datum.{edge})") for edge in ("base", "top"))
        rects = parts.mark_rect(opacity=0, tooltip=tip)
        return alt.layer(strips, rects.encode(x=_START, x2=_END, y=alt.YValue(base), y2=alt.Y2Value(top)))


def _pointed() -> tuple[alt.Chart, alt.Chart]:
    """Strips that tell where the pointer is, and the rows of the month there.

    The strips do not depend on data, and only the month under the pointer has a mark: one for every month, made anew
    at each move of a lever, would cost more than all that is seen of the chart. A tooltip is free to say much.
    """
    pointed = alt.selection_point(name="pointed", fields=["strip"], on="pointerover", clear=False, toggle=False)
    left, right = (alt.ExprRef(f"width*(datum.strip+{side})/{_STRIPS}") for side in (0, 1))
    strips = alt.Chart(alt.sequence(0, _STRIPS, as_="strip")).mark_rect(opacity=0)
    strips = strips.encode(x=alt.XValue(left), x2=alt.X2Value(right)).add_params(pointed)
    at = f"time(invert('x',width*(pointed.strip[0]+0.5)/{_STRIPS}))"
    under = f"{at}>=time(datum.month)&&{at}<time({_NEXT})"
    month = alt.Chart().transform_filter(f"isArray(pointed.strip)&&{under}")
    return strips, month.transform_calculate(strip="pointed.strip[0]")  # over the mark the pointer is on its strip


def line(y: alt.Y, color: str, width: float = 2, **mark: Any) -> alt.Chart:
    """A line over months."""
    return alt.Chart().mark_line(color=color, strokeWidth=width, **mark).encode(x=MONTH, y=y)


def label(chart: alt.Chart, ink: Ink, **mark: Any) -> tuple[alt.Chart, alt.Chart]:
    """Text that stays readable over lines: the same text in the background's colour lies under it."""
    halo = chart.mark_text(stroke=ink.background, strokeWidth=4, strokeJoin="round", color=ink.background, **mark)
    return halo, chart.mark_text(color=ink.text, **mark)


def on_color(field: str) -> alt.ExprRef:
    """Black or white, whichever reads better on the colour in a field."""
    return alt.ExprRef(f"luminance(datum.{field})>0.18?'#10151b':'#ffffff'")


def _signed(value: str, shown: str, sign: str) -> str:
    return f"({value}<0?'−':'')+'{sign}'+({shown})"


def _short(value: str, steps: tuple[tuple[float, str], ...], whole: bool) -> str:
    """Expression of a number that is not negative; a step begins where the one below would round up to it."""
    small = "',.0f'" if whole else f"{value}==0||{value}>=99.95?',.0f':{value}<9.995?'.2f':'.1f'"
    shown = f"format({value},{small})"
    below = 1.0
    for size, word in steps:
        scaled = f"{value}/{size:.0e}".replace("e+0", "e").replace("e+", "e")
        # in steps of ten thousand a scaled number can have four digits before the point
        digits = "'.3r'" if below * 1000 == size or size == 1e3 else f"{scaled}<999.5?'.3r':',.0f'"
        shown = f"{value}>={max(size, 1e4) - below / 2:g}?format({scaled},{digits})+'{word}':{shown}"
        below = size
    return shown
