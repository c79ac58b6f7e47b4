"""A shop at work: its stores opened, its history read, its baseline made. What the pages and the command line share."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from shopplan import demo
from shopplan.ingest import Parsed, Receipt, Source, of_frames
from shopplan.ingest.tables import DEMO
from shopplan.plan import Baseline
from shopplan.plan.assemble import assemble
from shopplan.plan.facts import Entered, Facts, require_numbers
from shopplan.plan.templates import load
from shopplan.response import Entry
from shopplan.store.facts import FactStore, default_path
from shopplan.store.work import WorkStore, default_url
from shopplan.terms import ShopplanError, Target

NUMBERS, CHANNELS, CURRENCY = "three_numbers", "entered_channels", "currency"
"""Settings: the three numbers, what was typed by channel, the currency of a shop without files."""
PREFS = "prefs"
"""Setting that keeps language and number style for new sessions."""
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY")


class Shop:
    """One shop: facts, people's work, and the baselines made from them (kept until the data change).

    Safe to share between threads.
    """

    def __init__(self, facts: FactStore, work: WorkStore) -> None:
        self.facts, self.work = facts, work
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
        return not self.facts.batches().empty or self.work.get_setting(NUMBERS) is not None

    def version(self) -> str:
        """Changes with the data and with what was typed."""
        typed = [self.work.get_setting(key) for key in (NUMBERS, CHANNELS, CURRENCY)]
        digest = hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.facts.data_version()}-{digest}"

    def currency(self) -> str:
        """Currency of the data, else the one chosen in the settings."""
        return self.facts.currency() or self.work.get_setting(CURRENCY) or CURRENCIES[0]

    def entered(self) -> Entered:
        """What the user typed."""
        numbers: Mapping[str, Any] = self.work.get_setting(NUMBERS) or {}
        channels = {k: Entry(**v) for k, v in (self.work.get_setting(CHANNELS) or {}).items()}
        as_of = numbers.get("as_of")
        return Entered(
            numbers.get("sales_last_month"),
            numbers.get("marketing_month"),
            numbers.get("gross_margin"),
            date.fromisoformat(as_of) if as_of else None,
            channels,
        )

    def history(self) -> Facts:
        """The facts in the shape the baseline is made from."""
        daily = self.facts.daily_sales()
        by_day = daily[["ds", "net"]].groupby("ds").sum().reset_index()
        return Facts(
            self.facts.data_version(),
            self.currency(),
            self.facts.channels(),
            self.facts.monthly_sales(),
            self.facts.monthly_spend(),
            self.facts.cohorts(),
            by_day,
        )

    def baseline(self, template: str) -> Baseline:
        """Baseline on the newest data, made once per data version and template."""
        key = (self.version(), template)
        if key in self._baselines:
            return self._baselines[key]
        with self._making:
            if key not in self._baselines:
                if len(self._baselines) >= 8:
                    self._baselines.clear()
                with threadpool_limits(1):
                    made = assemble(self.history(), self.entered(), load(template))
                self._baselines[key] = replace(made, version=f"{key[0]}-{template}")
            return self._baselines[key]

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
        """Present spend a month and return by channel; entries without either are taken away."""
        for channel, entry in entries.items():
            if (entry.spend or 0) < 0 or (entry.roas or 0) < 0:
                raise ShopplanError("spend and return must be zero or more", channel)
        kept = {c: asdict(e) for c, e in entries.items() if e.spend or e.roas is not None}
        self.work.set_setting(CHANNELS, kept, who=who)

    def commit(self, parsed: Parsed | Source, who: str = "") -> Receipt:
        """Store an import; the demo shop makes way for real data."""
        is_demo = isinstance(parsed, Parsed) and parsed.receipt.format == DEMO
        receipt = self.facts.commit(parsed, replace_demo=not is_demo)
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
