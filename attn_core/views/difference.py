"""What a method's matrix has too much or too little, entry by entry."""

from __future__ import annotations

from torch import Tensor

from attn_core.matrix import MatrixView


class DifferenceView(MatrixView):
    """method − exact. A pair counts as allowed where either of the two allows it."""

    signed = True
    row_sums_to_one = False

    def __init__(self, method: MatrixView, exact: MatrixView) -> None:
        mine, other = (
            (method.batch, method.heads, method.shape),
            (exact.batch, exact.heads, exact.shape),
        )
        if mine != other:
            raise ValueError(
                f"a difference is of two matrices alike in batch, heads and shape, got {mine} and {other}"
            )
        self.method, self.exact = method, exact
        self.batch, self.heads, self.shape, self.device = *mine, method.device
        self.causal = method.causal and exact.causal

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        return self.method.read(i, j) - self.exact.read(i, j)

    def allowed(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor | None:
        masks = [view.allowed(i, j) for view in (self.exact, self.method)]
        return None if masks[0] is None or masks[1] is None else masks[0] | masks[1]

    def one(self, head: int, batch: int = 0) -> DifferenceView:
        return DifferenceView(self.method.one(head, batch), self.exact.one(head, batch))
