"""Nothing from a reader or a URL reaches the engine unchecked, and a refusal says what is allowed."""

import pytest

from attn_core import METHODS, Param
from dashboard.services import validation
from dashboard.services.validation import LENGTH, as_text, param_value, parse_param

METHOD = next(iter(METHODS.values()))
WINDOW = Param("window", 128, "How far a token sees.", minimum=0)
SCALES = Param("scales", (1, 4), "Pooling factors.", minimum=1)
KERNEL = Param("kernel", "softmax", "The kernel.", choices=("softmax", "relu"))
SHARE = Param("share", True, "One projection for both.")
DECAY = Param("decay", 0.5, "How fast the past fades.", minimum=0, maximum=1)


@pytest.mark.parametrize(
    ("text", "value"), [("16384", 16384), ("16,384", 16384), (" 1 000 ", 1000), ("4_096", 4096)]
)
def test_a_length_may_be_written_as_people_write_it(text, value):
    assert LENGTH.parse(text) == value


@pytest.mark.parametrize("text", ["-5", "0", "1048577", "nonsense", "", "1.5", "1e3", "９x"])
def test_a_bad_length_is_refused_naming_it_and_the_range(text):
    with pytest.raises(
        ValueError, match="N must be a whole number from 1 to 1,048,576"
    ) as refusal:
        LENGTH.parse(text)
    assert text.lstrip("0") in str(refusal.value).replace(",", "")


@pytest.mark.parametrize(
    ("reader", "options"),
    [
        (validation.method_named, METHODS),
        (validation.role_named, ("encoder", "decoder", "cross")),
        (validation.dtype_named, ("float32", "bfloat16", "float16", "float64")),
    ],
)
def test_an_unknown_name_is_refused_with_every_choice(reader, options):
    with pytest.raises(ValueError, match="'nonsense'") as refusal:
        reader("nonsense")
    assert all(option in str(refusal.value) for option in options)


@pytest.mark.parametrize(
    ("param", "text", "value"),
    [
        (WINDOW, "64", 64),
        (SCALES, "1, 4, 16", (1, 4, 16)),
        (SCALES, "(2,)", (2,)),
        (KERNEL, "relu", "relu"),
        (SHARE, "False", False),
        (DECAY, "0.25", 0.25),
    ],
)
def test_a_parameter_is_read_as_its_default_is(param, text, value):
    assert parse_param(METHOD, param, text) == value
    assert type(parse_param(METHOD, param, text)) is type(value)


@pytest.mark.parametrize(
    ("param", "text"),
    [
        (WINDOW, "-1"),
        (WINDOW, "wide"),
        (SCALES, "1, x"),
        (SCALES, ""),
        (SCALES, "0, 4"),
        (KERNEL, "cosine"),
        (SHARE, "perhaps"),
        (DECAY, "2"),
        (DECAY, "nan"),
    ],
)
def test_a_bad_parameter_is_refused_naming_it_and_what_is_allowed(param, text):
    with pytest.raises(ValueError, match=param.name) as refusal:
        parse_param(METHOD, param, text)
    assert param.allowed in str(refusal.value)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_default_survives_being_shown_and_read_back(method):
    for param in method.params:
        assert parse_param(method, param, as_text(param.default)) == param.default
        assert param_value(method, param, param.default) == param.default
