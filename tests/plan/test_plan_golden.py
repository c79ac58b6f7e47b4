"""Two months of the flat shop worked by hand, figure by figure, from spend to cash and heads."""

from __future__ import annotations

import pytest

from shopplan.plan import run
from shopplan.scenario import Scenario

# Month 0 as things stand
# -----------------------
# budget 20,000, no ring-fenced lines: search 60 % = 12,000, live 40 % = 8,000, as in the two years before
# paid sales: the curves go through their reference, 12,000 * 3 = 36,000 and 8,000 * 2 = 16,000
# a paid order of search counts 100 * 0.95 = 95, of live 80 * 0.95 = 76: 36,000 / 95 = 378.947, 16,000 / 76 = 210.526
# orders 1,000 + 600 + 2,000 = 3,600; repeat rate 20 %: 0.25 repeat orders on a new one, 720; new 2,880
# organic 2,880 - 378.947 - 210.526 = 2,290.526
# visits 1,000 / 2 % + 600 / 5 % + 2,000 / 3 % = 50,000 + 12,000 + 66,666.667 = 128,666.667
# gross 1,000 * 100 + 600 * 80 + 2,000 * 110 = 368,000; discount 5 % 18,400; returns 10 % of 349,600 = 34,960
# net 314,640; margin 40 % = 125,856; cost of goods 188,784
# fulfilment 3,600 * 5 = 18,000; platform 5 % of 349,600 = 17,480; payment 0.6 % = 2,097.6
# contribution 2: 125,856 - 37,577.6 = 88,278.4; less 20,000 = 68,278.4
# people (3 * 5,000 + 2 * 4,000) * 1.3 = 29,900; fixed 8,000; technology 2,000; EBITDA 28,378.4
# heads 5; service needs 3,600 / 2,000 = 1.8, so 4.8 of 5 are at work
# a month has 30.4375 days. receivables 314,640 * 15 / 30.4375 = 155,058.727; stock 188,784 * 45 / 30.4375 = 279,105.708
# payables 188,784 * 30 / 30.4375 = 186,070.472; prepaid ads 20,000 * 7 / 30.4375 = 4,599.589
# no balance moves: receipts 314,640; suppliers 188,784; ads 20,000; operating 37,577.6 + 39,900 = 77,477.6
# cash 300,000 + 314,640 - 188,784 - 20,000 - 77,477.6 = 328,378.4
STANDING = {
    "acquisition": 20_000, "marketing": 20_000, "paid_sales": 52_000, "paid_orders": 589.473684,
    "organic_orders": 2_290.526316, "new_orders": 2_880, "repeat_orders": 720, "orders": 3_600,
    "sessions": 128_666.666667, "conversion_rate": 0.027979,
    "gross_sales": 368_000, "aov": 102.222222, "discounts": 18_400, "returns": 34_960, "net_sales": 314_640,
    "cogs": 188_784, "gross_margin": 125_856, "gross_margin_rate": 0.4, "fulfilment": 18_000, "platform_fees": 17_480,
    "payment_fees": 2_097.6, "contribution_2": 88_278.4, "contribution": 68_278.4, "people": 29_900,
    "fixed_costs": 8_000, "technology": 2_000, "initiative_costs": 0, "ebitda": 28_378.4, "depreciation": 0,
    "operating_profit": 28_378.4, "marketing_share": 0.063565, "mer": 15.732, "roas": 2.6, "cac": 6.944444,
    "headcount": 5, "required_headcount": 4.8, "utilisation": 0.96, "receivables": 155_058.726899,
    "stock": 279_105.708419, "payables": 186_070.472279, "prepaid_marketing": 4_599.589322, "receipts": 314_640,
    "supplier_payments": 188_784, "marketing_payments": 20_000, "operating_payments": 77_477.6, "capex_payments": 0,
    "net_cash_flow": 28_378.4, "cash": 328_378.4, "lost_orders": 0,
}  # fmt: skip

# Month 0 with eight levers moved
# -------------------------------
MOVED = {
    "budget": 30_000, "line_experiments": 0.1, "price": 0.05, "growth": 0.1, "repeat_rate": 0.25, "automation": 0.4,
    "return_delay": 0, "dso": 30,
}  # fmt: skip
# experiments 3,000; acquisition 27,000: search 16,200, live 10,800
# felt spend: search 0.2 * 12,000 + 0.8 * 16,200 = 15,360; live 0.3 * 8,000 + 0.7 * 10,800 = 9,960
# search: kappa 12,000 * 0.4 / 0.6 = 8,000, ceiling 3 * 20,000 = 60,000:
#   60,000 * 15,360 / 23,360 = 39,452.055, / 95 = 415.285
# live: kappa 5,333.333, ceiling 26,666.667: 26,666.667 * 9,960 / 15,293.333 = 17,367.044, / 76 = 228.514
# price +5 % at elasticity -1.2: volume 1.05 ** -1.2 = 0.943133; growth 10 % a year: 1.1 ** (1 / 12) = 1.007974
# paid 391.669 + 215.519 = 607.1875; organic (421.053, 269.474, 1,600) * 0.950653 = 400.275, 256.176, 1,521.046
# repeat rate 25 % for 20 %: (1/3) / (1/4) = 4/3 of 200, 120, 400 = 266.667, 160, 533.333
# orders 1,058.611, 631.695, 2,054.379; together 3,744.684
# gross at 105, 84 and 115.5: 111,154.103 + 53,062.371 + 237,280.759 = 401,497.233; discount 20,074.862
# returns 10 % of 381,422.371 = 38,142.237, at once; net 343,280.134
# goods: an order costs 100 * 0.95 * 0.9 * 0.6 / 0.96 = 53.4375, live 42.75, organic 58.78125: 204,333.413;
#   a tenth comes back and 40 % of it is sold again: - 8,173.337; cost of goods 196,160.076
# gross margin 147,120.057 = (1.05 - 0.6) / 1.05 of net sales
# fulfilment 18,723.421; platform 19,071.119; payment 2,288.534; contribution 2 107,036.983; contribution 77,036.983
# service: 3,744.684 / 2,000 * (1 - 0.4) / (1 - 0.3) = 1.604865 heads; two stay; people 29,900; EBITDA 37,136.983
# visits 1,058.611 / 2 % + 631.695 / 5 % + 2,054.379 / 3 % = 134,043.718
# receivables 343,280.134 * 30 / 30.4375 = 338,345.922, were 155,058.727
# receipts 343,280.134 - 183,287.196 = 159,992.938
AFTER = {
    "experiments": 3_000, "acquisition": 27_000, "marketing": 30_000, "paid_orders": 607.187500,
    "organic_orders": 2_177.496759, "repeat_orders": 960, "orders": 3_744.684259,
    "gross_sales": 401_497.232502, "discounts": 20_074.861625,
    "returns": 38_142.237088, "net_sales": 343_280.133789, "cogs": 196_160.076451, "gross_margin": 147_120.057338,
    "gross_margin_rate": 0.428571, "fulfilment": 18_723.421293, "platform_fees": 19_071.118544,
    "payment_fees": 2_288.534225, "contribution_2": 107_036.983276, "contribution": 77_036.983276,
    "required_headcount": 4.604865, "headcount": 5, "people": 29_900, "ebitda": 37_136.983276,
    "sessions": 134_043.718457, "paid_sales": 56_267.352979, "roas": 2.083976, "cac": 10.773214, "mer": 11.442671,
    "receivables": 338_345.922421, "receipts": 159_992.938268,
}  # fmt: skip


@pytest.mark.parametrize(("metric", "by_hand"), STANDING.items(), ids=STANDING)
def test_month_as_things_stand(make_shop, metric, by_hand):
    assert run(Scenario(), make_shop(False)).path(metric)[0] == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(("metric", "by_hand"), AFTER.items(), ids=AFTER)
def test_month_with_levers_moved(make_shop, metric, by_hand):
    result = run(Scenario().with_values(MOVED), make_shop(False))
    assert result.path(metric)[0] == pytest.approx(by_hand, abs=1e-6)


def test_every_metric_of_the_model_is_in_the_month(make_shop):
    none = {"content", "martech", "experiments", "cooperation", "reserve_fund", "repeat_share"}
    result = run(Scenario(), make_shop(False))
    assert set(result.flows) - none <= set(STANDING)
    assert result.path("repeat_share")[0] == pytest.approx(0.2)
