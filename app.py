"""The app: ``streamlit run app.py``."""

import streamlit as st

from shopplan.ui.server import MIDDLEWARE

app = st.App("shopplan/ui/router.py", middleware=MIDDLEWARE)
