"""The command line, from files to a plan: what it prints, how it ends, and that it is the plan of the pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from shopplan import cli_shared, plan
from shopplan.cli import STATUSES
from shopplan.i18n import text
from shopplan.plan.tables import MONTHLY, summary
from shopplan.plan.templates import asked
from shopplan.response import Entry
from shopplan.scenario import Scenario
from shopplan.terms import DRAWS_DEFAULT, LEVERS, METRICS, SourceKind, split_key
from shopplan.workspace import Shop
from tests.conftest import planned

ROOT = Path(__file__).resolve().parents[1]
ASKED = {"month", "orders", "net_sales", "gross_margin", "contribution", "marketing", "people", "ebitda", "cash",
         "headcount"}  # fmt: skip
FIELDS = ("role", "month", "utilisation", "cash", "share", "most", "levers", "gap")
GOOD, BAD = ROOT / "tests/data/good", ROOT / "tests/data/bad"


@pytest.fixture
def demo_db(demo_home, tmp_path) -> str:
    shutil.copytree(demo_home, tmp_path / "demo")
    return str(tmp_path / "demo" / "shop.duckdb")


# --- demo and run ----------------------------------------------------------------------------------
def test_the_module_runs_by_its_name(tmp_path):
    """The one test of a process of its own: exit status and output reach the shell."""
    base = [sys.executable, "-m", "shopplan"]
    db = str(tmp_path / "own.duckdb")
    made = subprocess.run([*base, "demo", "--db", db], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "own.duckdb" in made.stdout
    none = subprocess.run([*base, "run", "--db", db + "x"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert none.returncode == 2
    assert "there is no file" in none.stderr
    assert "Traceback" not in none.stderr


def test_the_demo_keeps_its_truth_beside_it_and_never_touches_real_data(call, tmp_path):
    db = tmp_path / "new" / "shop.duckdb"
    assert call("demo", "--db", db)[0] == 0
    assert [p for p in db.parent.iterdir() if "truth" in p.name]
    own = tmp_path / "own.duckdb"
    assert call("import", GOOD / "order_lines.csv", "--db", own)[0] == 0
    status, _, err = call("demo", "--db", own)
    assert status == 1
    assert "your own data" in err


def test_a_plan_has_what_was_promised(call, demo_db):
    out = planned(call, "--db", demo_db)
    assert {"months", "totals", "milestones", "assumptions", "currency"} <= set(out)
    assert len(out["months"]) == 24
    assert all(set(m) >= ASKED | set(MONTHLY) for m in out["months"])
    assert [m["month"] for m in out["months"]][:3] == ["2026-11", "2026-12", "2027-01"]
    assert set(METRICS) <= set(out["totals"])
    for m in out["milestones"]:
        assert {"name", "metric", "threshold", "due", "odds", "median_month"} <= set(m)
        assert m["odds"] is None or 0 <= m["odds"] <= 1
    for a in out["assumptions"]:
        assert split_key(a["lever"])[0].id in LEVERS
        assert a["source"] in set(get_args(SourceKind)) - {"data"}
    for flow in ("orders", "net_sales", "gross_margin", "contribution", "marketing", "people", "ebitda"):
        assert out["totals"][flow] == pytest.approx(sum(m[flow] for m in out["months"]))
    assert out["totals"]["cash_low"] == pytest.approx(min(m["cash"] for m in out["months"]))


def test_the_plan_is_that_of_the_engine(call, demo_db):
    """The whole object; tests/pages holds what the Plan page draws to what the command prints."""
    out = planned(call, "--db", demo_db, "--set", "price=-3%", "--set", "split:search=0.3", "--months", "30")
    shop = Shop.open(demo_db)
    try:
        baseline = shop.baseline("000")
        scenario = Scenario(horizon=30).with_values({"price": -0.03, "split:search": 0.3})
        result = plan.run(scenario, baseline, DRAWS_DEFAULT)
        told = summary(result, shop.targets(baseline))
        asks = [asked()[row["id"], row["source"]] for row in told["milestones"]]
        names = [text("en", f"target.{row['id']}", percent=x) for row, x in zip(told["milestones"], asks, strict=True)]
        for row, name in zip(told["milestones"], names, strict=True):
            row["name"] = name
        assert out == json.loads(json.dumps(told))
    finally:
        shop.close()


def test_the_same_call_prints_the_same_bytes(call, demo_db):
    first = call("run", "--json", "--db", demo_db, "--draws", "200")
    assert call("run", "--json", "--db", demo_db, "--draws", "200") == first


def test_a_set_lever_moves_the_plan_and_is_named(call, demo_db):
    before = planned(call, "--db", demo_db, "--draws", "0")
    share, percent = (planned(call, "--db", demo_db, "--draws", "0", "--set", s) for s in ("price=-0.03", "price=-3%"))
    assert share == percent
    assert share["totals"]["orders"] > before["totals"]["orders"]
    assert {"lever": "price", "value": -0.03, "source": "scenario", "note": ""} in share["assumptions"]
    assert not [a for a in before["assumptions"] if a["source"] == "scenario"]


def test_shares_that_are_set_stand_as_they_were_asked_for(call, demo_db):
    asked = {"split:search": 0.6, "split:live": 0.3}
    out = planned(call, "--db", demo_db, "--draws", "0", "--set", "split:search=60%", "--set", "split:live=0.3")
    used = {a["lever"]: a["value"] for a in out["assumptions"] if a["source"] == "scenario"}
    assert used == pytest.approx(asked)
    shop = Shop.open(demo_db)
    paid = [key for key in shop.baseline("000").defaults if key.startswith("split:")]
    shop.close()
    third = [part for key in paid for part in ("--set", f"{key}={1 / len(paid):.3f}")]
    assert call("run", "--db", demo_db, "--draws", "0", *third)[0] == 0
    half = [part for key in paid for part in ("--set", f"{key}={0.5 / len(paid):.3f}")]
    status, _, err = call("run", "--db", demo_db, "--draws", "0", *half)
    assert status == 2
    assert "all of them make 100 %" in err


def test_a_lever_that_another_overrules_may_be_set_once_that_one_is_off(call, demo_db):
    out = planned(call, "--db", demo_db, "--draws", "0", "--set", "budget=900000", "--set", "budget_share=0")
    assert {"lever": "budget", "value": 900000, "source": "scenario", "note": ""} in out["assumptions"]


def test_without_draws_bands_are_the_path_itself(call, demo_db):
    out = planned(call, "--db", demo_db, "--draws", "0", "--months", "3")
    assert out["draws"] == 0
    assert len(out["months"]) == 3
    assert all(m["net_sales_p10"] == m["net_sales"] == m["net_sales_p90"] for m in out["months"])
    assert {m["odds"] for m in out["milestones"]} <= {0.0, 1.0, None}


@pytest.mark.parametrize("template", ["000", "001", "002", "003", "004"])
def test_every_template_makes_a_plan(call, demo_db, template):
    out = planned(call, "--db", demo_db, "--template", template, "--draws", "0")
    assert out["template"] == template
    assert out["totals"]["net_sales"] > 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--template", "999"], "no template '999'"),
        (["--set", "nosuch=1"], "no lever nosuch"),
        (["--set", "split:nobody=0.5"], "no lever split:nobody"),
        (["--set", "price"], "lever=number"),
        (["--set", "price=cheap"], "lever=number"),
        (["--set", "price=nan"], "lever=number"),
        (["--set", "price=1e999"], "lever=number"),
        (["--set", "price=3%%"], "lever=number"),
        (["--set", "price=90%"], "out of its range"),
        (["--set", "price=3%", "--set", "price=4%"], "price is set 2 times"),
        (["--set", "budget=50%"], "budget is in money, so it takes no %"),
        (["--set", "split:search=60%", "--set", "split:live=60%"], "split:search, split:live make 120.0% together"),
        (["--set", "budget=900000", "--set", "budget_share=10%"], "budget does nothing while budget_share"),
        (["--set", "margin=50%", "--set", "markup=60%"], "margin does nothing while markup"),
        (["--set", "initiative:persona=0.5"], "is a switch"),
        (["--set", "hire_month:service=1.5"], "whole number"),
        (["--months", "2"], "3 to 60"),
        (["--months", "61"], "3 to 60"),
        (["--draws", "-1"], "0 to 10000"),
        (["--draws", "x"], "invalid int value"),
        (["--nosuch"], "unrecognized arguments"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_ends_with_2(call, demo_db, argv, said):
    status, out, err = call("run", "--json", "--db", demo_db, *argv)
    assert status == 2
    assert out == ""
    assert said in err


def test_without_a_command_the_usage_is_shown(call):
    status, _, err = call()
    assert status == 2
    assert "usage" in err


@pytest.mark.parametrize("named", [True, False], ids=["--db", "SHOPPLAN_DB"])
def test_a_missing_store_is_said_and_not_made(call, tmp_path, monkeypatch, named):
    db = tmp_path / "none" / "shop.duckdb"
    monkeypatch.setenv("SHOPPLAN_DB", str(db))
    status, _, err = call("run", "--json", *(["--db", db] if named else []))
    assert status == 2
    assert "python -m shopplan demo" in err
    assert not db.parent.exists()


def test_an_empty_store_says_what_to_do(call, tmp_path):
    db = tmp_path / "shop.duckdb"
    Shop.open(db).close()
    status, _, err = call("run", "--db", db)
    assert status == 2
    assert "import a file" in err


SPEND = "date,channel,spend,currency\n2026-01-05,live,10,CNY\n2026-01-06,live,12.5,CNY\n"
SALES = "order id,date,channel,amount,currency\nA,2026-01-05,live,700,USD\n"


def test_a_store_without_sales_says_so_and_what_to_do(call, tmp_path):
    db, spend, sales = (tmp_path / name for name in ("shop.duckdb", "spend.csv", "sales.csv"))
    spend.write_text(SPEND)
    sales.write_text(SALES)
    call("import", spend, "--db", db)
    status, _, err = call("run", "--db", db)
    assert status == 2
    assert "no sales in the store yet, only spend.csv; import a file of sales" in err
    call("import", sales, "--db", db)
    status, _, err = call("run", "--db", db)
    assert status == 1
    assert "the sales are in USD, figures are in CNY. give the rate of exchange" in err


def test_the_log_says_who_did_what_and_when(call, tmp_path, monkeypatch):
    monkeypatch.setattr(cli_shared.getpass, "getuser", lambda: "ann")
    db = tmp_path / "shop.duckdb"
    assert call("log", "--db", db)[0] == 2
    call("demo", "--db", db)
    status, out, _ = call("log", "--db", db)
    assert status == 0
    assert re.search(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ  ann +import.commit +demo$", out, re.MULTILINE)
    rows = json.loads(call("log", "--db", db, "--json")[1])
    assert {row["who"] for row in rows} == {"ann"}
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert len(json.loads(call("log", "--db", db, "--limit", "1", "--json")[1])) == 1


@pytest.mark.parametrize("port", ["0", "99999", "-1", "x"])
def test_a_port_that_is_none_is_refused(call, port):
    status, _, err = call("serve", f"--port={port}")
    assert status == 2
    assert "1 to 65535" in err


def test_a_reader_that_goes_early_is_no_fault(demo_db):
    argv = [sys.executable, "-m", "shopplan", "run", "--levers", "--db", demo_db]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        run.stdout.close()
        assert run.wait() == 141
        assert run.stderr.read() == ""


def test_every_finding_is_told_in_the_words_of_the_pages(call, demo_db):
    argv = ("run", "--db", demo_db, "--draws", "0", "--set", "opening_cash=0", "--set", "line_content=30%", "--set",
            "line_technology=30%", "--set", "line_experiments=20%", "--set", "line_cooperation=20%", "--set",
            "stock_cover=1", "--set", "lead_time=120")  # fmt: skip
    _, told, _ = call(*argv)
    codes = [finding["code"] for finding in json.loads(call(*argv, "--json")[1])["findings"]]
    assert {"cash_below_reserve", "lines_capped", "stock_out"} <= set(codes)
    for code in codes:
        words = re.sub(r"\\{\w+\\}", ".+", re.escape(text("en", f"note.{code}", **dict.fromkeys(FIELDS, "{x}"))))
        assert re.search(f"^{words}$", told, re.MULTILINE), code


def test_the_levers_of_the_shop_are_listed(call, demo_db):
    status, out, _ = call("run", "--levers", "--db", demo_db)
    assert status == 0
    listed = {line.split()[0] for line in out.splitlines()}
    assert {"budget", "price", "split:search", "growth", "opening_cash"} <= listed
    assert {key.partition(":")[0] for key in listed} == set(LEVERS)


def test_the_table_for_people_has_a_row_a_month(call, demo_db):
    status, out, _ = call("run", "--db", demo_db, "--months", "6", "--draws", "50")
    assert status == 0
    assert len(re.findall(r"^20\d\d-\d\d ", out, re.MULTILINE)) == 6
    assert "odds" in out


@pytest.mark.parametrize(
    ("odds", "shown"), [(0.0075, "<1%"), (0.0025, "<1%"), (0.9975, ">99%"), (0.0, "0%"), (None, "beyond the plan")]
)
def test_odds_are_told_as_on_the_pages(call, demo_db, monkeypatch, odds, shown):
    def with_odds(*args):
        out = summary(*args)
        return out | {"milestones": [row | {"odds": odds} for row in out["milestones"]]}

    monkeypatch.setattr("shopplan.plan.tables.summary", with_odds)
    _, out, _ = call("run", "--db", demo_db, "--months", "6", "--draws", "0")
    told = re.findall(r"odds (.*)$", out, re.MULTILINE)
    assert told
    assert set(told) == {shown}


def test_the_readme_says_how_commands_end(call):
    assert STATUSES in " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert STATUSES in " ".join(call("--help")[1].split())


def test_a_typed_return_counts_without_spend(demo_db):
    shop = Shop.open(demo_db)
    try:
        before = shop.baseline("000")
        shop.enter_channels({"search": Entry(None, 5.0), "live": Entry(None, None)})
        after = shop.baseline("000")
        assert set(shop.entered().channels) == {"search"}
        assert (after.defaults["roas:search"].value, after.defaults["roas:search"].source) == (5.0, "entered")
        assert after.defaults["budget"] == before.defaults["budget"]
        assert after.defaults["roas:live"] == before.defaults["roas:live"]
    finally:
        shop.close()
