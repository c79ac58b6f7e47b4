"""Editing the shop's milestones."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from shopplan.store.work import Conflict
from shopplan.terms import HORIZON_MAX, METRICS, ShopplanError, Target
from shopplan.ui import state, words
from shopplan.ui.live import shop
from shopplan.ui.words import t

METRIC_CHOICES = ("net_sales", "gross_margin", "gross_margin_rate", "contribution", "ebitda", "orders", "new_orders",
                  "marketing_share", "cac", "mer", "repeat_share", "cash", "headcount")  # fmt: skip
WINDOWS = ("month", "quarter", "year", "total")


def editor() -> None:
    """A table of milestones to change, add to and save; shares are typed in percent."""
    if not shop().ready:
        return
    try:
        baseline = shop().baseline(state.scenario().template)
    except ShopplanError:  # the board above says why
        return
    rows = shop().targets(baseline)
    version = shop().work.targets_version()
    with st.expander(t("milestone.edit")):
        st.caption(t("milestone.edit.about"))
        edited = st.data_editor(
            _frame(rows), num_rows="dynamic", hide_index=True, key=f"targets-{version}", column_config=_columns()
        )
        with st.container(horizontal=True):
            if st.button(t("action.save"), type="primary", key="save-targets"):
                _save(edited, rows, version)
            if shop().work.targets() and st.button(t("milestone.template"), key="template-targets"):
                shop().work.save_targets((), version, state.who())
                st.rerun()


def _frame(rows: tuple[Target, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [words.target(r) for r in rows],
            "metric": [r.metric for r in rows],
            "window": [r.window for r in rows],
            "threshold": [r.threshold * _scale(r.metric) for r in rows],
            "due": [r.due for r in rows],
        }
    )


def _scale(metric: str) -> float:
    return 100.0 if METRICS[metric].unit == "fraction" else 1.0


def _columns() -> dict[str, Any]:
    c = st.column_config
    return {
        "name": c.TextColumn(t("word.name"), required=True),
        "metric": c.SelectboxColumn(
            t("word.metric"), options=METRIC_CHOICES, format_func=lambda m: t(f"metric.{m}"), required=True
        ),
        "window": c.SelectboxColumn(
            t("word.window"), options=WINDOWS, format_func=lambda w: t(f"window.{w}"), required=True
        ),
        "threshold": c.NumberColumn(t("word.threshold"), help=t("milestone.threshold.help"), required=True),
        "due": c.NumberColumn(t("milestone.due_month"), step=1, required=True),
    }


def _save(edited: pd.DataFrame, before: tuple[Target, ...], version: int) -> None:
    if not edited["due"].dropna().between(1, HORIZON_MAX).all():
        st.error(t("milestone.due_range", most=HORIZON_MAX))
        return
    sources = {(words.target(r), r.metric, r.threshold, r.due): r for r in before}
    rows = []
    for i, row in enumerate(edited.dropna().to_dict("records")):
        metric, due = str(row["metric"]), int(row["due"])
        threshold = float(row["threshold"]) / _scale(metric)
        kept = sources.get((str(row["name"]), metric, threshold, due))
        if kept and kept.window == row["window"]:
            rows.append(kept)
        else:
            rows.append(Target(f"own{i + 1}", str(row["name"]), metric, threshold, due, row["window"]))
    try:
        shop().work.save_targets(rows, version, state.who())
    except Conflict:
        st.error(t("milestone.conflict"))
        return
    except ShopplanError as error:
        st.error(words.refused(error))
        return
    state.tell(t("state.saved"))
    st.rerun()
