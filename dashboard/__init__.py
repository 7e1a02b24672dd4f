"""The Streamlit application; nothing in attn_core knows of it."""
