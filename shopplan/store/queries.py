"""What is read from the facts, as Ibis expressions: the same one runs on DuckDB now and on a bigger engine later.

Only rows that count are read (``live``, see `standing`). Money stays in minor units of its own currency here; `view`
turns it into major units of one. A period is ``"M"`` (months) or ``"D"`` (days).
"""

from __future__ import annotations

from typing import Any

import ibis

_LINES = {
    "batch_id": "int64",
    "live": "boolean",
    "scope": "string",
    "order_id": "string",
    "at": "timestamp",
    "channel": "string",
    "units": "float64",
    "gross_minor": "int64",
    "discounts_minor": "int64",
    "returns_minor": "int64",
    "cogs_minor": "int64",
    "customer_key": "int64",
    "currency": "string",
}
_REFUNDS = {
    "live": "boolean",
    "scope": "string",
    "order_id": "string",
    "returns_minor": "int64",
}
_ITEMS = {"live": "boolean", "scope": "string", "order_id": "string", "units": "float64"}
_SETTLED = {"live": "boolean", "scope": "string", "order_id": "string", "amount_minor": "int64"}
_SALES = {
    "day": "date",
    "channel": "string",
    "orders": "int64",
    "new_orders": "int64",
    "units": "float64",
    "gross_minor": "int64",
    "discounts_minor": "int64",
    "returns_minor": "int64",
    "cogs_minor": "int64",
    "sessions": "int64",
    "currency": "string",
    "live": "boolean",
}
_SPEND = {
    "day": "date",
    "channel": "string",
    "spend_minor": "int64",
    "impressions": "int64",
    "clicks": "int64",
    "attributed_minor": "int64",
    "currency": "string",
    "live": "boolean",
}
_MEASURES = {"day": "date", "channel": "string", "measure": "string", "value": "float64", "live": "boolean"}
BY = ("ds", "channel", "currency")
MOSTLY = 0.5
"""What fits at least this share of the refunded orders of an import holds for it."""
_SUMS = (
    "orders",
    "new_orders",
    "keyed_orders",
    "units",
    "gross_minor",
    "discounts_minor",
    "returns_minor",
    "cogs_minor",
    "sessions",
)


def _live(name: str, columns: dict[str, str]) -> ibis.Table:
    table = ibis.table(columns, name=name)
    return table.filter(table.live).drop("live")


lines = _live("order_lines", _LINES)
refunds = _live("order_refunds", _REFUNDS)
items = _live("order_items", _ITEMS)
settlements = _live("settlements", _SETTLED)
sales_daily = _live("sales_daily", _SALES)
spend_daily = _live("spend_daily", _SPEND)
measures_daily = _live("measures_daily", _MEASURES)


def sales(period: str) -> ibis.Table:
    """Sales a period, channel and currency, from order lines and daily sales together.

    An order counts where it has a sold line (a bare return is no order). ``new_orders`` are first orders of a
    known customer, or the column of that name in daily sales; ``keyed_orders`` are the orders for which it is
    known whether they are first ones, so that the repeat share is 1 - new / keyed. Where refunds of an order are
    stored, they are what went back, at the time of the order, whatever the order itself states.
    """
    parts = [_line_sums(period), _refund_sums(period), _item_units(period), _first_orders(period), _daily_sums(period)]
    table = ibis.union(*parts, distinct=False)
    summed = table.group_by(*BY).aggregate(**{name: table[name].sum() for name in _SUMS})
    # a period in which every known order is a repeat has no row of first orders
    new = summed.new_orders.coalesce(ibis.ifelse(summed.keyed_orders.notnull(), 0.0, ibis.null("float64")))
    net = summed.gross_minor - summed.discounts_minor.coalesce(0) - summed.returns_minor.coalesce(0)
    out = summed.mutate(new_orders=new, net_minor=net)
    last = ("net_minor", "cogs_minor", "sessions")
    return out.select(*BY, *(name for name in _SUMS if name not in last), *last)


def spend(period: str) -> ibis.Table:
    """Ad spend a period, channel and currency; ``attributed`` is the sales that the platform claims."""
    table = spend_daily.mutate(ds=_start(spend_daily.day, period))
    names = ("spend_minor", "impressions", "clicks", "attributed_minor")
    return table.group_by(*BY).aggregate(**{name: table[name].sum() for name in names})


def settled(period: str) -> ibis.Table:
    """What platforms paid for the orders that are stored, a period of the order, channel and currency.

    ``net`` is the net sales of these orders, so that net less settled is what the platform kept.
    """
    sums = settlements.group_by("scope", "order_id").aggregate(settled_minor=settlements.amount_minor.sum())
    own = lines.semi_join(settlements, ["scope", "order_id"])
    orders = _orders(own, net_minor=own.gross_minor.sum() - _sum(own.discounts_minor), stated=_sum(own.returns_minor))
    back = refunds.group_by("scope", "order_id").aggregate(back=refunds.returns_minor.sum())
    table = sums.inner_join(orders, ["scope", "order_id"]).left_join(back, ["scope", "order_id"])
    table = table.mutate(ds=_start(table["at"], period), net_minor=table.net_minor - table.back.coalesce(table.stated))
    return table.group_by(*BY).aggregate(
        orders=table.count(), net_minor=table.net_minor.sum(), settled_minor=table.settled_minor.sum()
    )


def measures() -> ibis.Table:
    """Other daily measures, summed over batches."""
    table = measures_daily.rename(ds="day")
    return table.group_by("ds", "channel", "measure").aggregate(value=table.value.sum())


def cohorts() -> ibis.Table:
    """Customers and orders by month of first order and age in months, from the lines whose customer is known."""
    sold = lines.filter(lines.customer_key.notnull(), lines.gross_minor > 0)
    sold = sold.mutate(ds=_start(sold["at"], "M"))
    active = sold.group_by("customer_key", "ds").aggregate(orders=sold.order_id.nunique())
    dated = active.mutate(cohort=active.ds.min().over(ibis.window(group_by=active.customer_key)))
    age = (dated.ds.year() - dated.cohort.year()) * 12 + (dated.ds.month() - dated.cohort.month())
    dated = dated.mutate(age=age)
    return (
        dated.group_by("cohort", "age")
        .aggregate(customers=dated.customer_key.count(), orders=dated.orders.sum())
        .order_by("cohort", "age")
    )


def _start(column: Any, period: str) -> Any:
    day = column if column.type().is_date() else column.date()
    return day.truncate(period) if period != "D" else day


def _line_sums(period: str) -> ibis.Table:
    known = refunds.select("scope", "order_id").distinct().mutate(apart=True)
    table = lines.left_join(known, ["scope", "order_id"]).mutate(ds=_start(lines["at"], period))
    returns = ibis.ifelse(table.apart, 0, table.returns_minor)
    sold = table.gross_minor > 0
    summed = (
        table.mutate(returns_minor=returns)
        .group_by(*BY)
        .aggregate(
            orders=table.order_id.nunique(where=sold),
            keyed_orders=table.order_id.nunique(where=sold & table.customer_key.notnull()).nullif(0),
            units=table.units.sum(),
            **{name: ibis._[name].sum() for name in _SUMS if name.endswith("_minor")},
        )
    )
    return _columns(summed)


def _refund_sums(period: str) -> ibis.Table:
    """Stored refunds of the orders that are stored, at the time and in the channel of the order.

    Some exports state what was paid with refunds taken out already, and nothing else: what looks like a discount is
    the refund. Where that fits most of the refunded orders of an import, the discount gives way.
    """
    sums = refunds.group_by("scope", "order_id").aggregate(returns_minor=refunds.returns_minor.sum())
    own = lines.semi_join(refunds, ["scope", "order_id"])
    orders = _orders(
        own, batch_id=own.batch_id.max(), discount=own.discounts_minor.sum(), stated=_sum(own.returns_minor)
    )
    table = sums.inner_join(orders, ["scope", "order_id"])
    fits = (table.discount == table.returns_minor) & (table.stated == 0)
    table = table.mutate(ds=_start(table["at"], period), fits=fits.ifelse(1.0, 0.0))
    usual = table.fits.mean().over(ibis.window(group_by=table.batch_id)) >= MOSTLY
    table = table.mutate(
        discounts_minor=ibis.ifelse((table.fits == 1) & usual, -table.returns_minor, ibis.null("int64"))
    )
    summed = {name: table[name].sum() for name in ("returns_minor", "discounts_minor")}
    return _columns(table.group_by(*BY).aggregate(**summed))


def _item_units(period: str) -> ibis.Table:
    """Pieces of the orders that do not say them themselves, from the file of their items."""
    own = lines.semi_join(items, ["scope", "order_id"])
    orders = _orders(own, stated=own.units.sum())
    table = items.inner_join(orders.filter(orders.stated.isnull()), ["scope", "order_id"])
    table = table.mutate(ds=_start(table["at"], period))
    return _columns(table.group_by(*BY).aggregate(units=table.units.sum()))


def _orders(own: ibis.Table, **sums: Any) -> ibis.Table:
    """One row an order of lines: its time, channel and currency, and sums."""
    first = {name: own[name].argmin(own["at"]) for name in ("channel", "currency")}
    return own.group_by("scope", "order_id").aggregate(at=own["at"].min(), **first, **sums)


def _sum(column: Any) -> Any:
    return column.sum().coalesce(0)


def _first_orders(period: str) -> ibis.Table:
    sold = lines.filter(lines.customer_key.notnull(), lines.gross_minor > 0)
    first = sold.group_by("customer_key").aggregate(
        at=sold["at"].min(), channel=sold.channel.argmin(sold["at"]), currency=sold.currency.argmin(sold["at"])
    )
    first = first.mutate(ds=_start(first["at"], period))
    return _columns(first.group_by(*BY).aggregate(new_orders=first.count()))


def _daily_sums(period: str) -> ibis.Table:
    table = sales_daily.mutate(ds=_start(sales_daily.day, period))
    known = ibis.ifelse(table.new_orders.notnull(), table.orders, ibis.null("int64"))
    table = table.mutate(keyed_orders=known)
    return _columns(table.group_by(*BY).aggregate(**{name: table[name].sum() for name in _SUMS}))


def _columns(table: ibis.Table) -> ibis.Table:
    """The columns of the union in one order, missing ones as nulls."""
    kept = {name: table[name] if name in table.columns else ibis.null("float64") for name in _SUMS}
    return table.select(*BY, **{name: column.cast("float64") for name, column in kept.items()})
