"""What every page shares: the page's settings and the navigation. Only pages that exist are listed."""

from pathlib import Path

import streamlit as st

# A file of ours: the built-in icons would be fetched from outside.
ICON = Path(__file__).with_name("favicon.svg")

st.set_page_config(page_title="attn-core", page_icon=str(ICON), layout="wide")

overview = st.Page(
    "app_pages/overview.py", title="Overview", icon=":material/dashboard:", default=True
)
speed = st.Page("app_pages/speed.py", title="Speed", icon=":material/speed:")
figure_z = st.Page(
    "app_pages/figure_z.py", title="Figure Z", icon=":material/view_column:", url_path="figure-z"
)
matrices = st.Page("app_pages/matrices.py", title="Attention matrices", icon=":material/grid_on:")
masks = st.Page("app_pages/masks.py", title="Masks", icon=":material/apps:")
runs = st.Page("app_pages/runs.py", title="Runs", icon=":material/history:")
sections = {
    "": [overview],
    "Understand": [matrices, masks],
    "Measure": [speed, figure_z],
    "Compare": [runs],
}
# Along the top: a picture needs the width that a sidebar would take.
st.navigation(sections, position="top").run()
