"""Charts of money by month: net sales, gross margin, cash and the bridge between two cash balances."""

from __future__ import annotations

from typing import Final

import altair as alt

from shopplan.charts.look import MONTH, RIGHT, Drawn, Look, label, line

_INWARD: Final = alt.ExprRef("scale('x',datum.month)>0.6*width?'right':'left'")
_BESIDE: Final = alt.ExprRef("scale('x',datum.month)>0.6*width?-10:10")
"""Labels grow towards the middle, so that none is cut at the edge."""
_SHORT_PAST: Final = 0.2
"""Part of the width that a past takes which is too short for labels."""


def _band(look: Look, y: alt.Y) -> alt.Chart:
    band = alt.Chart().mark_area(color=look.ink.accent, opacity=0.18)
    return band.encode(x=look.x_month(), y=y, y2="hi")


def _saved(look: Look) -> alt.Chart:
    return line(alt.Y("saved:Q"), look.ink.muted, 1.2, strokeDash=[2, 2])


def net_sales(look: Look) -> Drawn:
    """History, plan with its band, the saved plan and the targets."""
    ink = look.ink
    start = alt.Chart().transform_filter("isValid(datum.history)&&isValid(datum.mean)")
    target = alt.Chart().encode(y="target:Q")
    named = alt.Chart().transform_filter("isValid(datum.target_at)").encode(x=alt.XValue(4), y="target_at:Q")
    side = alt.ExprRef("datum.target_below?8:-8")
    past = alt.ExprRef(f"width*(datum.today<{_SHORT_PAST}?1:datum.today)-8")
    return alt.layer(
        _band(look, look.y("lo", "money_month")),
        start.mark_rule(color=ink.muted, strokeWidth=1).encode(x=MONTH),
        target.mark_rule(color=ink.text, strokeDash=[6, 4], strokeWidth=1),
        _saved(look),
        line(alt.Y("history:Q"), ink.text),
        line(alt.Y("mean:Q"), ink.accent, 2.4),
        target.encode(x=MONTH).mark_point(shape="diamond", size=70, filled=True, color=ink.text),
        *label(named, ink, align="left", dy=side, limit=past, text=alt.ExprRef("datum.target_label")),
        look.hover(
            history=look.known("money", "datum.history"),
            plan=look.known("money", "datum.mean"),
            **look.parts("net_sales"),
            band=look.band(),
            saved=look.money_or_dash("saved"),
            target=look.given("target_label"),
        ),
    )


def forecast(look: Look) -> Drawn:
    """History and what is expected if nothing changes, with its band, events, and forecasts made earlier."""
    ink = look.ink
    now = "!isValid(datum.before)"  # a row without a value would break a line
    start = alt.Chart().transform_filter("isValid(datum.history)&&isValid(datum.mean)")
    before = alt.Chart().transform_filter("isValid(datum.before)").encode(x=MONTH, y="before:Q", detail="made:N")
    events = alt.Chart().transform_filter("isValid(datum.event)").encode(x=MONTH, y=alt.value(5))
    then = look.tooltip(month=look.month_text("month"), made="datum.made", before=look.money("datum.before"))
    named = look.tooltip(month=look.month_text("month"), event="datum.event")
    return alt.layer(
        _band(look, look.y("lo", "money_month")).transform_filter(now),
        start.mark_rule(color=ink.muted, strokeWidth=1).encode(x=MONTH),
        line(alt.Y("history:Q"), ink.text).transform_filter(now),
        line(alt.Y("mean:Q"), ink.accent, 2.4).transform_filter(now),
        before.mark_line(color=ink.bad, strokeWidth=1.4, strokeDash=[5, 3]),
        look.hover(
            history=look.money_or_dash("history"), forecast=look.money_or_dash("mean"), band=look.band()
        ).transform_filter(now),
        before.mark_point(color=ink.bad, size=26, filled=True, opacity=1, tooltip=then),
        events.mark_point(shape="triangle-down", filled=True, size=46, color=ink.muted, opacity=1, tooltip=named),
    )


def gross_margin(look: Look) -> Drawn:
    """Gross margin and contribution in money, the margin rate on the right."""
    ink = look.ink
    bars = alt.Chart().mark_bar(color=ink.accent, opacity=0.45)
    contribution = line(alt.Y("contribution:Q"), ink.text)
    rate = look.y("rate", "rate", "fraction", RIGHT)
    return alt.layer(
        alt.layer(bars.encode(x=look.x_month(), y=look.y("gross_margin", "money_month")), _saved(look), contribution),
        line(rate, ink.good, strokeDash=[1, 4], strokeCap="round"),
        look.hover(
            gross_margin=look.money_or_dash("gross_margin"),
            **look.parts("gross_margin"),
            contribution=look.money_or_dash("contribution"),
            **look.parts("contribution"),
            rate=look.known("fraction", "datum.rate"),
            **look.parts("gross_margin_rate"),
            saved=look.money_or_dash("saved"),
        ),
    ).resolve_scale(y="independent")


def cash(look: Look) -> Drawn:
    """Cash at the end of each month with its band, the reserve and the lowest point."""
    ink = look.ink
    low = alt.Chart().encode(x=MONTH, y="low:Q")  # the padded scale leaves room for its label
    return alt.layer(
        _band(look, look.y("lo", "money_end", scale=alt.Scale(nice=False, padding=24))),
        alt.Chart().mark_rule(color=ink.muted, strokeWidth=1).encode(y=alt.datum(0)),
        line(alt.Y("reserve:Q"), ink.bad, 1.2, strokeDash=[6, 4]),
        _saved(look),
        line(alt.Y("cash:Q"), ink.accent, 2.4),
        low.mark_point(shape="circle", size=60, filled=True, opacity=1, color=ink.bad),
        *label(low, ink, align=_INWARD, dx=_BESIDE, dy=10, text=alt.ExprRef("datum.low_label")),
        look.hover(
            cash=look.money_or_dash("cash"),
            **look.signed(cash_before=("=", look.money("datum.cash_before"))),
            **look.parts("net_cash_flow", first="+"),
            band=look.band(),
            reserve=look.money_or_dash("reserve"),
            saved=look.money_or_dash("saved"),
        ),
    )


def cash_bridge(look: Look) -> Drawn:
    """What leads from the first balance to the last, step by step, the amounts in a column on the right."""
    ink = look.ink
    step = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=130, labelColor=ink.text))
    room = alt.Scale(range=[0, alt.ExprRef("width-70")], nice=False)
    axis = alt.Axis(
        labelExpr=look.style.axis("money"), tickCount=alt.ExprRef("max(2,floor(width/110))"), labelOverlap=True
    )
    kinds = alt.Scale(domain=["total", "up", "down"], range=[ink.muted, ink.good, ink.bad])
    change = "(datum.kind=='total'?datum.end:abs(datum.end-datum.start))"
    sign = f"({change}<0.5?'':{{total:'',up:'+',down:'−'}}[datum.kind])"
    amount = f"{sign}+{look.money(change)}"
    bars = alt.Chart().mark_bar(size=14, tooltip=look.tooltip(step="datum.label", amount=amount, how="datum.about"))
    return alt.layer(
        bars.encode(
            y=step,
            x=alt.X("start:Q", scale=room, axis=axis, title=look.unit("money")),
            x2="end",
            color=alt.Color("kind:N", legend=None, scale=kinds),
        ),
        alt.Chart().mark_rule(color=ink.muted).encode(x=alt.datum(0)),
        alt.Chart()
        .mark_text(align="right", text=alt.ExprRef(amount))
        .encode(y=alt.Y("label:N", sort=None), x=alt.XValue(alt.ExprRef("width"))),
    )
