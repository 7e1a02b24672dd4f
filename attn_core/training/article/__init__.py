"""The published experiment behind Figure Z, repeated as it was described; see `protocol` for what was decided."""

from attn_core.training.article.protocol import DECISIONS
from attn_core.training.article.run import run_article

__all__ = ["DECISIONS", "run_article"]
