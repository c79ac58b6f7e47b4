"""Charts of milestones, people, resources and stock, and of how complete the history is."""

from __future__ import annotations

from typing import Final

import altair as alt

from shopplan.charts.look import MONTH, RIGHT, Drawn, Look, line
from shopplan.charts.theme import CATEGORIES, STATES, state_colors
from shopplan.i18n import MISSING, resource
from shopplan.terms import RESOURCES

_ODDS_BAR = 56
"""Pixels of the bar of odds."""
_COLOR: Final = alt.Color("color:N", scale=None, legend=None)


def milestones(look: Look) -> Drawn:
    """One row a milestone: name and odds above, due month and expected month on the line below."""
    ink = look.ink
    row = alt.Y("name:N", sort=None, axis=None)
    color = alt.Color(
        "state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=list(state_colors(ink).values()))
    )
    shape = alt.Shape("state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=list(STATES.values())))
    due = alt.X("due:T", title=None, axis=look.month_axis(), scale=alt.Scale(padding=12))
    tip = look.tooltip(
        milestone="datum.name",
        due=look.month_text("due"),
        expected=f"isValid(datum.expected)?{look.month_text('expected')}:'{look.word('never')}'",
        odds="datum.odds_text",
        **look.signed(in_time=("=", "format(datum.in_time,',d')"), draws=("÷", "format(datum.draws,',d')")),
        how=look.how("odds"),
    )
    odds = alt.Chart().encode(y=row, x=alt.XValue(alt.ExprRef(f"width-{_ODDS_BAR}")))
    filled = alt.ExprRef(f"width-{_ODDS_BAR}*(1-datum.odds)")
    name = alt.Chart().mark_text(
        align="left", dy=-10, fontWeight=600, limit=alt.ExprRef("width-150"), text=alt.ExprRef("datum.name")
    )
    dated = alt.Chart().transform_filter("isValid(datum.expected)").encode(y=row, color=color)
    tick = alt.Chart().mark_tick(thickness=2.5, size=18, orient="vertical", color=ink.text, yOffset=9, tooltip=tip)
    point = dated.mark_point(filled=True, size=90, opacity=1, yOffset=9, tooltip=tip)
    return alt.layer(
        name.encode(y=row, x=alt.XValue(0)),
        odds.mark_text(align="right", dx=-8, dy=-10, text=alt.ExprRef("datum.odds_text"), tooltip=tip),
        odds.mark_rule(color=ink.faint, strokeWidth=6, yOffset=-10).encode(x2=alt.X2Value("width")),
        odds.mark_rule(strokeWidth=6, yOffset=-10).encode(x2=alt.X2Value(filled), color=color),
        dated.mark_rule(strokeWidth=2, yOffset=9).encode(x=due, x2="expected"),
        tick.encode(y=row, x=due),
        point.encode(x="expected:T", shape=shape),
    )


def phases(look: Look) -> Drawn:
    """How each phase splits its resources."""
    row = alt.Y("phase:N", sort=None, axis=None)
    kinds = alt.Scale(domain=list(CATEGORIES), range=list(CATEGORIES.values()))
    tip = look.tooltip(
        phase="datum.phase",
        resource="datum.label",
        amount=look.money("datum.amount"),
        **look.joined(part for kind in RESOURCES for part in resource(kind)),
        **look.signed(
            all_resources=("÷", f"datum.share>0?{look.money('datum.amount/datum.share')}:'{MISSING}'"),
            share=("=", look.shown("fraction", "datum.share")),
        ),
    )
    percent = "format(datum.share,'.0%')"
    inside = f"datum.share*width>110?datum.label+' '+{percent}:datum.share*width>34?{percent}:''"
    name = alt.Chart().transform_aggregate(rows="count()", groupby=["phase"])
    name = name.mark_text(align="left", dy=-13, fontWeight=600, text=alt.ExprRef("datum.phase"))
    x = alt.X("share:Q", stack="normalize", axis=None)
    rows = alt.Chart().encode(y=row, x=x, order="rank:Q")
    return alt.layer(
        name.encode(y=row, x=alt.XValue(0)),
        rows.mark_bar(size=20, yOffset=8, stroke=look.ink.background, tooltip=tip).encode(
            color=alt.Color("category:N", legend=None, scale=kinds)
        ),
        rows.mark_text(dy=9, fontWeight=600, text=alt.ExprRef(inside), color="#10151b").encode(
            x=alt.X("share:Q", stack="normalize", axis=None, bandPosition=0.5), detail="category:N"
        ),
    )


def headcount(look: Look) -> Drawn:
    """People by role against the people the plan's work needs."""
    bars = alt.Chart().mark_bar(stroke=look.ink.background, strokeWidth=0.5)
    each = "datum.orders/datum.required"
    tips = look.hover_stack(
        "heads",
        "heads",
        role="datum.label",
        required=look.shown("people", "datum.required"),
        **look.signed(
            orders=("=", look.known("count", "datum.orders")),
            orders_a_head=("÷", look.known("count", each, "orders")),
        ),
        heads=look.shown("people", "datum.heads"),
        **look.signed(utilisation=("=", look.known("fraction", "datum.required/datum.heads", "orders"))),
    )
    heads = look.y("heads", "people", "people", stack="zero")
    need = alt.Y("sum(required):Q")
    return alt.layer(
        bars.encode(x=look.x_month(), y=heads, color=_COLOR, detail="role:N", order="rank:Q"),
        line(need, look.ink.text, 1.8, interpolate="step", strokeDash=[6, 4]),
        tips,
    )


def stock(look: Look) -> Drawn:
    """Stock at cost, days of cover on the right, and months that lose orders."""
    ink = look.ink
    area = alt.Chart().mark_area(color=ink.accent, opacity=0.3, line={"color": ink.accent, "strokeWidth": 2})
    lost = alt.Chart().transform_filter("datum.lost_orders>=0.5").encode(x=MONTH, y=alt.value(6))
    cover = look.y("days_of_cover", "days", "days", RIGHT)
    return alt.layer(
        alt.layer(
            area.encode(x=look.x_month(), y=look.y("stock", "money_end", stack=None)),
            lost.mark_point(shape="triangle-down", filled=True, size=60, opacity=1, color=ink.bad),
        ),
        line(cover, ink.text, 1.6, strokeDash=[6, 4]),
        look.hover(
            stock=look.money_or_dash("stock"),
            **look.signed(
                cost_a_day=("÷", f"datum.days_of_cover>0?{look.money('datum.stock/datum.days_of_cover')}:'{MISSING}'"),
                days_of_cover=("=", look.shown("days", "datum.days_of_cover")),
            ),
            lost_orders=look.count("datum.lost_orders"),
        ),
    ).resolve_scale(y="independent")


def history_quality(look: Look) -> Drawn:
    """Which months of which channel hold data: stronger is more, a cross is a gap."""
    row = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=110, labelColor=look.ink.text))
    rows = alt.Chart().encode(x=look.x_month(), y=row)
    tip = look.tooltip(month=look.month_text("month"), channel="datum.label", value=look.money_or_dash("value"))
    part = alt.FillOpacity("part:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.12, 1]))
    held = rows.transform_joinaggregate(top="max(value)", groupby=["channel"])
    held = held.transform_calculate(part="datum.value/datum.top")
    gaps = alt.Chart().encode(x=MONTH, y=alt.Y("label:N", sort=None)).transform_filter("!(datum.value>0)")
    return alt.layer(
        held.mark_rect(color=look.ink.accent, stroke=look.ink.background, tooltip=tip).encode(fillOpacity=part),
        gaps.mark_point(shape="cross", angle=45, filled=True, size=40, opacity=1, color=look.ink.bad, tooltip=tip),
    )
