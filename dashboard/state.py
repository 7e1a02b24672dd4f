"""Every session and URL key in one place. A key names its widget and its URL parameter alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.services.literal import literal
from dashboard.services.validation import shortened

METHOD = "method"
LENGTH = "n"
KEYS = "m"
ROLE = "role"
HEADS = "heads"
HEAD_DIM = "head_dim"
BATCH = "batch"
DTYPE = "dtype"

# The Speed page. A key may be bound to the URL once in the whole app, so what Overview asks too is prefixed.
SWEEP_METHODS = "methods"
SWEEP_LENGTHS = "lengths"
SWEEP_OTHER_LENGTHS = "other_lengths"
SWEEP_PASS = "pass"
SWEEP_ROLE = "s_role"
SWEEP_KEYS = "s_m"
SWEEP_DTYPE = "s_dtype"
SWEEP_DEVICE = "device"
SWEEP_BATCH = "s_batch"
SWEEP_HEADS = "s_heads"
SWEEP_HEAD_DIM = "s_head_dim"
SWEEP_THREADS = "threads"
SWEEP_SECONDS = "seconds"
RUN = "run"
RUN_CHOSEN = "run_chosen"
RUN_BOX = "run_box"
# What the store had against the last action, until it was shown.
SAID = "said"
QUANTITY = "show"
SCALE = "scale"
RELATIVE = "relative"
PER_TOKEN = "per_token"


def param_key(method: str, param: str) -> str:
    """The key of a method's parameter, written as on the command line: longformer.window."""
    return f"{method}.{param}"


def sweep_param_key(method: str, param: str) -> str:
    """The same on the Speed page, which holds the parameters of many methods at once."""
    return f"s.{method}.{param}"


def dark_theme() -> bool:
    """Whether the reader's browser shows the dark theme."""
    return st.context.theme.type == "dark"


def refused_in_url(checks: Mapping[str, Callable[[str], object]]) -> dict[str, str]:
    """Complaints about the URL by key. To be asked before the widgets are drawn: they drop what they
    cannot take from the URL without a word. What they quote is a stranger's: it is shown as it is written."""
    complaints = {}
    for key, check in checks.items():
        for text in st.query_params.get_all(key):
            try:
                check(text)
            except ValueError as problem:
                complaints[key] = literal(shortened(str(problem).rstrip(".") + "."))
    return complaints


# The Runs page. The chosen runs are written to the URL by hand, as ids with commas between them.
RUNS_CHOSEN = "r_runs"
RUNS_SEARCH = "r_search"
RUNS_QUANTITY = "r_show"
RUNS_SAID = "r_said"
RUNS_UPLOADS = "r_uploads"

# The Figure Z page.
Z_PROTOCOL = "protocol"
Z_PRESET = "preset"
Z_SCALE = "z_scale"
Z_METHODS = "z_methods"
Z_LENGTH = "z_length"
Z_MULTIPLES = "z_times"
Z_SEEDS = "seeds"
Z_DATA = "data"
Z_UPLOAD = "z_upload"
# What reading the last upload said against it, until it was shown.
Z_UPLOAD_SAID = "z_upload_said"
Z_TOKENIZER = "tokenizer"
Z_DEVICE = "z_device"
Z_METRIC = "metric"
Z_SPEED = "cost"
Z_CURVES = "curves"
Z_EVIDENCE = "evidence"
Z_SAMPLE = "sample"
Z_RUN_CHOSEN = "z_run_chosen"
Z_RUN_BOX = "z_run_box"


def z_param_key(method: str, param: str) -> str:
    """A method's parameter on the Figure Z page."""
    return f"z.{method}.{param}"


def z_size_key(name: str) -> str:
    """One of the sizes of a Figure Z run: width, layers, steps."""
    return f"z_{name}"


def runs_key(part: str, of: str) -> str:
    """The key of a widget that belongs to one run, or to one state of the history."""
    return f"r_{part}_{of}"


# The pages that look at attention share their source, the pinned pair and the colours.
LOOK_KIND = "source"
LOOK_DOCUMENT = "doc"
LOOK_TOKENS = "tokens"
LOOK_TEXT = "text"
LOOK_FRENCH = "french"
LOOK_MODEL = "model"
LOOK_ROLE = "of"
LOOK_LAYER = "layer"
LOOK_HEAD = "head"
LOOK_STRUCTURE = "structure"
LOOK_LENGTH = "drawn"
LOOK_KEYS = "drawn_keys"
LOOK_SPREAD = "spread"
LOOK_HEADS = "drawn_heads"
LOOK_HEAD_DIM = "drawn_width"
LOOK_SEED = "draw"
PIN_QUERY = "i"
PIN_KEY = "j"
MAP_SCALE = "colours"
MAP_CLIP = "clip"
MAP_HIDE = "sinks"
SOURCE_KEYS = (
    LOOK_KIND, LOOK_DOCUMENT, LOOK_TOKENS, LOOK_TEXT, LOOK_FRENCH, LOOK_MODEL, LOOK_ROLE, LOOK_LAYER, LOOK_HEAD,
    LOOK_STRUCTURE, LOOK_LENGTH, LOOK_KEYS, LOOK_SPREAD, LOOK_HEADS, LOOK_HEAD_DIM, LOOK_SEED, PIN_QUERY, PIN_KEY,
)  # fmt: skip
MAP_KEYS = MAP_SCALE, MAP_CLIP, MAP_HIDE
# Which page is drawn, by its address.
PAGE = "page"


# Self-attention, step by step.
STEPS_METHOD = "t_method"
# The step's address is its key, its button has a name: written to the URL by hand.
STEPS_STEP = "step"
STEPS_SHOWN = "t_step"
STEPS_TAB = "t_tab"
STEPS_TEMPERATURE = "t_temperature"
STEPS_UNSCALED = "t_unscaled"


# The Masks page; its patterns side by side are A to D, whose parameters are those of the page `ka` to `kd`.
K_LENGTH = "k.n"
K_PADDING = "k.padding"
K_CAUSAL = "k.causal"
K_PATTERNS = "k.patterns"
K_TAB = "k.tab"
# The pinned pair where the patterns have more tokens than the source.
K_QUERY = "k.i"
K_KEY = "k.j"
K_MEASURE = "k_measure"


def mask_method_key(label: str) -> str:
    """Which method the pattern with this letter is of."""
    return f"k{label.lower()}"


def look_param_key(page: str, method: str, param: str) -> str:
    """A method's parameter on one of the pages that look at attention; `page` is a letter."""
    return f"{page}.{method}.{param}"


def pin(query: int, key: int, keys: tuple[str, str] = (PIN_QUERY, PIN_KEY)) -> None:
    """Another pair becomes the pinned one. Only before the widgets are drawn: in a callback."""
    st.session_state[keys[0]], st.session_state[keys[1]] = query, key


# The Feature maps page.
F_METHOD = "f_method"
F_TAB = "f_tab"
F_ERROR = "f_error"
F_SEEDS = "f_seeds"
F_TIMES = "f_norms"

# The Low rank page.
R_METHOD = "r_method"
R_TAB = "r_tab"
R_RANK = "r_rank"


def repin(
    found: Mapping[str, object], query: str = "i", key: str = "j", keys: tuple[str, str] = (PIN_QUERY, PIN_KEY)
) -> None:  # fmt: skip
    """What a click in a chart selected becomes the pinned pair, or the part of it that was selected."""
    for field, name in zip((query, key), keys, strict=True):
        if field in found:
            st.session_state[name] = int(str(found[field]))


# The Attention matrices page. The part that is seen is written to the URL by hand, as i0-i1_j0-j1.
X_METHODS = "x_methods"
X_MODE = "x_error"
X_REDUCE = "x_pool"
X_DRAW = "x_draw"
X_VIEW = "x_view"
X_VIEWPORT = "x_viewport"
# What the page opens with, where its link says nothing of a part.
X_FIRST = "x_first"
X_ZOOM = "x_zoom"
X_HEADS = "x_heads"
X_TAB = "x_tab"
X_EXPORT = "x_export"

# The Trade-offs page: what a study measures, what is shown of the points, and the limits of a budget.
D_PRESET = "study"
D_METHODS = "d_methods"
D_LENGTHS = "d_lengths"
D_OTHER_LENGTHS = "d_other_lengths"
D_ROLE = "d_role"
D_PASS = "d_pass"
D_DEVICE = "d_device"
D_DTYPE = "d_dtype"
D_HEADS = "d_heads"
D_HEAD_DIM = "d_head_dim"
D_RUN_CHOSEN = "d_run_chosen"
D_RUN_BOX = "d_run_box"
D_SETTING = "d_setting"
D_SETTING_BOX = "d_setting_box"
D_X = "x"
D_Y = "y"
D_AT = "at"
# The lengths of a study that was started, until the first of them has a point.
D_AWAITED = "d_awaited"
D_SOURCE = "d_source"
D_HIDE = "d_hide"
D_OLDER = "d_older"
D_POINT = "point"
D_TAB = "d_tab"
D_BRING = "d_bring"
D_NEED_LENGTH = "need_n"
D_AGAINST = "against"
D_WHAT = "d_in"
D_OPERATOR = "d_cheap"
D_QUALITY = "d_dear"
D_COST = "d_cost"
D_PAPERS = "d_papers"


def need_key(axis: str) -> str:
    """The limit that a budget puts on one quantity."""
    return f"need.{axis}"
