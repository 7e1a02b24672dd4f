"""What the Attention matrices page saves is what it shows: cells, or a number for each query."""

from io import BytesIO

import numpy as np
import pytest

from attn_core.sources import SourceSpec
from dashboard.components import matrix_exports as exports
from dashboard.components.matrix_controls import Chosen
from dashboard.components.source_picker import Looked
from dashboard.figures.matrix_map import Look
from dashboard.services import viewport
from dashboard.services.matrices import beside
from dashboard.services.matrix_fidelity import in_part
from dashboard.services.matrix_scene import MODES
from dashboard.services.sources import source_of

LENGTH = 600
ROWS = [name for name, mode in MODES.items() if mode.kind == "rows"]


@pytest.fixture(scope="module")
def looked() -> Looked:
    spec = SourceSpec("synthetic", length=LENGTH, heads=1, head_dim=16)
    return Looked(source_of(spec), 0, 3, 2)


@pytest.mark.parametrize("mode", ROWS)
def test_an_error_that_is_a_number_a_row_is_saved_as_that_number(looked, mode):
    one = beside(looked.source, 0, "bigbird", {"block": 16, "random": 2})
    chosen = Chosen([one], [], mode, "mean", Look(), True)
    part = viewport.parse("100-400_0-600", LENGTH, LENGTH)
    rows = in_part(looked.source, 0, one, part, brief=False)
    expected = MODES[mode].pick(rows)
    assert expected is not None
    figure = exports._row_figure(looked, part, rows, MODES[mode], one.given)
    table = figure.rows
    assert (table["i"].min(), table["i"].max()) == (100, 399)
    known = {int(i): float(value) for i, value in zip(rows.index, expected, strict=True)}
    for i, value, kind in zip(table["i"], table["value"], table["state"], strict=True):
        assert value == known[i] if kind == "finite" else np.isinf(known[i])
    saved = np.load(BytesIO(exports._npz(looked, chosen, part, {one.spec.id: rows})))
    assert saved["rows"].tolist() == table["i"].tolist()
    assert np.array_equal(saved[f"bigbird {mode}"], [known[int(i)] for i in saved["rows"]])
    assert saved["exact"].shape == (300, LENGTH)
    # On paper no more bars than can be told apart.
    drawn = figure.chart.to_dict()["datasets"].values()
    assert max(map(len, drawn)) <= exports.MOST_BARS and "is drawn" in figure.note
