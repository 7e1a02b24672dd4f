"""Amounts read as people write them: three digits, a unit, no exponent."""

import pytest

from attn_core.amounts import flops, off, seconds, size

GIB = 2**30


@pytest.mark.parametrize(
    ("value", "text"),
    [(999, "999 FLOP"), (1000, "1.00 kFLOP"), (8.59e9, "8.59 GFLOP"), (549.8e9, "550 GFLOP"),
     (999_600, "1.00 MFLOP"), (7.5558e22, "75.6 ZFLOP")],
)  # fmt: skip
def test_flops_have_three_digits_and_a_unit(value, text):
    assert flops(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(512, "512 B"), (1024, "1.00 KiB"), (32.5 * 2**20, "32.5 MiB"), (16 * GIB, "16.0 GiB"),
     (2000 * GIB, "1.95 TiB")],
)  # fmt: skip
def test_sizes_are_in_binary_units(value, text):
    assert size(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(61.2, "61.2 s"), (1.0, "1.00 s"), (0.99951, "1.00 s"), (0.0123, "12.3 ms"),
     (4.5e-6, "4.50 µs"), (2e-9, "2.00 ns")],
)  # fmt: skip
def test_times_take_the_unit_that_keeps_them_above_one(value, text):
    assert seconds(value) == text


def test_a_share_of_many_times_the_whole_is_said_as_a_multiple():
    shares = 0.0123, 1.55, 9.99, 349.24
    assert [off(share) for share in shares] == ["1.23%", "155%", "999%", "349×"]
