"""The losses hold against their plain formulas, and never hold all logits."""

from __future__ import annotations

# Tensors are unpacked into arguments, which pyright cannot count.
# pyright: reportCallIssue=false, reportOptionalMemberAccess=false
# pyright: reportOptionalSubscript=false, reportArgumentType=false
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attn_core.training.losses import chunked_loss
from attn_core.training.scores import token_scores
from attn_core.training.squared_error import chunked_mse

TOKENS, WIDTH, WORDS, CHUNK = 60, 6, 45, 16


def drawn(dtype: torch.dtype = torch.float64, tokens: int = TOKENS, words: int = WORDS):
    """A student's hidden, weight and bias, labels with padding among them, and a teacher wider than it."""
    student = [torch.randn(tokens, WIDTH), torch.randn(words, WIDTH), torch.randn(words)]
    teacher = [torch.randn(tokens, 9), torch.randn(words, 9), torch.randn(words)]
    labels = torch.randint(0, words, (tokens,))
    labels[::7] = 0
    student = [x.to(dtype).requires_grad_() for x in student]
    return student, labels, [x.to(dtype) for x in teacher]


def plain(student, labels, teacher, ce, kl, temperature, ignore):
    """Everything at once, as a textbook has it."""
    rows = torch.ones_like(labels, dtype=torch.bool) if ignore is None else labels != ignore
    logits = (student[0] @ student[1].T + student[2])[rows]
    taught = (teacher[0] @ teacher[1].T + teacher[2])[rows]
    first = F.cross_entropy(logits, labels[rows])
    second = F.kl_div(
        (logits / temperature).log_softmax(-1),
        (taught / temperature).softmax(-1),
        reduction="batchmean",
    )
    return ce * first + kl * temperature**2 * second, first, second


class Largest(TorchDispatchMode):
    """The number of elements of the largest tensor that any operation gave."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        sizes = [x.numel() for x in tree_leaves(out) if isinstance(x, Tensor)]
        self.elements = max(self.elements, *sizes, 0) if sizes else self.elements
        return out


@pytest.mark.parametrize("ignore", [0, None])
@pytest.mark.parametrize(
    ("ce", "kl", "temperature"), [(1.0, 0.0, 1.0), (0.5, 0.5, 3.0), (0.0, 1.0, 2.0)]
)
def test_loss_and_gradients_are_those_of_the_plain_formula(ce, kl, temperature, ignore):
    student, labels, teacher = drawn()
    expected = plain(student, labels, teacher, ce, kl, temperature, ignore)
    wanted = torch.autograd.grad(expected[0], student)
    found = chunked_loss(
        *student[:2], labels, *teacher[:2], bias=student[2], teacher_bias=teacher[2],
        ce=ce, kl=kl, temperature=temperature, ignore=ignore, chunk=CHUNK,
    )  # fmt: skip
    got = torch.autograd.grad(found.loss * 1.0, student)
    torch.testing.assert_close(found.loss, expected[0])
    torch.testing.assert_close(found.ce, expected[1])
    if kl:
        torch.testing.assert_close(found.kl, expected[2])
    torch.testing.assert_close(got, wanted)


def test_finite_differences_agree_with_the_gradients():
    student, labels, teacher = drawn(tokens=10, words=7)

    def loss(hidden, weight, bias):
        return chunked_loss(
            hidden,
            weight,
            labels,
            *teacher[:2],
            bias=bias,
            ce=0.5,
            kl=0.5,
            temperature=3.0,
            chunk=4,
        ).loss

    assert torch.autograd.gradcheck(loss, tuple(student))


def test_an_upstream_factor_scales_the_gradients():
    student, labels, _ = drawn()
    loss = chunked_loss(*student[:2], labels).loss
    once = torch.autograd.grad(loss, student[:2], retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(3 * loss, student[:2]), [3 * g for g in once])


def test_no_tensor_is_as_large_as_all_logits():
    student, labels, teacher = drawn(torch.float32, tokens=600, words=500)
    with Largest() as largest:
        losses = chunked_loss(
            *student[:2], labels, *teacher[:2], ce=0.5, kl=0.5, temperature=2.0, chunk=CHUNK
        )
        losses.loss.backward()
        token_scores(*student[:2], labels, *teacher[:2], chunk=CHUNK)
        chunked_mse(*student, *(x[:, :WIDTH] if x.dim() == 2 else x for x in teacher)).backward()
    assert largest.elements <= max(CHUNK * 500, 600 * (2 * 9 + 1))


def test_padding_gives_nothing_takes_nothing_and_gets_no_gradient():
    student, labels, teacher = drawn()
    labels[:] = 0
    labels[3] = 5
    with torch.no_grad():
        student[0][labels == 0] = torch.nan
    loss = chunked_loss(*student[:2], labels, *teacher[:2], kl=1.0).loss
    loss.backward()
    assert loss.isfinite() and student[1].grad.isfinite().all()
    assert (student[0].grad[labels == 0] == 0).all()
    assert (student[0].grad[3] != 0).any()


def test_a_batch_of_padding_alone_has_no_loss():
    student, labels, _ = drawn()
    found = chunked_loss(*student[:2], torch.zeros_like(labels))
    found.loss.backward()
    assert found.loss == 0 and (student[0].grad == 0).all()


def test_bf16_logits_are_not_rounded():
    student, labels, teacher = drawn(torch.bfloat16)
    exact = [x.detach().double().requires_grad_() for x in student]
    terms = {"ce": 0.5, "kl": 0.5, "temperature": 3.0, "chunk": CHUNK}
    found = chunked_loss(*student[:2], labels, *teacher[:2], bias=student[2], **terms)
    wanted = chunked_loss(
        *exact[:2], labels, *(x.double() for x in teacher[:2]), bias=exact[2], **terms
    )
    assert found.loss.dtype == torch.float32
    torch.testing.assert_close(found.loss.double(), wanted.loss, rtol=1e-5, atol=1e-5)
    found.loss.backward()
    wanted.loss.backward()
    for got, true in zip(student, exact, strict=True):
        assert got.grad.dtype == torch.bfloat16
        torch.testing.assert_close(got.grad.double(), true.grad, rtol=0.02, atol=1e-3)


def test_scores_are_sums_of_the_plain_formulas():
    student, labels, teacher = drawn()
    found = token_scores(
        *student[:2], labels, *teacher[:2], bias=student[2], teacher_bias=teacher[2], chunk=CHUNK
    )
    _, ce, kl = plain(student, labels, teacher, 1.0, 0.0, 1.0, 0)
    best = (student[0] @ student[1].T + student[2]).argmax(-1)
    assert found.count == int((labels != 0).sum())
    assert found.correct == int(((best == labels) & (labels != 0)).sum())
    torch.testing.assert_close(found.ce / found.count, ce.detach())
    torch.testing.assert_close(found.kl / found.count, kl.detach())


@pytest.mark.parametrize("apart", [1.0, 1e-4])
def test_squared_error_without_logits_is_that_of_the_logits(apart):
    student, _, _ = drawn(torch.float32)
    target = [x.detach() + apart * torch.randn_like(x) for x in student]
    exact = [x.detach().double().requires_grad_() for x in student]
    far = [x.double() for x in target]
    wanted = F.mse_loss(exact[0] @ exact[1].T + exact[2], far[0] @ far[1].T + far[2])
    found = chunked_mse(*student, *target)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=0.0)
    got = torch.autograd.grad(found, student)
    for mine, true in zip(got, torch.autograd.grad(wanted, exact), strict=True):
        torch.testing.assert_close(
            mine.double(), true, rtol=1e-3, atol=float(true.abs().max()) * 1e-4
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"temperature": 0.0}, "temperature must be above 0, got 0.0"),
        ({"kl": 1.0, "teacher_weight": None, "teacher_hidden": None}, "needs a teacher"),
        ({"teacher_weight": None}, "both its hidden states and its weight"),
        ({"labels": torch.zeros(3, dtype=torch.long)}, "one per token, 60"),
        ({"teacher_hidden": torch.zeros(3, 9)}, "got 3 and 45"),
        ({"weight": torch.zeros(45, 7)}, "hidden must be"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(change, said):
    student, labels, teacher = drawn()
    given = {
        "hidden": student[0], "weight": student[1], "labels": labels,
        "teacher_hidden": teacher[0], "teacher_weight": teacher[1],
    }  # fmt: skip
    with pytest.raises(ValueError, match=said):
        chunked_loss(**(given | change))
