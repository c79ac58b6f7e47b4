"""Charts of demand and of what is spent on it: sources, channels, spend, response curves and seasons."""

from __future__ import annotations

from typing import Any, Final

import altair as alt

from shopplan.charts.look import Drawn, Look, on_color
from shopplan.i18n import MISSING

_COLOR: Final = alt.Color("color:N", scale=None, legend=None)
"""The frame brings the colours, so that a channel keeps its own."""


def _points() -> alt.Chart:
    """Rows with the middle of their month, where Vega-Lite puts a line but not a stacked one."""
    return alt.Chart().transform_calculate(mid="datetime(year(datum.month),month(datum.month),16)")


def _stack(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", stack="zero")


def _share(field: str) -> str:
    """Vega expression of a row's share of its month, in a hover with a total."""
    return f"datum.total?format(datum.{field}/datum.total,'.1%'):'{MISSING}'"


def _names(value: str) -> tuple[alt.Chart, alt.Chart]:
    """Names at the end of a stack where a layer is thick enough, on an edge of the layer's own colour."""
    last = (
        _points()
        .transform_calculate(at="time(datum.month)")
        .transform_joinaggregate(last="max(at)")
        .transform_filter("datum.at==datum.last")
        .encode(
            x="mid:T",
            y=alt.Y(f"{value}:Q", stack="zero", bandPosition=0.5),
            detail="label:N",
            order="rank:Q",
            text=alt.TextValue(alt.ExprRef(f"scale('y',0)-scale('y',datum.{value})>13?datum.label:''")),
        )
    )
    edge = last.mark_text(align="right", dx=-4, fontWeight=600, strokeWidth=3, strokeJoin="round")
    name = last.mark_text(align="right", dx=-4, fontWeight=600, color=on_color("color"))
    return edge.encode(stroke=alt.Stroke("color:N", scale=None, legend=None)), name


def _stacked_areas(look: Look, y: alt.Y, value: str, tips: Drawn, *between: alt.Chart) -> Drawn:
    """Areas with names under the layer that carries the tooltips."""
    areas = _points().mark_area(stroke=look.ink.background, strokeWidth=1)
    by = {"color": _COLOR, "detail": "label:N", "order": "rank:Q"}
    x = alt.X("mid:T", title=None, axis=look.month_axis())
    return alt.layer(
        areas.encode(x=x, y=y, opacity=alt.value(1), **by),
        *between,
        *_names(value),
        tips,
    )


def orders_by_source(look: Look) -> Drawn:
    """Orders a month from organic demand, paid demand and repeat customers."""
    tips = look.hover_stack(
        "orders",
        "orders",
        source="datum.label",
        orders=look.count("datum.orders"),
        **look.signed(all_orders=("÷", look.count("datum.total")), share=("=", _share("orders"))),
    )
    return _stacked_areas(look, look.y("orders", "orders_month", "count", stack="zero"), "orders", tips)


def channel_sales(look: Look) -> Drawn:
    """Net sales a month by channel."""
    tips = look.hover_stack(
        "value",
        "value",
        channel="datum.label",
        net_sales=look.money("datum.value"),
        **look.signed(
            orders=("=", look.count("datum.orders")),
            sales_an_order=("×", look.known("money", "datum.value/datum.orders", "orders")),
            all_sales=("÷", look.money("datum.total")),
            share=("=", _share("value")),
        ),
    )
    return _stacked_areas(look, look.y("value", "money_month", stack="zero"), "value", tips)


def channel_mix(look: Look) -> Drawn:
    """Shares of organic new orders; the dashed lines are the borders that the target shares would have."""
    tips = look.hover_stack(
        "share",
        "organic_orders",
        channel="datum.label",
        organic_orders=look.count("datum.organic_orders"),
        **look.signed(all_organic=("÷", look.count("datum.total")), share=("=", look.shown("fraction", "datum.share"))),
        target_share=f"isValid(datum.target_share)?format(datum.target_share,'.1%'):'{look.word('none')}'",
    )
    whole = alt.Scale(domain=[0, 1])
    target = _points().mark_line(color=look.ink.background, strokeDash=[5, 3], strokeWidth=2)
    borders = target.encode(x="mid:T", y=_stack("target_share"), detail="label:N", order="rank:Q")
    share = look.y("share", "share", "fraction", stack="zero", scale=whole)
    return _stacked_areas(look, share, "share", tips, borders)


def spend(look: Look) -> Drawn:
    """Marketing spend a month by channel or budget line."""
    bars = alt.Chart().mark_bar(stroke=look.ink.background, strokeWidth=0.5)
    y = look.y("spend", "money_month", stack="zero")
    tips = look.hover_stack(
        "spend",
        "spend",
        channel="datum.label",
        spend=look.money("datum.spend"),
        **look.signed(all_spend=("÷", look.money("datum.total")), share=("=", _share("spend"))),
    )
    return alt.layer(bars.encode(x=look.x_month(), y=y, color=_COLOR, detail="label:N", order="rank:Q"), tips)


def _return_on(look: Look) -> dict[str, str]:
    """Rows of a curve's tooltip: what is spent, the return on it, and the curve's formula."""
    ratio = f"datum.spend>0?{look.shown('ratio', 'datum.sales/datum.spend')}:'{MISSING}'"
    return {**look.signed(spend=("÷", look.money("datum.spend")), roas=("=", ratio)), "how": look.how("curve")}


def curves(look: Look) -> Drawn:
    """What each channel brings against what it costs a month, with where it stands now and in the plan."""
    axis = alt.Axis(
        labelExpr=look.style.axis("money"), tickCount=alt.ExprRef("max(2,floor(width/90))"), labelOverlap=True
    )
    x = alt.X("spend:Q", title=look.unit("spend_month"), axis=axis, scale=alt.Scale(nice=False))
    rows = alt.Chart().encode(x="spend:Q", y="sales:Q", color=_COLOR, detail="channel:N")
    band = alt.Chart().mark_area(opacity=0.12)
    near = "scale('x',datum.spend)>width-110"  # too near the edge for a name beside the end of the curve
    tip = look.tooltip(channel="datum.label", sales=look.money("datum.sales"), **_return_on(look), band=look.band())
    ends = rows.transform_filter("isValid(datum.label_at)").encode(y="label_at:Q")
    name: dict[str, Any] = {
        "align": alt.ExprRef(f"{near}?'right':'left'"),
        "dx": alt.ExprRef(f"{near}?0:6"),
        "dy": alt.ExprRef(f"{near}?-8:0"),
        "fontWeight": 600,
        "text": alt.ExprRef("datum.label"),
    }
    edge = ends.encode(color=alt.value(look.ink.background))
    return alt.layer(
        band.encode(x=x, y=look.y("lo", "sales_month"), y2="hi", color=_COLOR, detail="channel:N"),
        rows.mark_line(strokeWidth=2),
        edge.mark_text(stroke=look.ink.background, strokeWidth=4, strokeJoin="round", **name),
        ends.mark_text(**name),
        rows.transform_filter("datum.present").mark_point(shape="circle", filled=True, size=70, opacity=1),
        rows.transform_filter("datum.plan").mark_point(shape="diamond", filled=False, size=120, strokeWidth=2),
        rows.mark_point(filled=True, size=120, opacity=0, tooltip=tip),
    )


def curve(look: Look) -> Drawn:
    """One channel's curve with its band, the months that lie behind it, and where it stands now and in the plan."""
    ink = look.ink
    axis = alt.Axis(
        labelExpr=look.style.axis("money"), tickCount=alt.ExprRef("max(2,floor(width/90))"), labelOverlap=True
    )
    x = alt.X("spend:Q", title=look.unit("spend_month"), axis=axis, scale=alt.Scale(nice=False))
    rows = alt.Chart().transform_filter("isValid(datum.sales)").encode(x="spend:Q", y="sales:Q")
    months = alt.Chart().transform_filter("isValid(datum.seen)").encode(x="spend:Q", y="seen:Q")
    tip = look.tooltip(sales=look.money("datum.sales"), **_return_on(look), band=look.band())
    month = look.tooltip(month="datum.seen_in", spend=look.money("datum.spend"), seen=look.money("datum.seen"))
    band = alt.Chart().mark_area(opacity=0.18, color=ink.accent).transform_filter("isValid(datum.sales)")
    return alt.layer(
        band.encode(x=x, y=look.y("lo", "sales_month"), y2="hi"),
        months.mark_point(shape="cross", angle=45, filled=True, size=36, color=ink.muted, opacity=0.8, tooltip=month),
        rows.mark_line(strokeWidth=2.4, color=ink.accent),
        rows.transform_filter("datum.present").mark_point(
            shape="circle", filled=True, size=80, color=ink.text, opacity=1
        ),
        rows.transform_filter("datum.plan").mark_point(
            shape="diamond", filled=False, size=130, strokeWidth=2, color=ink.text
        ),
        rows.mark_point(filled=True, size=120, opacity=0, tooltip=tip),
    )


def season(look: Look) -> Drawn:
    """Month-of-year indices around 1."""
    ink = look.ink
    x = alt.X("label:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False))
    y = look.y("index", "index", "ratio", scale=alt.Scale(zero=False, padding=18, nice=False))
    rows = alt.Chart().encode(x=x, y=y)
    shown = "format(datum.index,'.2f')"
    tip = look.tooltip(month="datum.label", index=shown, how=look.how("season"))
    color = alt.ExprRef(f"datum.index<1?'{ink.muted}':'{ink.accent}'")
    return alt.layer(
        rows.mark_bar(color=color, tooltip=tip).encode(y2=alt.datum(1)),
        alt.Chart().mark_rule(color=ink.muted).encode(y=alt.datum(1)),
        rows.mark_text(dy=alt.ExprRef("datum.index<1?8:-8"), fontSize=10, text=alt.ExprRef(shown)),
    )
