"""The commands that fit and allocate from a CSV file print what was promised, and say what is wrong with a file."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.simulated_shops import make_shop
from shopplan.cli import main
from shopplan.response.command import MEANINGS
from shopplan.response.health import LIMITS

KEYS = {"contribution", "contribution_lo", "contribution_hi", "carry_in", "in_period", "still_to_come", "share",
        "share_lo", "share_hi", "roas", "roas_lo", "roas_hi", "mroas", "half_life", "saturation",
        "confidence"}  # fmt: skip


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "shop.csv"
    make_shop(2, 80, 4, "mm", "poor").frame.assign(never=0.0).to_csv(path, index=False)
    return path


@pytest.fixture
def call(capsys):
    def run(command, path, *more, spend="c0,c1,c2,c3,never"):
        argv = [command, "--csv", str(path), "--date", "week", "--target", "sales", "--spend", spend, *more]
        try:
            status = main(argv)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return run


def test_fit_prints_the_promised_keys(call, csv):
    status, out, _ = call("fit", csv, "--controls", "price", "--holdout", "10", "--level", "80", "--json")
    found = json.loads(out)
    assert status == 0
    assert set(found) == {"seconds", "holdout_mape", "channels", "checks", "odd", "base"}
    assert 0 < found["holdout_mape"] < 0.2
    assert list(found["channels"]) == ["c0", "c1", "c2", "c3", "never"]
    assert all(set(c) == KEYS for c in found["channels"].values())
    assert found["channels"]["never"]["roas"] is None
    assert sum(c["share"] for c in found["channels"].values()) == pytest.approx(1)
    for one in found["channels"].values():
        assert one["carry_in"] + one["in_period"] == pytest.approx(one["contribution"])
    brought = sum(c["contribution"] for c in found["channels"].values())
    assert found["base"] + brought == pytest.approx(pd.read_csv(csv)["sales"].sum(), rel=0.01)
    assert {c["code"] for c in found["checks"]} >= {"negative_base", "collinear_spend"}


def test_a_wider_level_gives_wider_intervals(call, csv):
    width = {}
    for level in ("50", "95"):
        found = json.loads(call("fit", csv, "--level", level, "--json")[1])["channels"]["c0"]
        width[level] = found["roas_hi"] - found["roas_lo"]
    assert width["95"] > 1.5 * width["50"]


def test_allocate_prints_the_promised_keys(call, csv):
    status, out, _ = call("allocate", csv, "--window", "26", "--total", "present", "--margin", "0.55", "--json")
    found = json.loads(out)
    assert status == 0
    assert {"channels", "gain", "chance", "verdict", "certificate", "total_advice"} <= set(found)
    present, proposed = (sum(c[k] for c in found["channels"].values()) for k in ("present", "proposed"))
    assert present == pytest.approx(proposed)
    assert found["verdict"] in ("better", "no_proven_better")
    assert found["total_advice"]["break_even"] == pytest.approx(1 / 0.55)


def test_nothing_is_said_of_the_total_where_spend_is_no_money(call, csv, tmp_path):
    rows = pd.read_csv(csv)
    spend = [name for name in rows if name.startswith("c")]
    rows[spend] /= 1e6  # index points
    points = tmp_path / "points.csv"
    rows.to_csv(points, index=False)
    argv = ("allocate", points, "--window", "26", "--margin", "0.55")
    assert json.loads(call(*argv, "--json")[1])["total_advice"] is None
    shown = call(*argv)[1]
    assert "spend is not in the unit of sales" in shown
    assert "in total more" not in shown
    assert "in total less" not in shown


def test_an_amount_is_spent_exactly(call, csv):
    found = json.loads(call("allocate", csv, "--total", "5000", "--json")[1])
    assert found["total"] == pytest.approx(5000)
    assert found["total_advice"] is None


@pytest.mark.parametrize("command", ["fit", "allocate"])
def test_without_json_a_table_is_printed(call, csv, command):
    status, out, _ = call(command, csv, "--margin", "0.5")
    assert status == 0
    assert len([line for line in out.splitlines() if line.startswith("c")]) >= 4


@pytest.mark.parametrize(
    ("command", "more", "status", "said"),
    [
        ("fit", ["--holdout", "79"], 1, "at most 72"),
        ("fit", ["--level", "0"], 2, "--level"),
        ("fit", ["--margin", "55"], 2, "--margin"),
        ("fit", ["--controls", "weather"], 1, "no column weather"),
        ("allocate", ["--total", "much"], 2, "--total"),
        ("allocate", ["--total", "best"], 1, "margin"),
        ("allocate", ["--total", "nan"], 1, "above zero"),
        ("allocate", ["--window", "900"], 1, "1 to 80"),
        ("allocate", ["--bounds", "2"], 2, "between 0 and 1"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(call, csv, command, more, status, said):
    got, out, err = call(command, csv, *more)
    assert (got, out) == (status, "")
    assert said in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe\x00week", "it is not in UTF-8. give a CSV file in UTF-8 with the columns"),
        (b"week,sales,c0\n2024-01-01,1,2\n2024-01-08,1,2,3\n", "row 3. this row has 4 cells, the rows above it have 3"),
        (b'week,sales,c0\n2024-01-01,"1,2\n', "it is no table with commas"),
        (b"week,sales,c0\n2024-01-01,1,x\n", "row 2, column c0"),
        (b"week,sales,c0\n2024-01-01,,1\n", "column sales. nan is not a number"),
        (b"week,sales,c0\n202401,1,1\n", "column week. 202401 is not a date"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(call, tmp_path, content, said):
    path = tmp_path / "shop.csv"
    if content is not None:
        path.write_bytes(content)
    status, _, err = call("fit", path, spend="c0")
    assert status == 1
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_shares_of_the_table_are_finite(call, csv):
    found = json.loads(call("fit", csv, "--json")[1])
    assert all(np.isfinite(c["contribution"]) for c in found["channels"].values())


@pytest.mark.parametrize("unit", [1e9, 1e-9])
@pytest.mark.parametrize("command", ["fit", "allocate"])
def test_columns_stay_apart_in_huge_and_tiny_units(call, tmp_path, command, unit):
    frame = make_shop(2, 40, 4, "mm", "poor").frame
    money = ["sales", "c0", "c1"]
    frame.assign(**{c: frame[c] * unit for c in money}).to_csv(tmp_path / "shop.csv", index=False)
    _, out, _ = call(command, tmp_path / "shop.csv", spend="c0,c1")
    rows = [line.split() for line in out.splitlines() if line.startswith("c0")]
    assert [len(row) for row in rows] == [8 if command == "fit" else 5]
    assert float(rows[0][1].replace(",", "")) > 0


def test_the_margin_says_what_the_next_unit_leaves(call, csv):
    rich, poor = (json.loads(call("fit", csv, "--margin", m, "--json")[1])["channels"]["c0"] for m in ("0.9", "0.2"))
    assert rich["next_unit"] == pytest.approx(0.9 * rich["mroas"] - 1)
    assert poor["next_unit"] < rich["next_unit"]


def test_channels_without_spend_in_the_window_stay_without(call, csv, tmp_path):
    rows = pd.read_csv(csv)
    rows.loc[rows.index[-20:], "c1"] = 0
    paused = tmp_path / "paused.csv"
    rows.to_csv(paused, index=False)
    found = json.loads(call("allocate", paused, "--json")[1])
    assert list(found["channels"]) == ["c0", "c1", "c2", "c3", "never"]
    for name in ("c1", "never"):
        assert (found["channels"][name]["present"], found["channels"][name]["proposed"]) == (0, 0)
    spent = rows[["c0", "c2", "c3"]].tail(13).sum().sum()
    assert found["total"] == pytest.approx(spent)


def test_a_total_beyond_one_step_is_told(call, csv):
    present = json.loads(call("allocate", csv, "--json")[1])["total"]
    for times, told in ((1.2, False), (9.0, True)):
        found = json.loads(call("allocate", csv, "--total", str(times * present), "--json")[1])
        assert ("total_far" in {c["code"] for c in found["checks"]}) == told
    assert "check total_far: 8, limit 0.3" in (told := call("allocate", csv, "--total", str(9 * present))[1])
    assert "check step_far c0" in told
    assert "than the same total split as now" in told
    assert "against present spend: " in told
    assert "against present spend: " not in call("allocate", csv)[1]


def test_months_have_three_of_them_for_the_present(call, tmp_path):
    rng = np.random.default_rng(1)
    dates = pd.date_range("2022-01-01", periods=36, freq="MS")
    ads = rng.uniform(50, 150, 36)
    pd.DataFrame({"week": dates, "sales": 1000 + 2 * ads + rng.normal(0, 10, 36), "ads": ads}).to_csv(
        tmp_path / "m.csv", index=False
    )
    found = json.loads(call("allocate", tmp_path / "m.csv", "--json", spend="ads")[1])
    assert found["window"] == 3
    assert found["channels"]["ads"]["present"] == pytest.approx(ads[-3:].sum())


def test_no_best_total_is_sought_where_spend_is_no_money(call, csv, tmp_path):
    rows = pd.read_csv(csv)
    rows[["c0", "c1", "c2", "c3"]] /= 1e6
    rows.to_csv(tmp_path / "points.csv", index=False)
    status, _, err = call("allocate", tmp_path / "points.csv", "--total", "best", "--margin", "0.5")
    assert status == 1
    assert "not in the unit of sales" in err


def test_fewer_rows_than_numbers_to_estimate_leave_it_to_the_prior(call, csv, tmp_path):
    pd.read_csv(csv).head(10).to_csv(tmp_path / "few.csv", index=False)
    found = json.loads(call("fit", tmp_path / "few.csv", "--json")[1])["channels"]
    assert {found[c]["confidence"] for c in ("c0", "c1", "c2", "c3") if found[c]["roas"]} <= {"prior", "unused"}


def test_every_check_has_its_words():
    assert set(MEANINGS) == {*LIMITS, "total_far", "step_far"}
