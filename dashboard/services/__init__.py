"""What pages ask for: checked questions in, rows and sentences out. No streamlit here."""
