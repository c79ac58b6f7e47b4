"""A shop at work: its stores opened, its history read, its baseline made. What the pages and the command line share."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from shopplan import demo
from shopplan.ingest import Parsed, Receipt, Source, of_frames
from shopplan.ingest.money import CURRENCIES as ALL_CURRENCIES
from shopplan.ingest.tables import DEMO
from shopplan.learning import Learning
from shopplan.plan import Baseline
from shopplan.plan.assemble import assemble
from shopplan.plan.evidence import short_days
from shopplan.plan.facts import Entered, Facts, require_numbers
from shopplan.plan.occasions import Occasion, check
from shopplan.plan.templates import load
from shopplan.response import Entry
from shopplan.store.facts import FactStore, default_path
from shopplan.store.pace import Progress
from shopplan.store.view import ChannelMap, Rates, Unconverted, View
from shopplan.store.work import WorkStore, default_url
from shopplan.terms import Said, ShopplanError, Target
from shopplan.typed import CHANNEL_MAP, CHANNELS, CURRENCY, EVENTS, NUMBERS, OCCASIONS, RATES, REPORTED, Typed

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY")


class Shop:
    """One shop: facts, people's work, and the baselines made from them (kept until the data change).

    Safe to share between threads.
    """

    def __init__(self, facts: FactStore, work: WorkStore) -> None:
        self.facts, self.work = facts, work
        self.learning = Learning(self)
        self._baselines: dict[tuple[str, str], Baseline] = {}
        self._making = threading.Lock()

    @classmethod
    def open(cls, path: str | Path | None = None, work_url: str | None = None) -> Shop:
        """Open the shop of a fact file; the usual places when nothing is named."""
        facts = FactStore.open(path or default_path())
        return cls(facts, WorkStore.open(work_url or default_url(facts.path)))

    def close(self) -> None:
        """Close both stores."""
        self.facts.close()
        self.work.close()

    # --- what is known -----------------------------------------------------------------------
    @property
    def ready(self) -> bool:
        """Whether there is anything to plan with: sales in the store or the three numbers."""
        return self.facts.has_sales() or self.work.get_setting(NUMBERS) is not None

    def version(self) -> str:
        """Changes with the data and with what was typed."""
        settings = self.work.settings()
        keys = (NUMBERS, self.own(CHANNELS), CURRENCY, REPORTED, RATES, CHANNEL_MAP)
        typed = [settings.get(key) for key in keys]
        typed += [kept for key in (self.own(OCCASIONS), EVENTS) if (kept := settings.get(key))]
        digest = hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.facts.data_version()}-{digest}"

    def own(self, setting: str) -> str:
        """Key of a setting that says something of this very shop: what is typed on the demo shop stays with it."""
        return f"{setting}:{DEMO}" if self.facts.is_demo() else setting

    def currency(self) -> str:
        """The currency that all figures are in: the one chosen for it, else the most frequent of the data.

        Without data it is the one that was chosen with the three numbers.
        """
        stored = self.facts.currency()
        chosen = self.work.get_setting(REPORTED if stored else CURRENCY)
        return chosen or stored or CURRENCIES[0]

    def country(self) -> str:
        """Whose shop events count: as chosen, else of the currency that most sales are stored in.

        An ISO 4217 code begins with its ISO 3166 code; in which currency figures are shown makes no difference.
        """
        return str(self.work.get_setting(EVENTS) or (self.facts.currency() or self.currency())[:2])

    def usual_currency(self) -> str:
        """What a file that names no currency is assumed to be in: the shop's own; empty where it has none yet."""
        own = not self.facts.is_demo() and (self.facts.currency() or self.work.get_setting(CURRENCY))
        return self.currency() if own else ""

    def currencies(self) -> tuple[str, ...]:
        """The currencies of the stored facts, the most frequent first."""
        return self.facts.currencies()

    def rates(self) -> Rates:
        """The rates that lead to the reported currency."""
        rates = Rates.from_dict(self.work.get_setting(RATES))
        return rates if rates.base else replace(rates, base=self.currency())

    def unconverted(self) -> tuple[Unconverted, ...]:
        """Money that no figure holds, because its currency needs a rate; empty when all is well."""
        return self.facts.unconverted(self.view())

    def channel_map(self) -> ChannelMap:
        """How channels are renamed, merged and grouped."""
        return ChannelMap.from_dict(self.work.get_setting(CHANNEL_MAP))

    def channels(self) -> pd.DataFrame:
        """The channels as they are shown: id, name, kind, group (empty: none)."""
        return self.channel_map().shown(self.facts.channels())

    def view(self) -> View:
        """How the stored facts are shown."""
        return View(self.currency(), self.rates(), self.channel_map())

    def entered(self) -> Entered:
        """What the user typed, in the currency of all figures."""
        return replace(self._typed().entered(), occasions=self.occasions())

    def occasions(self) -> tuple[Occasion, ...]:
        """Own promotions and times without stock, by their first day."""
        kept = [Occasion(**row) for row in self.work.get_setting(self.own(OCCASIONS)) or []]
        return tuple(sorted(kept, key=lambda one: (one.start, one.name)))

    def _typed(self) -> Typed:
        """What is stored of what was typed."""
        numbers, channels, named = (self.work.get_setting(key) for key in (NUMBERS, self.own(CHANNELS), CURRENCY))
        return Typed(numbers or {}, channels or {}, named or self.currency(), self.view())

    def history(self) -> Facts:
        """The facts in the shape the baseline is made from."""
        view = self.view()
        daily = self.facts.daily_sales(view)
        by_day = daily[["ds", "net"]].groupby("ds").sum().reset_index()
        return Facts(
            self.facts.data_version(),
            view.currency,
            view.channels.shown(self.facts.channels()),
            self.facts.monthly_sales(view),
            self.facts.monthly_spend(view),
            self.facts.cohorts(),
            by_day,
            tuple(one.currency for one in self.unconverted()),
            short_days(self.facts.daily_measures(view)),
            self.country(),
        )

    def baseline(self, template: str) -> Baseline:
        """Baseline on the newest data and the accepted curves, made once for these and a template."""
        self.learning.begin()
        key = (f"{self.version()}-{self.learning.state().get('accepted', '')}", template)
        if key in self._baselines:
            return self._baselines[key]
        with self._making:
            if key not in self._baselines:
                if len(self._baselines) >= 8:
                    self._baselines.clear()
                with threadpool_limits(1):
                    history, entered = self.history(), self.entered()
                    self._require_sales(history, entered)
                    made = assemble(history, entered, load(template), self.learning.in_use())
                self.learning.write_down(made)
                self._baselines[key] = replace(made, version=f"{key[0]}-{template}")
            return self._baselines[key]

    def _require_sales(self, history: Facts, entered: Entered) -> None:
        """Say what is missing where there are neither sales that can be shown nor the three numbers."""
        if not history.empty or entered.sales_last_month is not None:
            return
        codes = {one.currency: None for one in self.unconverted() if one.net}
        codes |= {one.currency: None for one in entered.foreign if one.what == "sales_last_month"}
        if codes:
            unknown = Said("the sales are in {currencies}, figures are in {currency}", currencies=tuple(codes),
                           currency=history.currency)  # fmt: skip
            raise ShopplanError(unknown, hint="give the rate of exchange on the Data page")
        raise ShopplanError("there are no sales in the store yet", hint="import a file of sales")

    def targets(self, baseline: Baseline) -> tuple[Target, ...]:
        """The shop's own milestones, else those of the template."""
        return self.work.targets() or baseline.targets

    # --- changing what is known --------------------------------------------------------------
    def enter_numbers(
        self, sales: float, marketing: float, margin: float, as_of: date, currency: str, who: str = ""
    ) -> None:
        """Plan from three numbers: net sales of last month, marketing a month, gross margin as a fraction.

        Raises
        ------
        ShopplanError
            When a number cannot be.
        """
        require_numbers(Entered(sales, marketing, margin, as_of))
        self.facts.remove_demo()
        self.work.set_setting(CURRENCY, currency, who=who)
        self.work.set_setting(
            NUMBERS,
            {"sales_last_month": sales, "marketing_month": marketing, "gross_margin": margin,
             "as_of": as_of.replace(day=1).isoformat()}, who=who,
        )  # fmt: skip

    def enter_channels(self, entries: Mapping[str, Entry], who: str = "") -> None:
        """What is known of each channel that no file says; entries without a value are taken away."""
        currency = self.currency() if self.currencies() else ""  # without files it goes with the three numbers
        self.work.set_setting(self.own(CHANNELS), self._typed().kept(entries, currency), who=who)

    def set_occasions(self, occasions: tuple[Occasion, ...], who: str = "") -> None:
        """Replace own promotions and times without stock; raises what `occasions.check` does."""
        check(occasions)
        self.work.set_setting(self.own(OCCASIONS), [asdict(one) for one in occasions], who=who)

    def set_currency(self, code: str, who: str = "") -> None:
        """Choose the currency that figures are shown in; empty: the most frequent of the data."""
        if code and code not in ALL_CURRENCIES:
            raise ShopplanError(Said("{code} is no currency", code=code), "", "give an ISO code such as USD")
        self.work.set_setting(REPORTED, code or None, who=who)

    def set_events(self, country: str, who: str = "") -> None:
        """Choose whose shop events count; empty: those of the shop's currency."""
        self.work.set_setting(EVENTS, country or None, who=who)

    def set_rates(self, rates: Rates, who: str = "", expected_version: int | None = None) -> int:
        """Replace the rates; returns the new version of the setting ``RATES``, raises `Conflict` like all settings."""
        return self.work.set_setting(RATES, rates.to_dict(), expected_version, who)

    def set_channel_map(self, map: ChannelMap, who: str = "", expected_version: int | None = None) -> int:
        """Replace the channel map; returns the new version of the setting ``CHANNEL_MAP``."""
        return self.work.set_setting(CHANNEL_MAP, map.to_dict(), expected_version, who)

    def changes(
        self,
        parsed: Parsed | Source,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Receipt:
        """What `commit` would do, nothing being stored: the receipt that it would give, or the error."""
        return self.facts.commit(parsed, not _is_demo(parsed), progress, cancelled, keep=False)

    def commit(
        self,
        parsed: Parsed | Source,
        who: str = "",
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Receipt:
        """Store an import; the demo shop makes way for real data. See `FactStore.commit`."""
        receipt = self.facts.commit(parsed, not _is_demo(parsed), progress, cancelled)
        if not receipt.already_imported:
            what = {"file": receipt.file, "sha256": receipt.sha256, "rows": receipt.rows_kept}
            self.work.log(who, "import.commit", what)
        return receipt

    def remove_import(self, batch_id: int, who: str = "") -> None:
        """Take one import out again, whole."""
        receipt = self.facts.receipt(batch_id)
        self.facts.remove_batch(batch_id)
        self.work.log(who, "import.remove", {"file": receipt.file, "sha256": receipt.sha256})

    def load_demo(self, who: str = "") -> Receipt:
        """Put the demo shop into an empty store and its known truth beside it.

        Raises
        ------
        ShopplanError
            When the store holds real data.
        """
        if not self.facts.batches().empty and not self.facts.is_demo():
            raise ShopplanError(
                "the store holds your own data", str(self.facts.path), "use another file for the demo shop"
            )
        shop = demo.generate()
        frames = {
            "sales_daily": shop.sales_daily,
            "spend_daily": shop.spend_daily,
            "measures_daily": shop.measures_daily,
        }
        receipt = self.commit(of_frames(DEMO, frames, DEMO), who)
        demo.write_truth(shop, self.facts.path)
        self.work.set_setting(NUMBERS, None, who=who)
        return receipt


def _is_demo(parsed: Parsed | Source) -> bool:
    return isinstance(parsed, Parsed) and parsed.receipt.format == DEMO
