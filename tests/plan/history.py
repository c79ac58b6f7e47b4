"""A shop's history as the store hands it over, whose every ratio is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from shopplan.plan.facts import Facts

MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")
BASKET = {"search": 100.0, "live": 80.0, "organic": 120.0}
ORDERS = {"search": 1_000.0, "live": 600.0, "organic": 2_000.0}
NO_COHORTS = pd.DataFrame({"cohort": pd.to_datetime([]), "age": [], "customers": [], "orders": []})
NO_SPEND = pd.DataFrame({"month": pd.to_datetime([]), "channel": [], "spend": [], "attributed": []})


def sales(months=MONTHS, channels=BASKET) -> pd.DataFrame:
    """Orders with a season; discount 5 %, returns 10 % of what is paid, margin 40 %, 30 % repeat orders."""
    rows = []
    for i, month in enumerate(months):
        season = 1 + 0.2 * np.sin(2 * np.pi * i / 12)
        for c in channels:
            orders = round(ORDERS.get(c, 500.0) * season)
            gross = orders * BASKET.get(c, 90.0)
            net = gross * 0.95 * 0.9
            rows.append({
                "month": month, "channel": c, "orders": float(orders), "new_orders": float(round(orders * 0.7)),
                "keyed_orders": float(orders), "units": orders * 1.5, "gross": gross, "discounts": gross * 0.05,
                "returns": gross * 0.95 * 0.1, "net": net, "cogs": net * 0.6, "sessions": orders / 0.025,
            })  # fmt: skip
    return pd.DataFrame(rows)


def spend(months=MONTHS, channels=("search", "live"), amount=10_000.0, claimed=3.0) -> pd.DataFrame:
    rows = [
        {"month": m, "channel": c, "spend": amount, "attributed": amount * claimed} for m in months for c in channels
    ]
    return pd.DataFrame(rows)


def facts(sold=None, spent=None, last_day=None, cohorts=NO_COHORTS, **fields) -> Facts:
    sold = sales() if sold is None else sold
    ids = list(dict.fromkeys([*sold["channel"], *(spent["channel"] if spent is not None else [])]))
    last = pd.Timestamp(last_day) if last_day else sold["month"].max() + pd.offsets.MonthEnd(0)
    days = pd.date_range(sold["month"].min(), last)
    made = Facts(
        version="v1", currency="CNY", sales=sold, spend=NO_SPEND if spent is None else spent, cohorts=cohorts,
        channels=pd.DataFrame({"id": ids, "name": ids, "kind": [c if c in BASKET else "other" for c in ids]}),
        daily=pd.DataFrame({"ds": days, "net": 10_000.0}),
    )  # fmt: skip
    return replace(made, **fields)
