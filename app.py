"""The app: ``streamlit run app.py``."""

import streamlit as st

app = st.App("shopplan/ui/router.py")
