"""Rows to charts, as pure functions. No streamlit here: the same chart is shown, exported and tested."""
