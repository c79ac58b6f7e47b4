"""Organic demand: forecasts with intervals, their errors, the calendar of shop events, and seasonal indices."""

from shopplan.forecast.errors import ErrorModel, error_model
from shopplan.forecast.events import calendar, event_share
from shopplan.forecast.predict import forecast, forecast_and_errors, totals
from shopplan.forecast.season import season

__all__ = [
    "ErrorModel", "calendar", "error_model", "event_share", "forecast", "forecast_and_errors", "season", "totals",
]  # fmt: skip
