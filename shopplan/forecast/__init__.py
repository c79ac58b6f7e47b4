"""Organic demand: forecasts with intervals, how they did, the calendar of shop events, and seasonal indices."""

from shopplan.forecast.errors import ErrorModel, error_model, sum_band
from shopplan.forecast.events import calendar, event_share
from shopplan.forecast.hindsight import backtest, judged, replay
from shopplan.forecast.predict import forecast, forecast_and_errors, totals
from shopplan.forecast.reconcile import reconciled
from shopplan.forecast.report import report
from shopplan.forecast.season import season

__all__ = [
    "ErrorModel", "backtest", "calendar", "error_model", "event_share", "forecast", "forecast_and_errors",
    "judged", "reconciled", "replay", "report", "season", "sum_band", "totals",
]  # fmt: skip
