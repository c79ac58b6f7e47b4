"""How reports of ads are read: what was spent on which day and campaign, and what the platform claims for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.ingest.days import dates
from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.ingest.sheet import Built, Sheet
from shopplan.terms import Said

_AMOUNTS = ("spend_minor", "impressions", "clicks", "attributed_minor")
MAX_DAYS = 3660


def spend(sheet: Sheet) -> Built:
    """One row a day, channel and campaign; rows of a longer period are spread over its days.

    Raises
    ------
    ImportRefused
        When neither the rows nor the lines above the header say which days the money was spent on.
    """
    amount, _ = sheet.amount("spend")
    attributed = sheet.optional("attributed", "minor")
    frame = pd.DataFrame(
        {
            "channel": sheet.text("channel", sheet.channel),
            "campaign": sheet.label("campaign", 200),
            "spend_minor": sheet.minor(amount),
            "impressions": sheet.optional("impressions", "count"),
            "clicks": sheet.optional("clicks", "count"),
            "attributed_minor": attributed.where(~attributed.isna() | (not sheet.has("attributed")), 0),
            "currency": sheet.money,
        }
    )
    start, end = _days(sheet)
    frame = frame.assign(day=start)
    length = pd.Series((end - start).dt.days + 1, index=frame.index).fillna(1).astype("int64")
    frame, length = frame[sheet.keep], length[sheet.keep]
    if (length > 1).any():
        template = "{count} rows cover several days each; their amounts are spread evenly over the days"
        sheet.note(Said(template, count=int((length > 1).sum())))
        frame = _spread(frame, length)
    return Built({"spend_daily": daily(frame)}, kept_only=True)


def daily(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of one day, channel, campaign and currency added up; what none of them states stays unknown."""
    keys = ["day", "channel", "campaign", "currency"]
    if not frame.duplicated(keys).any():
        return frame
    amounts = [name for name in _AMOUNTS if name in frame]
    return frame.groupby(keys, as_index=False, sort=False)[amounts].sum(min_count=1)


def _days(sheet: Sheet) -> tuple[pd.Series, pd.Series]:
    """First and last day of each row."""
    if sheet.has("date"):
        start = sheet.date("date")
        if not sheet.has("date_end"):
            return start, start
        end = sheet.date("date_end", required=False).fillna(start)
        wrong = np.flatnonzero((((end < start) | ((end - start).dt.days >= MAX_DAYS)) & sheet.keep).to_numpy())
        for row in wrong[:1]:
            message = "the row ends before it begins, or covers more than ten years"
            sheet.problems.append(Problem(int(sheet.lines[row]), sheet.headers["date_end"], message))
        return start, end.where(end >= start, start).where((end - start).dt.days < MAX_DAYS, start)
    if not sheet.period[0]:
        message = "the file does not say on which days the money was spent"
        hint = "export the report again split by day, or give the period of the file"
        raise ImportRefused(sheet.name, [Problem(0, "", message)], hint)
    found = dates(pd.Series(sheet.period, dtype="str")).values.astype("datetime64[us]")
    if np.isnat(found).any() or not 0 <= (found[1] - found[0]) / np.timedelta64(1, "D") < MAX_DAYS:
        message = Said("{first} to {last} is not a period of days", first=sheet.period[0], last=sheet.period[1])
        raise ImportRefused(sheet.name, [Problem(0, "", message)], "give it as 2026-01-01 to 2026-01-31")
    whole = [pd.Series(day, index=sheet.cells.index) for day in found]
    return whole[0], whole[1]


def _spread(frame: pd.DataFrame, length: pd.Series) -> pd.DataFrame:
    """Each row once a day of its period, its amounts divided so that they add up exactly."""
    days = np.concatenate([np.arange(n) for n in length]) if len(length) else np.zeros(0, dtype="int64")
    each = np.repeat(length.to_numpy(), length.to_numpy())
    out = frame.loc[frame.index.repeat(length)]
    out = out.assign(day=out["day"] + pd.to_timedelta(days, unit="D"))
    for name in _AMOUNTS:
        known = out[name].notna().to_numpy()
        total = out[name].fillna(0).to_numpy("int64")
        part = total * (days + 1) // each - total * days // each
        out[name] = pd.Series(pd.array(part, dtype="Int64"), index=out.index).mask(~known)
    return out
