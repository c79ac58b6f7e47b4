"""Entry of the web app: ``streamlit run app.py``, or ``python -m shopplan serve``."""

import streamlit as st

app = st.App("shopplan/ui/router.py")
