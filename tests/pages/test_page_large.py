"""Large files on the Data page: read to their end before anything is stored, stopped, refused, outdated, imported."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from shopplan.ingest import look, read, source
from shopplan.store.pace import Progress
from shopplan.ui.imports import jobs, progress, upload
from tests.pages.test_page_data import click, daily, data_page, drop, go, progress_text, said

TRY = "Read the whole file and show what would change"
MANY = 4000
"""Orders of a file that is larger than the sample by which a header is found."""
HEAD = "Order ID,Date,Status,Quantity,Amount,Discount"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A file of some hundred kilobytes is a large one, of many chunks."""
    monkeypatch.setattr(source, "CHUNK", 20_000)
    monkeypatch.setattr(upload, "CHUNK", 20_000)
    monkeypatch.setattr(look, "STEP", 20_000)


def orders(first: int, count: int, amount: int = 10, tail: str = "") -> bytes:
    """Orders of two lines each, every tenth cancelled."""
    lines = [HEAD]
    for i in range(first, first + count):
        said = "cancelled" if i % 10 == 0 else "paid"
        lines += [f"N{i},2026-{i % 9 + 1:02d}-{i % 28 + 1:02d},{said},1,{amount + j}.25,{j}.10" for j in range(2)]
    return "\n".join([*lines, tail]).encode()


def csv(name: str, content: bytes) -> tuple[str, bytes, str]:
    return name, content, "text/csv"


def labels(app) -> list[str]:
    return [b.label for b in app.button if b.label in (TRY, "Import")]


def tried(app):
    """The receipts of the trials of a session."""
    return [one.receipt for one in app.session_state["imports"].tried.values()]


def shown(app) -> str:
    """The tables of a page."""
    return "\n".join(e.proto.body for e in app.get("html") if "<table" in e.proto.body)


def test_a_large_file_is_accounted_for_before_it_is_stored_and_then_stored_just_so(own):
    own.commit(read(orders(0, 1000), "old.csv", currency="EUR"))
    version, logged = own.facts.data_version(), own.work.audit()
    app = drop(data_page(), csv("new.csv", orders(500, MANY, 20)))
    assert labels(app) == [TRY, "Import"]
    assert "What changes" not in shown(app)
    click(app, TRY)
    assert labels(app) == ["Import"]
    table = shown(app)
    for told in ("What changes", "Left out, by reason", "cancelled", "Also in earlier imports", "1: old.csv", "Sums"):
        assert told in table
    (trial,) = tried(app)
    kept = [20 * 100 + j for i in range(500, 500 + MANY) for j in (25, 125) if i % 10]
    assert (trial.rows_read, trial.rows_kept) == (2 * MANY, len(kept))
    assert (trial.orders, trial.orders_kept) == (MANY, len(kept) / 2)
    assert int(trial.sums["gross"] * 100) == sum(kept)
    (change,) = trial.changes
    assert (change.new, change.updated, change.unchanged) == (0.9 * (MANY - 500), 450, 0)
    assert (own.facts.data_version(), len(own.facts.batches()), own.work.audit()) == (version, 1, logged)
    click(app, "Import")
    assert own.facts.receipt(2) == trial
    assert f"Rows imported: {len(kept):,}, files: 1" in said(app)


def test_rows_that_cannot_be_read_are_all_named_before_any_import(own):
    lines = orders(0, MANY).split(b"\n")
    for row in (2 * MANY - 900, 2 * MANY):  # parts of the file that are read one after the other
        lines[row - 1] = lines[row - 1].replace(b".25,", b".2x,")
    app = drop(data_page(), csv("bad.csv", b"\n".join(lines)))
    click(app, TRY)
    assert "cannot be imported as it is" in " ".join(e.value for e in app.error)
    for row in (2 * MANY - 900, 2 * MANY):
        assert f"row {row}, column Amount" in shown(app)
    assert labels(app) == []
    assert own.facts.batches().empty


def test_an_account_holds_while_the_stored_data_are_the_same(own):
    app = drop(data_page(), csv("new.csv", orders(500, MANY, 20)))
    click(app, TRY)
    assert labels(app) == ["Import"]
    own.commit(read(orders(0, 1000), "another.csv", currency="EUR"))  # in another session
    click(app, "Import")
    assert own.facts.batches()["file"].tolist() == ["another.csv"]
    assert labels(app) == [TRY, "Import"]
    assert "Since this file was read to its end" in " ".join(e.value for e in app.info)
    click(app, TRY)
    (change,) = tried(app)[-1].changes
    assert (change.new, change.updated) == (0.9 * (MANY - 500), 450)
    click(app, "Import")
    assert own.facts.receipt(2).changes == (change,)


def test_an_account_holds_for_the_reading_that_it_is_of(own):
    app = drop(data_page(), csv("new.csv", orders(0, MANY)))
    click(app, TRY)
    (pick,) = [s for s in app.selectbox if s.label == "Currency of the amounts"]
    pick.select("GBP").run()
    assert labels(app) == [TRY, "Import"]
    click(app, TRY)
    assert [receipt.currency for receipt in tried(app)] == ["USD", "GBP"]
    click(app, "Import")
    assert own.facts.batches()["currency"].tolist() == ["GBP"]


def test_the_files_of_a_zip_are_read_to_their_end_and_imported_together(own):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", orders(0, MANY))
        archive.writestr("b.csv", orders(9_000, MANY, 30))
        archive.writestr("bad.csv", orders(200, MANY, tail="N900,2026-01-03,paid,1,ten,0.00"))
    app = drop(data_page(), ("three.zip", packed.getvalue(), "application/zip"))
    assert labels(app) == [TRY, "Import"] * 3
    click(app, "Read all 3 large files and show what would change")
    assert labels(app) == ["Import", "Import"]
    assert "three.zip/bad.csv" in " ".join(e.value for e in app.error).replace("&#46;", ".")
    assert own.facts.batches().empty
    found = {receipt.file: receipt for receipt in tried(app) if receipt}
    click(app, "Import all 2 files")
    assert {row: own.facts.receipt(row).sums for row in (1, 2)} == {
        1: found["three.zip/a.csv"].sums, 2: found["three.zip/b.csv"].sums
    }  # fmt: skip


@pytest.fixture
def held(own, monkeypatch):
    """Trials that go on until they are let go, or stopped."""
    monkeypatch.setattr(progress, "QUICK", 0.0)
    held = {"go": False}
    changes = own.changes

    def slow(file, note=None, cancelled=None):
        note(Progress(1234, 0.4, 75.0))
        while not held["go"] and not cancelled():
            time.sleep(0.01)
        return changes(file, note, cancelled)

    monkeypatch.setattr(own, "changes", slow)
    yield held
    held["go"] = True


def until(met) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_file_that_is_being_read_can_be_stopped_and_is_offered_as_before(own, held):
    own.commit(read(orders(0, 20), "old.csv", currency="EUR"))
    version = own.facts.data_version()
    app = drop(data_page(), csv("new.csv", orders(0, MANY)))
    (pick,) = [s for s in app.selectbox if s.label == "Currency of the amounts"]
    pick.select("GBP").run()
    click(app, TRY)
    until(lambda: "1,234 rows read, nothing is stored yet, about 75 s left" in progress_text(app.run()))
    assert [b.disabled for b in app.button if b.label in (TRY, "Import")] == [True, True]
    other = drop(data_page(), csv("other.csv", daily("2026-01-01", 5, 100)))
    assert "Another file is being read" in " ".join(e.value for e in other.caption)
    go(other, "imports")
    next(s for s in other.selectbox if s.label == "Open a receipt").select(1).run()
    assert "This can be undone when that one is through" in said(other)
    click(app, "Cancel")
    until(lambda: not jobs.busy())
    app.run()
    assert "stopped, nothing of it is stored" in " ".join(e.value for e in app.info)
    assert labels(app) == [TRY, "Import"]
    assert [b.disabled for b in app.button if b.label in (TRY, "Import")] == [False, False]
    assert [s.value for s in app.selectbox if s.label == "Currency of the amounts"] == ["GBP"]
    assert (own.facts.data_version(), tried(app)) == (version, [])


def test_another_session_waits_its_turn_and_need_not(own, held):
    first = drop(data_page(), csv("new.csv", orders(0, MANY)))
    click(first, TRY)
    until(lambda: "1,234" in progress_text(first.run()))
    other = drop(data_page(), csv("other.csv", orders(200, MANY)))
    click(other, "Import")
    assert "waits until another file is through" in progress_text(other)
    click(other, "Cancel")
    other.run()
    assert "stopped, nothing of it is stored" in " ".join(e.value for e in other.info)
    click(other, "Import")
    held["go"] = True
    until(lambda: not jobs.busy())
    other.run()
    first.run()
    assert own.facts.batches()["file"].tolist() == ["other.csv"]
    assert "Since this file was read" in " ".join(e.value for e in first.info)
