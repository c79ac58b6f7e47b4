"""The words of the product: metrics, levers, units, column names and the error base.

Each word is defined once, here; every other room imports it. Labels and help texts live in the
catalogues under the keys ``metric.<id>``, ``metric.<id>.help``, ``lever.<id>``, ``lever.<id>.help``
and ``unit.<id>``. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Literal

HORIZON_MIN, HORIZON_MAX, HORIZON_DEFAULT = 3, 60, 24
DAYS_PER_MONTH = 365.25 / 12
DRAWS_DEFAULT = 400
"""Draws behind every band and odds on a page and, by default, on the command line."""
SEED_DEFAULT = 20260
BAND = (0.10, 0.90)
"""The band that is drawn: P10 to P90."""


class Said(str):
    """A sentence and its parts: a plain English string, and what a catalogue needs to say it in another language.

    Parameters
    ----------
    template : str
        An English sentence with named fields as in `str.format`; it is its own key in the catalogues of errors.
    **fields : object
        The values of the fields; a field may itself be a sentence, or several, which are listed.
    """

    template: str
    fields: dict[str, object]

    def __new__(cls, template: str, /, **fields: object) -> Said:
        listed = {name: ", ".join(v) if isinstance(v, tuple) else v for name, v in fields.items()}
        one = super().__new__(cls, template.format(**listed) if fields else template)
        one.template, one.fields = template, fields
        return one


def place(file: str = "", row: int = 0, column: str = "") -> str:
    """Where in a file: ``sales.csv, row 12, column net``; what is empty or 0 is left out."""
    parts = [file, Said("row {row}", row=row) if row else "", Said("column {column}", column=column) if column else ""]
    known = [part for part in parts if part] or [""]
    return reduce(lambda wide, narrow: Said("{wide}, {narrow}", wide=wide, narrow=narrow), known)


class ShopplanError(ValueError):
    """Something the user can put right: what failed, where, and what to do.

    Each part is a plain string or, where it has fields, a `Said`, so that a page can say it in its own language.

    Parameters
    ----------
    message : str
        What is wrong and what was expected.
    where : str
        File, row and column, or lever, or page; empty when it is everywhere.
    hint : str
        What to do about it.

    Attributes
    ----------
    whole : str
        All parts as one text.
    """

    def __init__(self, message: str, where: str = "", hint: str = "") -> None:
        self.message, self.where, self.hint = message, where, hint
        parts = [part for part in (where, message, hint) if part]
        self.whole = reduce(lambda one, then: Said("{one}. {then}", one=one, then=then), parts)
        super().__init__(self.whole)


# --- columns of frames that cross rooms ------------------------------------------------------
SERIES, DATE, VALUE = "unique_id", "ds", "y"
"""Long time-series frames: one row a series and date."""

# --- units -----------------------------------------------------------------------------------
Unit = Literal["money", "fraction", "per_year", "count", "ratio", "days", "months", "month", "people", "switch"]
"""``fraction`` and ``per_year`` are shown in percent; ``month`` is an index into the plan (0 = first)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number the model computes for each month.

    Attributes
    ----------
    id : str
    unit : Unit
    formula : str
        Over other metric ids, in Python's arithmetic; empty for what is no formula of others. Tests evaluate it on results.
    better : {"up", "down", ""}
        The direction a shop wants.
    total : {"sum", "last", "max", "ratio"}
        How months become one number: flows add, balances take the last month, heads the peak, ratios those of totals.
    none_at_zero : bool
        A value of 0 is told as none: where nothing is spent there is no cost of a new customer.
    """

    id: str
    unit: Unit
    formula: str = ""
    better: Literal["up", "down", ""] = "up"
    total: Literal["sum", "last", "max", "ratio"] = "sum"
    none_at_zero: bool = False


_METRICS = (
    # demand
    Metric("sessions", "count"),
    Metric("conversion_rate", "fraction", "orders / sessions", total="ratio"),
    Metric("organic_orders", "count"),
    Metric("paid_orders", "count"),
    Metric("new_orders", "count", "organic_orders + paid_orders"),
    Metric("repeat_orders", "count"),
    Metric("orders", "count", "new_orders + repeat_orders"),
    Metric("lost_orders", "count", better="down"),
    Metric("repeat_share", "fraction", "repeat_orders / orders", total="ratio"),
    Metric("aov", "money", "gross_sales / orders", total="ratio"),
    # money
    Metric("gross_sales", "money", "sessions * conversion_rate * aov"),
    Metric("discounts", "money", better="down"),
    Metric("returns", "money", better="down"),
    Metric("net_sales", "money", "gross_sales - discounts - returns"),
    Metric("cogs", "money", better="down"),
    Metric("gross_margin", "money", "net_sales - cogs"),
    Metric("gross_margin_rate", "fraction", "gross_margin / net_sales", total="ratio"),
    Metric("fulfilment", "money", better="down"),
    Metric("platform_fees", "money", better="down"),
    Metric("payment_fees", "money", better="down"),
    Metric("contribution_2", "money", "gross_margin - fulfilment - platform_fees - payment_fees"),
    Metric("acquisition", "money", better="down"),
    Metric("content", "money", better="down"),
    Metric("martech", "money", better="down"),
    Metric("experiments", "money", better="down"),
    Metric("cooperation", "money", better="down"),
    Metric("reserve_fund", "money", better=""),
    Metric(
        "marketing",
        "money",
        "acquisition + content + martech + experiments + cooperation + reserve_fund",
        better="down",
    ),
    Metric("contribution", "money", "contribution_2 - marketing"),
    Metric("people", "money", better="down"),
    Metric("fixed_costs", "money", better="down"),
    Metric("technology", "money", better="down"),
    Metric("initiative_costs", "money", better="down"),
    Metric("ebitda", "money", "contribution - people - fixed_costs - technology - initiative_costs"),
    Metric("depreciation", "money", better="down"),
    Metric("operating_profit", "money", "ebitda - depreciation"),
    # ratios of spend
    Metric("paid_sales", "money"),
    Metric("marketing_share", "fraction", "marketing / net_sales", "down", "ratio"),
    Metric("mer", "ratio", "net_sales / marketing", total="ratio"),
    Metric("roas", "ratio", "paid_sales / acquisition", total="ratio"),
    Metric("cac", "money", "marketing / new_orders", "down", "ratio", none_at_zero=True),
    # cash and stock
    Metric("receipts", "money"),
    Metric("supplier_payments", "money", better="down"),
    Metric("marketing_payments", "money", better="down"),
    Metric("operating_payments", "money", better="down"),
    Metric("capex_payments", "money", better="down"),
    Metric(
        "net_cash_flow",
        "money",
        "receipts - supplier_payments - marketing_payments - operating_payments - capex_payments",
    ),
    Metric("cash", "money", total="last"),
    Metric("receivables", "money", better="", total="last"),
    Metric("payables", "money", better="", total="last"),
    Metric("prepaid_marketing", "money", better="", total="last"),
    Metric("stock", "money", better="", total="last"),
    # people
    Metric("headcount", "people", better="", total="max"),
    Metric("required_headcount", "people", better="", total="max"),
    Metric("utilisation", "fraction", "required_headcount / headcount", "", "max"),
)
METRICS: dict[str, Metric] = {m.id: m for m in _METRICS}
RESOURCES: dict[str, tuple[str, ...]] = {"people": ("people",), "marketing": ("marketing",),
    "technology": ("technology", "capex_payments"), "other": ("fixed_costs", "initiative_costs")}  # fmt: skip
"""Kinds of resources and the metrics that make them up."""

# --- levers ----------------------------------------------------------------------------------
Per = Literal["", "channel", "paid_channel", "role", "initiative"]
Group = Literal[
    "budget", "lines", "mix", "growth", "price", "customers", "margin", "costs",
    "response", "people", "cash", "stock", "capex", "initiatives",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lever:
    """Something the user moves. A lever of a family (``per``) has one value per channel, role or initiative.

    Attributes
    ----------
    id : str
    group : Group
    unit : Unit
    low, high, step : float
        In the unit, or, where ``relative``, as multiples of the default value.
    moves : tuple of str
        Ids of the metrics it moves.
    per : Per
        The family; ``""`` for a lever with one value.
    relative : bool
        ``low``, ``high`` and ``step`` are multiples of the default (for money whose size depends on the shop).
    shares : bool
        The values of the family are shares that always total 1.
    """

    id: str
    group: Group
    unit: Unit
    low: float
    high: float
    step: float
    moves: tuple[str, ...]
    per: Per = ""
    relative: bool = False
    shares: bool = False


_DEMAND = ("orders", "net_sales", "gross_margin", "contribution", "cash", "headcount")
_MONEY = ("net_sales", "gross_margin", "contribution", "cash")
_COST = ("contribution", "ebitda", "cash")
_MIX = ("aov", "conversion_rate", "net_sales", "gross_margin")
_SPEND = ("marketing", "paid_orders", "net_sales", "contribution", "cac", "cash")

_LEVERS = (
    # total budget and its phasing
    Lever("budget", "budget", "money", 0, 4, 0.01, _SPEND, relative=True),
    Lever("budget_share", "budget", "fraction", 0, 0.5, 0.005, _SPEND),
    Lever("budget_growth", "budget", "per_year", -0.5, 2, 0.01, _SPEND),
    Lever("budget_season", "budget", "ratio", 0, 2, 0.05, _SPEND),
    Lever("budget_event", "budget", "fraction", 0, 2, 0.05, _SPEND),
    Lever("split", "budget", "fraction", 0, 1, 0.01, ("paid_orders", "net_sales", "contribution"), "paid_channel", shares=True),
    # ring-fenced lines, as shares of the whole marketing budget
    Lever("line_content", "lines", "fraction", 0, 0.3, 0.01, ("content", "acquisition")),
    Lever("line_technology", "lines", "fraction", 0, 0.3, 0.01, ("martech", "acquisition")),
    Lever("line_experiments", "lines", "fraction", 0, 0.2, 0.01, ("experiments", "acquisition")),
    Lever("line_cooperation", "lines", "fraction", 0, 0.2, 0.01, ("cooperation", "acquisition")),
    Lever("line_reserve", "lines", "fraction", 0, 0.2, 0.01, ("reserve_fund", "acquisition")),
    # channel mix of organic demand and its glide
    Lever("mix", "mix", "fraction", 0, 1, 0.01, _MIX, "channel", shares=True),
    Lever("mix_start", "mix", "month", 0, 36, 1, _MIX),
    Lever("mix_months", "mix", "months", 1, 36, 1, _MIX),
    # growth
    Lever("growth", "growth", "per_year", -0.5, 2, 0.01, _DEMAND),
    Lever("channel_growth", "growth", "per_year", -0.8, 3, 0.01, _DEMAND, "channel"),
    Lever("traffic", "growth", "fraction", -0.5, 1, 0.01, ("sessions", *_DEMAND)),
    Lever("conversion", "growth", "fraction", -0.5, 1, 0.01, ("conversion_rate", *_DEMAND)),
    # price
    Lever("aov", "price", "fraction", -0.5, 1, 0.01, ("aov", *_MONEY)),
    Lever("price", "price", "fraction", -0.3, 0.3, 0.005, ("aov", "orders", *_MONEY)),
    Lever("elasticity", "price", "ratio", -5, 0, 0.05, ("orders", *_MONEY), "channel"),
    Lever("discount", "price", "fraction", 0, 0.6, 0.005, ("discounts", "orders", *_MONEY)),
    # customers and returns
    Lever("repeat_rate", "customers", "fraction", 0, 0.9, 0.005, ("repeat_orders", *_DEMAND)),
    Lever("repeat_start", "customers", "month", 0, 36, 1, ("repeat_orders", *_DEMAND)),
    Lever("return_rate", "customers", "fraction", 0, 0.6, 0.0025, ("returns", *_MONEY)),
    Lever("return_delay", "customers", "days", 0, 60, 1, ("returns", "net_sales")),
    Lever("return_recovery", "customers", "fraction", 0, 1, 0.01, ("cogs", "gross_margin")),
    # margin
    Lever("margin", "margin", "fraction", 0.02, 0.95, 0.005, ("cogs", "gross_margin", "contribution", "cash")),
    Lever("markup", "margin", "fraction", 0, 5, 0.01, ("cogs", "gross_margin", "contribution", "cash")),
    Lever("cost_inflation", "margin", "per_year", -0.3, 0.5, 0.005, ("cogs", "gross_margin")),
    # variable and fixed costs
    Lever("fulfilment_cost", "costs", "money", 0, 4, 0.02, ("fulfilment", *_COST), relative=True),
    Lever("platform_fee", "costs", "fraction", 0, 0.4, 0.0025, ("platform_fees", *_COST)),
    Lever("payment_fee", "costs", "fraction", 0, 0.05, 0.0005, ("payment_fees", *_COST)),
    Lever("fixed_cost", "costs", "money", 0, 4, 0.02, ("fixed_costs", "ebitda", "cash"), relative=True),
    Lever("technology_cost", "costs", "money", 0, 4, 0.02, ("technology", "ebitda", "cash"), relative=True),
    # response of demand to spend
    Lever("click_inflation", "response", "per_year", -0.3, 1.5, 0.01, ("paid_orders", "roas", "cac")),
    Lever("roas", "response", "ratio", 0, 20, 0.05, ("paid_orders", "roas"), "paid_channel"),
    Lever("bend", "response", "ratio", 0.05, 0.95, 0.01, ("paid_orders",), "paid_channel"),
    Lever("carryover", "response", "ratio", 0, 0.9, 0.01, ("paid_orders",), "paid_channel"),
    # people
    Lever("headcount", "people", "people", 0, 4, 0.01, ("headcount", "people", "ebitda", "cash"), "role", relative=True),
    Lever("hire_month", "people", "month", 0, 36, 1, ("headcount", "people"), "role"),
    Lever("pay", "people", "money", 0, 3, 0.02, ("people", "ebitda", "cash"), "role", relative=True),
    Lever("pay_load", "people", "fraction", 0, 0.8, 0.01, ("people", "ebitda", "cash")),
    Lever("pay_growth", "people", "per_year", -0.1, 0.3, 0.005, ("people", "ebitda", "cash")),
    Lever("hire_to_need", "people", "switch", 0, 1, 1, ("headcount", "utilisation", "people")),
    Lever("automation", "people", "fraction", 0, 0.95, 0.01, ("required_headcount", "headcount", "people")),
    Lever("productivity", "people", "per_year", -0.2, 1, 0.01, ("required_headcount", "headcount", "people")),
    # cash
    Lever("opening_cash", "cash", "money", 0, 4, 0.01, ("cash",), relative=True),
    Lever("cash_reserve", "cash", "money", 0, 4, 0.02, (), relative=True),
    Lever("dso", "cash", "days", 0, 120, 1, ("receivables", "receipts", "cash")),
    Lever("dpo", "cash", "days", 0, 120, 1, ("payables", "supplier_payments", "cash")),
    Lever("ad_prepay", "cash", "days", 0, 60, 1, ("prepaid_marketing", "marketing_payments", "cash")),
    # stock
    Lever("stock_cover", "stock", "days", 1, 180, 1, ("stock", "lost_orders", "supplier_payments", "cash")),
    Lever("lead_time", "stock", "days", 0, 120, 1, ("lost_orders", "orders")),
    # capital expenditure
    Lever("capex", "capex", "money", 0, 20, 0.05, ("capex_payments", "depreciation", "cash"), relative=True),
    Lever("capex_start", "capex", "month", 0, 36, 1, ("capex_payments", "depreciation", "cash")),
    Lever("capex_months", "capex", "months", 1, 36, 1, ("capex_payments", "cash")),
    Lever("capex_life", "capex", "months", 1, 120, 1, ("depreciation", "operating_profit")),
    # initiatives
    Lever("initiative", "initiatives", "switch", 0, 1, 1, _DEMAND, "initiative"),
    Lever("initiative_uplift", "initiatives", "fraction", -0.5, 2, 0.01, _DEMAND, "initiative"),
    Lever("initiative_start", "initiatives", "month", 0, 36, 1, _DEMAND, "initiative"),
    Lever("initiative_ramp", "initiatives", "months", 1, 24, 1, _DEMAND, "initiative"),
    Lever("initiative_cost", "initiatives", "money", 0, 5, 0.05, ("initiative_costs", "ebitda", "cash"), "initiative", relative=True),
    Lever("initiative_chance", "initiatives", "fraction", 0, 1, 0.05, _DEMAND, "initiative"),
)  # fmt: skip
LEVERS: dict[str, Lever] = {lever.id: lever for lever in _LEVERS}


def lever_key(lever_id: str, item: str = "") -> str:
    """Key of one lever value: ``price``, or ``split:live`` for one member of a family."""
    return f"{lever_id}:{item}" if item else lever_id


def split_key(key: str) -> tuple[Lever, str]:
    """The lever and the family member of a key.

    Raises
    ------
    ShopplanError
        When no such lever exists, or a family member is missing or given where there is none.
    """
    lever_id, _, item = key.partition(":")
    lever = LEVERS.get(lever_id)
    if lever is None:
        raise ShopplanError("there is no such lever", key, "`python -m shopplan run --levers` lists them")
    if bool(lever.per) != bool(item):
        wanted = f"{lever_id}:<{lever.per}>" if lever.per else lever_id
        raise ShopplanError(Said("the lever is named {wanted}", wanted=wanted), key)
    return lever, item


# --- kinds of channel, with the ids that imports and templates use ---------------------------
CHANNEL_KINDS = ("search", "live", "content", "private", "organic", "offline", "social", "marketplace", "other")

# --- milestones ------------------------------------------------------------------------------
Window = Literal["month", "quarter", "year", "total"]
"""A target is met by one month's value, the last 3 or 12 months together, or everything since the plan began."""


@dataclass(frozen=True, slots=True)
class Target:
    """A milestone: ``metric`` reaches ``threshold`` within ``due`` months.

    Attributes
    ----------
    id, name : str
        ``name`` is what the user typed, or empty for a milestone of a template (named in the catalogue).
    metric : str
    threshold : float
        In the metric's unit.
    due : int
        Months from the start of the plan; 1 is the first month.
    window : Window
    source : str
        Where it comes from, for example ``"000 #46"`` or ``"entered"``.
    """

    id: str
    name: str
    metric: str
    threshold: float
    due: int
    window: Window = "month"
    source: str = "entered"


# --- where a value comes from ----------------------------------------------------------------
SourceKind = Literal["data", "entered", "template", "assumption"]


@dataclass(frozen=True, slots=True)
class Default:
    """Default value of a lever and its source.

    Attributes
    ----------
    value : float
    source : SourceKind
        ``data`` measured in the shop's history, ``entered`` typed by the user, ``template`` taken from a source
        plan, ``assumption`` neither known nor given.
    note : str
        Catalogue key or source id that says more (``"last_12_months"``, ``"000 #22"``).
    scale : float
        Size that a relative range is a multiple of; 0 stands for the value itself.
    """

    value: float
    source: SourceKind
    note: str = ""
    scale: float = 0.0
