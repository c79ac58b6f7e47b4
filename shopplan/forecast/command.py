"""The ``forecast`` command: from a CSV file of a long frame to one of forecasts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from shopplan.csv_file import read_csv
from shopplan.forecast.events import EVENT_COLUMNS, UNTOLD, own_events
from shopplan.forecast.kin import studies
from shopplan.forecast.predict import as_frame, as_total
from shopplan.forecast.report import report
from shopplan.forecast.series import Freq
from shopplan.terms import DATE, SERIES, VALUE, Said, ShopplanError, place


def forecast_file(
    source: Path,
    h: int,
    out: Path,
    freq: Freq | None = None,
    level: Sequence[int] = (80, 95),
    events: Path | None = None,
    sums: Path | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast the series in a CSV file ``unique_id, ds, y`` and write the result to another.

    With ``sums`` the totals over the horizon, whose intervals are not sums of those of the periods, go to a third.

    Returns
    -------
    tuple of DataFrame
        What was written, as `forecast` gives it, and what was odd in the history, as `report` does.

    Raises
    ------
    ShopplanError
        When a file cannot be read or written, lacks a column, or holds a value that is no date or number.
    """
    rows = _read(source, (SERIES, DATE, VALUE))
    if rows.empty:
        raise ShopplanError("the file has no rows", source.name)
    text = rows[SERIES].str.strip()
    _refuse(source, SERIES, rows[SERIES], text == "", "no series is named: {value!r}")
    dates = _dates(source, rows, DATE)
    values = pd.to_numeric(rows[VALUE].where(rows[VALUE].str.strip() != ""), errors="coerce")
    _refuse(source, VALUE, rows[VALUE], values.isna() & (rows[VALUE].str.strip() != ""), "not a number: {value!r}")
    _refuse(source, VALUE, rows[VALUE], values.abs() == float("inf"), "not a finite number: {value!r}")
    frame = pd.DataFrame({SERIES: text, DATE: dates, VALUE: values.astype(float)})
    _refuse(
        source, DATE, rows[DATE], frame.duplicated([SERIES, DATE]), "a second value for this series and date: {value!r}"
    )
    known = _events(events) if events else None
    found = studies(frame, h, freq, known, None)
    ahead = pd.concat([as_frame(one, level) for one in found], ignore_index=True)
    _write(ahead, out)
    if sums is not None:
        _write(pd.DataFrame([as_total(one, level) for one in found]), sums)
    return ahead, report(frame, freq, known)


def _write(table: pd.DataFrame, out: Path) -> None:
    try:
        table.to_csv(out, index=False, date_format="%Y-%m-%d")
    except OSError as error:
        raise ShopplanError(
            Said("the file cannot be written: {reason}", reason=error.strerror or str(error)), out.name
        ) from error


def found_text(found: pd.DataFrame, most: int = 20) -> str:
    """What was odd, a line each, of the rarer kinds first."""
    order = found["found"].map(found["found"].value_counts())
    lines = [_line(row) for row in found.loc[order.sort_values(kind="stable").index].head(most).to_dict("records")]
    return "\n".join([*lines, f"and {len(found) - most:,} more"] if len(found) > most else lines)


def _line(row: Mapping[Hashable, Any]) -> str:
    kind, value, usual = row["found"], row["value"], row["usual"]
    told = {"outlier": f" {value:,.6g}, {usual:,.6g} expected", "shift": f" to {usual:.2f} times the level before",
            "negative": f" {value:,.6g}", "many_zeros": f" {value:.0f} times",
            "short_history": f" of {value:.0f} periods", "closed_weekday": f" {value:.0f} (Monday is 0)"}  # fmt: skip
    return f"{row[SERIES]} {row[DATE]:%Y-%m-%d}: {kind}{told.get(kind, '')}"


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    frame = read_csv(path, columns, dtype=str, keep_default_na=False, skip_blank_lines=False)
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ShopplanError(Said("a column is missing: {columns}", columns=tuple(missing)), place(path.name, 1))
    return frame


def _dates(path: Path, rows: pd.DataFrame, column: str) -> pd.Series:
    """Days as they are written, whatever the hour and the time zone."""
    text = rows[column].str.strip()
    read = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    dates = pd.to_datetime(text.where(read.isna(), text.str[:10]), format="ISO8601", errors="coerce").dt.normalize()
    _refuse(path, column, rows[column], dates.isna(), "not a date like 2026-01-31: {value!r}")
    return dates


def _refuse(path: Path, column: str, values: pd.Series, wrong: pd.Series, template: str) -> None:
    """Name the first wrong value with its place."""
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise ShopplanError(Said(template, value=values.iloc[at]), place(path.name, at + 2, column))


def _events(path: Path) -> pd.DataFrame | None:
    """Rows as `calendar` gives them."""
    rows = _read(path, EVENT_COLUMNS)
    events = pd.DataFrame({"event": rows["event"]})
    events["day_start"], events["day_end"] = _dates(path, rows, "day_start"), _dates(path, rows, "day_end")
    _refuse(path, "day_end", rows["day_end"], events["day_end"] < events["day_start"], "the end is before the start")
    for name in [name for name in UNTOLD if name in rows]:
        events[name] = rows[name].str.strip()
        if name != "kind":
            days = pd.to_numeric(events[name].where(events[name] != "", "0"), errors="coerce")
            _refuse(path, name, rows[name], ~days.between(0, 366), "not a number of days")
    return own_events(events)
