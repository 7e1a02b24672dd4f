"""attn_core: attention and its approximations behind one contract, with their matrices and costs."""

from attn_core.contract import AttentionMethod, AttentionOp, Cost, Dims, Param, Role, Shape
from attn_core.matrix import MatrixView
from attn_core.memory import keep_freed_memory
from attn_core.methods import METHODS, get_method
from attn_core.patterns import Pattern

keep_freed_memory()

__version__ = "0.1.0"
__all__ = [
    "METHODS",
    "AttentionMethod",
    "AttentionOp",
    "Cost",
    "Dims",
    "MatrixView",
    "Param",
    "Pattern",
    "Role",
    "Shape",
    "get_method",
    "keep_freed_memory",
]
