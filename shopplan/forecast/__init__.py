"""Organic demand: forecasts with intervals, the calendar of shop events, and seasonal indices."""

from shopplan.forecast.events import calendar, event_share

__all__ = ["calendar", "event_share"]
