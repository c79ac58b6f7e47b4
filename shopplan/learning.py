"""What a shop learns from its data beside the plan: response curves, how forecasts did, and the forecasts it used.

Curves are fitted when data arrive, by one thread of low priority; those in use stay until somebody accepts new
ones. A shop's first curves are taken into use at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from threadpoolctl import threadpool_limits

from shopplan.plan import Baseline
from shopplan.plan.assemble import believed_curves, seen_back
from shopplan.plan.evidence import gather
from shopplan.plan.learned import Learned, learn
from shopplan.plan.outlook import Seen, channel_net, expected
from shopplan.plan.templates import load
from shopplan.response import Experiment
from shopplan.scenario import DEFAULT_TEMPLATE
from shopplan.store.view import ChannelMap, Rates
from shopplan.terms import ShopplanError
from shopplan.typed import counted

if TYPE_CHECKING:
    from shopplan.workspace import Shop

CURVES, EXPERIMENTS = "curves", "experiments"
"""Settings: which curves are in use, and lift tests that were entered."""
FORECAST, HINDSIGHT = "forecast", "hindsight"
"""Kinds of kept results, beside the curves."""
SEEN = ("made", "scores", "found")
"""Frames of a look back."""
LEDGER_MONTHS = 24
WAY = 2
"""Counts the ways in which forecasts were made and judged so far: what was kept of an older one is made anew."""
NICE = 10


class Learning:
    """What one shop has learned; safe to share between threads."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._first = threading.Lock()
        self._known: dict[str, Learned] = {}
        self._jobs: dict[str, Future[Any]] = {}
        self._vain: set[str] = set()

    # --- curves ------------------------------------------------------------------------------
    def source(self) -> str:
        """Changes with everything that curves are made of."""
        shop = self._shop
        made_of = [shop.version(), shop.work.get_setting(shop.own(EXPERIMENTS))]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]

    def state(self) -> Mapping[str, Any]:
        """``accepted`` and ``declined`` sources of curves, and whether the first were taken ``unasked``."""
        kept: Mapping[str, Any] = self._shop.work.get_setting(CURVES) or {}
        return kept if kept.get("demo") == self._shop.facts.is_demo() else {}

    def in_use(self) -> Learned | None:
        """The accepted curves in the currency of all figures; None while there are none, or no rate leads to it.

        Those of channels that others count under since, or no more, are left out.
        """
        found = self._load(str(self.state().get("accepted", "")))
        if found is None:
            return None
        then, now, to = ChannelMap(found.merged), self._shop.channel_map(), self._shop.currency()
        same = [c for c in found.curves if now.target(c) == c and then.members(c) == now.members(c)]
        found = found.only(same) if len(same) < len(found.curves) else found
        if found.currency in ("", to):
            return found
        factor = self._shop.rates().factor(found.currency, to, found.through)
        return found.converted(factor, to) if factor == factor else None

    def begin(self) -> None:
        """Fit and take into use the first curves of a shop, where its data are enough for it."""
        if self.state():
            return
        with self._first:
            source = self.source()
            if self.state() or source in self._vain:
                return
            if self.fit() is not None:
                self._put({"accepted": source, "unasked": True}, "")

    def fit(self) -> Learned | None:
        """Fit the curves of the newest data and keep them; None where the data are too few.

        Those that are the ones in use again take their place: there is nothing to decide.
        """
        source = self.source()
        if found := self._load(source):
            return found
        shop = self._shop
        facts, entered = shop.history(), shop.entered()
        view = shop.view()
        sales, spend = shop.facts.daily_sales(view), shop.facts.daily_spend(view)
        measures = shop.facts.daily_measures(view)
        evidence = gather(sales, spend, measures, facts.country, entered.occasions)
        if evidence is None:
            self._vain.add(source)
            return None
        believed = believed_curves(facts, entered, load(DEFAULT_TEMPLATE))
        with threadpool_limits(1):
            made = learn(evidence, believed, entered.channels, counted(self.experiments(), view))
        made = replace(made, currency=view.currency, merged=view.channels.merged)
        shop.work.keep(CURVES, source, made.to_dict())
        if (now := self.in_use()) is not None and made.alike(now):
            self._put({**self.state(), "accepted": source}, "")
        return self._load(source)

    def waiting(self) -> Learned | None:
        """Curves of the newest data that nobody has accepted or declined yet."""
        state, source = self.state(), self.source()
        if not state or source in (state.get("accepted"), state.get("declined")):
            return None
        return self._load(source)

    def refresh(self) -> None:
        """See to it that the newest data have their curves, in the background."""
        state, source = self.state(), self.source()
        done = source in (state.get("accepted"), state.get("declined"), *self._vain)
        if state and not done and self._load(source) is None:
            self._submit(f"{CURVES}-{source}", self.fit)

    def accept(self, who: str = "") -> None:
        """Take the newest curves into use."""
        if self.fit() is not None:
            self._put({"accepted": self.source()}, who)

    def decline(self, who: str = "") -> None:
        """Keep the curves in use and say no to the newest ones."""
        self._put({**self.state(), "declined": self.source()}, who)

    def _put(self, state: Mapping[str, Any], who: str) -> None:
        self._shop.work.set_setting(CURVES, {**state, "demo": self._shop.facts.is_demo()}, who=who)
        self._shop.work.forget(CURVES, but={str(state.get("accepted", "")), self.source()})

    def _load(self, source: str) -> Learned | None:
        if source and source not in self._known and (kept := self._shop.work.kept(CURVES, source)):
            self._known[source] = Learned.from_dict(kept)
        return self._known.get(source)

    # --- experiments -------------------------------------------------------------------------
    def experiments(self) -> tuple[Experiment, ...]:
        """Lift tests that were entered."""
        kept = self._shop.work.get_setting(self._shop.own(EXPERIMENTS))
        return tuple(Experiment(**row) for row in kept or [])

    def set_experiments(self, tests: tuple[Experiment, ...], who: str = "") -> None:
        """Replace the lift tests; sales without a currency are in that of the figures.

        Raises
        ------
        ShopplanError
            When a new test lies where its channel spent nothing.
        """
        tests = tuple(replace(e, currency=e.currency or self._shop.currency()) for e in tests)
        spend = self._shop.facts.daily_spend(self._shop.view())
        for test in set(tests) - set(self.experiments()):
            inside = spend[
                (spend["channel"] == test.channel) & pd.to_datetime(spend["ds"]).between(test.start, test.end)
            ]
            if not inside["spend"].sum() > 0:
                raise ShopplanError("the channel spent nothing in that time", test.channel, "check the dates")
        self._shop.work.set_setting(self._shop.own(EXPERIMENTS), [asdict(test) for test in tests], who=who)

    # --- forecasts ---------------------------------------------------------------------------
    def write_down(self, baseline: Baseline) -> None:
        """Keep the forecast that a plan uses, once a version of the data."""
        if self._shop.facts.batches().empty:
            return
        total, parts = expected(baseline, LEDGER_MONTHS), channel_net(baseline)[:LEDGER_MONTHS]
        body: dict[str, Any] = {name: [round(x) for x in total[name]] for name in ("mean", "lo", "hi")}
        channels = {c.id: [round(x) for x in parts[:, i]] for i, c in enumerate(baseline.channels)}
        body |= {"start": baseline.start.isoformat(), "currency": baseline.currency, "channels": channels}
        body |= {"demo": self._shop.facts.is_demo()}
        self._shop.work.keep(FORECAST, self._seen(), body)

    def ledger(self) -> list[dict[str, Any]]:
        """Every forecast that a plan used, the oldest first: ``at, start, currency, mean, lo, hi, channels`` by month.

        They are in the currency of all figures at the rate of their first month; those to which no rate leads stay as
        they were kept.
        """
        demo, to, rates = self._shop.facts.is_demo(), self._shop.currency(), self._shop.rates()
        kept = [{"at": at, **body} for _, at, body in self._shop.work.all_kept(FORECAST) if body["demo"] == demo]
        return [_in_currency(row, to, rates) for row in kept]

    def hindsight(self) -> Seen | None:
        """Forecasts made again from 1, 3, 6 and 12 months ago, and how they did; None until they are there.

        Empty frames where the history is too short.
        """
        version = self._seen()
        kept = self._shop.work.kept(HINDSIGHT, version)
        if kept is None:
            self._submit(f"{HINDSIGHT}-{version}", self.look_back)
            return None
        made, scores, found = (pd.DataFrame(kept.get(name, {})) for name in SEEN)
        return Seen(_dated(made), scores, _dated(found))

    def look_back(self) -> None:
        """Make and keep what `hindsight` gives."""
        shop, version = self._shop, self._seen()
        try:
            with threadpool_limits(1):
                seen = seen_back(shop.history(), shop.entered(), load(DEFAULT_TEMPLATE))
        except ShopplanError:  # too short a history: that is what is kept
            seen = Seen(pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
        body = {name: _plain(getattr(seen, name)) for name in SEEN}
        shop.work.keep(HINDSIGHT, version, body)
        shop.work.forget(HINDSIGHT, but={version})

    def _seen(self) -> str:
        """Changes with the data and with how they are shown."""
        shop = self._shop
        made_of = f"{WAY} {shop.facts.data_version()} {shop.view()!r} {shop.occasions()!r}"
        return hashlib.sha256(made_of.encode()).hexdigest()[:16]

    # --- the worker --------------------------------------------------------------------------
    def busy(self, kind: str) -> bool:
        """Whether something of a kind is being computed."""
        return any(name.startswith(kind) and not job.done() for name, job in self._jobs.items())

    def failed(self, kind: str) -> bool:
        """Whether computing something of a kind ended in an error; it is tried again when the data change."""
        ended = (job for name, job in self._jobs.items() if name.startswith(kind) and job.done())
        return any(job.exception() is not None for job in ended)

    def _submit(self, name: str, job: Callable[[], Any]) -> None:
        last = self._jobs.get(name)
        if last is None or (last.done() and last.exception() is None):  # done, and forgotten since
            self._jobs[name] = _worker().submit(job)


_POOL: list[ThreadPoolExecutor] = []


def _worker() -> ThreadPoolExecutor:
    """The one background thread of this process."""
    if not _POOL:
        _POOL.append(ThreadPoolExecutor(1, "learning", initializer=_step_back))
    return _POOL[0]


def _step_back() -> None:
    """Let the threads that answer people go first, where the system can do that for one thread."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _in_currency(row: dict[str, Any], to: str, rates: Rates) -> dict[str, Any]:
    """A row of the ledger in a currency, where a rate leads to it."""
    factor = rates.factor(row["currency"], to, row["start"])
    if row["currency"] == to or factor != factor:
        return row
    money = {name: [round(x * factor) for x in row[name]] for name in ("mean", "lo", "hi")}
    channels = {id_: [round(x * factor) for x in path] for id_, path in row["channels"].items()}
    return {**row, **money, "channels": channels, "currency": to}


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame that was kept, with dates for their texts."""
    return frame.assign(ds=pd.to_datetime(frame["ds"])) if len(frame) else frame


def _plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of a frame as JSON holds them."""
    out = {}
    for name in frame:
        column = frame[name]
        dates = pd.api.types.is_datetime64_any_dtype(column)
        out[str(name)] = column.dt.strftime("%Y-%m-%d").tolist() if dates else column.astype(object).where(
            column.notna(), None).tolist()  # fmt: skip
    return out
