"""What a teacher says of a batch is asked once, and is the same for every student."""

import pytest
import torch

from attn_core.model.config import Attention, Seq2SeqConfig
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.controlled.objectives import Taught, distil, transfer
from attn_core.training.material import Batch

CONFIG = Seq2SeqConfig(vocabulary=37, width=16, layers=1, heads=2, max_length=12)


def batch(*numbers: int) -> Batch:
    generator = torch.Generator().manual_seed(sum(numbers))
    source, target = torch.randint(3, 37, (2, len(numbers), 12), generator=generator)
    return Batch(source, target, target, source != 0, numbers)


class Asked(Seq2Seq):
    times = 0

    def forward(self, *given):
        self.times += 1
        return super().forward(*given)


@pytest.mark.parametrize("objective", [transfer, lambda taught: distil(taught, 2.0)])
def test_a_second_student_on_the_same_batch_does_not_ask_the_teacher_again(objective):
    teacher = Asked(CONFIG, 0).eval()
    student = Seq2Seq(CONFIG.with_method(Attention("kernelized")), 1)
    goal = objective(Taught(teacher))
    first = goal(student, batch(0, 1))
    assert torch.equal(first, goal(student, batch(0, 1)))
    assert teacher.times == 1
    goal(student, batch(1, 2))
    assert teacher.times == 2


@pytest.mark.parametrize("objective", [transfer, lambda taught: distil(taught, 2.0)])
def test_without_room_the_answers_are_the_same(objective):
    teacher = Asked(CONFIG, 0).eval()
    student = Seq2Seq(CONFIG.with_method(Attention("kernelized")), 1)
    kept, asked = objective(Taught(teacher)), objective(Taught(teacher, room=0))
    for one in (batch(0, 1), batch(0, 1)):
        assert torch.equal(kept(student, one), asked(student, one))
    assert teacher.times == 3


def test_rows_of_another_length_with_the_same_numbers_are_another_batch():
    taught = Taught(Seq2Seq(CONFIG, 0).eval())
    short = batch(0, 1)
    long = Batch(*(x.repeat(1, 2) for x in (short.source, short.entered, short.labels)),
                 keep=short.keep.repeat(1, 2), numbers=short.numbers)  # fmt: skip
    assert taught.states(short).shape != taught.states(long).shape


HELD = (
    "flash",
    "linformer",
    "performer",
    "kernelized",
    "longformer",
    "nystromformer",
    "reformer",
    "ssd",
)


@pytest.mark.parametrize("method", HELD)
def test_products_in_bf16_give_nearly_the_same_loss_and_slopes(method):
    """As a GPU computes them; here in bf16 on the CPU."""
    teacher = Seq2Seq(CONFIG, 0).eval()
    config = CONFIG.with_method(Attention(method))
    found = []
    for half in (False, True):
        student = Seq2Seq(config, 1)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss = distil(Taught(teacher), 2.0)(student, batch(0, 1))
        loss.backward()
        assert loss.dtype == torch.float32
        slopes = [x.grad.flatten() for x in student.parameters() if x.grad is not None]
        found.append((loss.detach(), torch.cat(slopes)))
    (full, wide), (rough, halved) = found
    torch.testing.assert_close(rough, full, rtol=0.02, atol=0.0)
    assert torch.nn.functional.cosine_similarity(wide, halved, dim=0) > 0.99
