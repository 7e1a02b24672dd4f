"""What every page shares: the page's settings and the navigation. Only pages that exist are listed."""

from pathlib import Path

import streamlit as st

from dashboard.state import PAGE

# A file of ours: the built-in icons would be fetched from outside.
ICON = Path(__file__).with_name("favicon.svg")

# What no theme option reaches. White on the dark theme's accent cannot be read, and a formula that scrolls cannot be
# scrolled without a mouse: it wraps instead. The browser picks the colour, so no rerun is waited for.
STYLE = """<style>
.stApp { --on-accent: light-dark(#ffffff, #15171b) }
.stApp [data-testid="stBaseButton-primary"] :is(p, span) { color: var(--on-accent) }
.stApp [data-tag] :is(span, svg) { color: var(--on-accent); fill: var(--on-accent) }
.stApp .katex-display { overflow: visible } .stApp .katex-display > .katex { white-space: normal }
.st-key-d_beside [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { flex-direction: row-reverse }
.st-key-t_formulas .katex-display > .katex { text-align: left }
[class*="st-key-beside_"] > div > div > [data-testid="stColumn"] { min-width: min(20rem, 100%) }
[class*="st-key-beside_"] > div > :has(> :nth-child(3)) > [data-testid="stColumn"] { min-width: min(15rem, 100%) }
@media (max-width: 1000px) {
  .st-key-d_beside [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { flex-wrap: wrap }
  .st-key-d_beside [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 100% }
}
</style>"""

st.set_page_config(page_title="attn-core", page_icon=str(ICON), layout="wide")

st.html(STYLE)

overview = st.Page(
    "app_pages/overview.py", title="Overview", icon=":material/dashboard:", default=True
)
speed = st.Page("app_pages/speed.py", title="Speed", icon=":material/speed:")
figure_z = st.Page(
    "app_pages/figure_z.py", title="Figure Z", icon=":material/view_column:", url_path="figure-z"
)
steps = st.Page(
    "app_pages/steps.py", title="Self-attention, step by step", icon=":material/footprint:"
)
matrices = st.Page("app_pages/matrices.py", title="Attention matrices", icon=":material/grid_on:")
masks = st.Page("app_pages/masks.py", title="Masks", icon=":material/apps:")
features = st.Page("app_pages/features.py", title="Feature maps", icon=":material/scatter_plot:")
low_rank = st.Page(
    "app_pages/low_rank.py",
    title="Low rank",
    icon=":material/stacked_line_chart:",
    url_path="low-rank",
)
tradeoffs = st.Page("app_pages/tradeoffs.py", title="Trade-offs", icon=":material/compare_arrows:")
runs = st.Page("app_pages/runs.py", title="Runs", icon=":material/history:")
sections = {
    "": [overview],
    "Understand": [steps, matrices, masks, features, low_rank],
    "Measure": [speed, figure_z],
    "Compare": [tradeoffs, runs],
}
# Along the top: a picture needs the width that a sidebar would take.
page = st.navigation(sections, position="top")
st.session_state[PAGE] = page.url_path
page.run()
