"""What is true of the demo shop, read from ``data/demo.toml`` (where every value is explained)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from shopplan.terms import Said, ShopplanError

SETTINGS_PATH = Path(__file__).resolve().parents[2] / "data" / "demo.toml"


@dataclass(frozen=True, slots=True)
class Demand:
    """Calendar shape and noise of new demand."""

    months: list[float]
    weekdays: list[float]
    common_noise: float
    own_noise: float
    noise_memory: float


@dataclass(frozen=True, slots=True)
class EventLift:
    """Log change of demand in and around an event, and the factor on budgets while it runs."""

    during: float
    spend: float
    peaks: tuple[int, ...] = ()
    peak: float = 0.0
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Repeat:
    """How customers come back."""

    orders: float
    months: int
    mean_days: float
    wait_days: int
    to_private: float
    event_share: float


@dataclass(frozen=True, slots=True)
class StockOut:
    """Days on which most orders are lost."""

    start: date
    days: int
    lost: float


@dataclass(frozen=True, slots=True)
class Money:
    """What orders are worth and how that moves."""

    value_growth: float
    event_basket: float
    event_discount: float
    value_noise: float
    return_delay_days: float
    resold: float
    click_inflation: float
    event_conversion: float


@dataclass(frozen=True, slots=True)
class Ads:
    """Spend of a channel and what it truly brings; ``kappa`` in multiples of the reference spend a day."""

    spend_per_month: float
    spend_growth: float
    season_follow: float
    weekly_carryover: float
    slope: float
    kappa: float
    roas: float
    overclaim: float
    cost_per_click: float
    click_rate: float
    pauses: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelTruth:
    """A channel of the demo shop; ``first`` is its first day where it starts late."""

    id: str
    name: str
    kind: str
    orders_per_day: float
    growth: float
    event_feel: float
    value: float
    discount: float
    return_rate: float
    cost_share: float
    conversion: float
    units: float
    first: date | None = None
    ramp_days: int = 1
    ads: Ads | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the generator needs; the same settings give the same shop."""

    seed: int
    currency: str
    country: str
    start: date
    end: date
    warmup_days: int
    demand: Demand
    events: dict[str, EventLift]
    repeat: Repeat
    stock_out: StockOut
    money: Money
    channels: tuple[ChannelTruth, ...]

    @property
    def days(self) -> pd.DatetimeIndex:
        """All simulated days, the warm-up first."""
        return pd.date_range(pd.Timestamp(self.start) - pd.Timedelta(days=self.warmup_days), self.end)


def load_settings(path: Path = SETTINGS_PATH) -> Settings:
    """Settings from a TOML file.

    Raises
    ------
    ShopplanError
        When a table lacks a value or holds one that is not known.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = {"demand": Demand, "repeat": Repeat, "stock_out": StockOut, "money": Money}
    for name, kind in parts.items():
        raw[name] = _build(kind, raw.get(name, {}), name)
    raw["events"] = {name: _build(EventLift, lift, f"events.{name}") for name, lift in raw["events"].items()}
    for channel in raw["channels"]:
        if "ads" in channel:
            channel["ads"] = _build(Ads, channel["ads"], f"{channel['id']}.ads")
    raw["channels"] = tuple(_build(ChannelTruth, channel, "channels") for channel in raw["channels"])
    return _build(Settings, raw, path.name)


def _build(kind: type, values: dict[str, Any], where: str) -> Any:
    unknown = sorted(set(values) - {field.name for field in fields(kind)})
    if unknown:
        raise ShopplanError(Said("not a setting: {names}", names=tuple(unknown)), where)
    try:
        return kind(**values)
    except TypeError as error:
        raise ShopplanError(Said("a setting is missing: {error}", error=str(error)), where) from error
