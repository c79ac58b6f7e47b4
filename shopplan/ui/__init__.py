"""The browser app: the only room that talks to Streamlit."""
