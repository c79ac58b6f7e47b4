"""What `bench_board` compares with: a plain Streamlit page with a slider, a figure and three charts."""

import numpy as np
import pandas as pd
import streamlit as st

CHART = {
    "mark": "line",
    "encoding": {"x": {"field": "month", "type": "temporal"}, "y": {"field": "sales", "type": "quantitative"}},
    "usermeta": {"embedOptions": {"renderer": "canvas"}},
}

level = st.slider("Level", 0, 1000, 500)
months = pd.date_range("2026-01-01", periods=24, freq="MS")
sales = level * np.exp(0.01 * np.arange(24))
st.metric("Sales", f"{sales.sum():,.0f}")
for part in (0.2, 0.3, 0.5):
    st.vega_lite_chart(pd.DataFrame({"month": months, "sales": part * sales}), CHART, width="stretch")
