"""Which memory decodes which method.

constant    linear methods: sums of a fixed size, O(1) per token
cache       exact methods: every key and value, all read by every token
window      sparse patterns: every key and value, of which a token reads those its pattern names
recompute   grouping by content, and any other method: what depends on all tokens is found again for each
"""

from __future__ import annotations

from attn_core.contract import AttentionOp, Dims
from attn_core.methods import get_method
from attn_core.methods.flash import Flash
from attn_core.methods.multiscale import Multiscale
from attn_core.methods.reformer import Reformer
from attn_core.methods.softmax import Softmax
from attn_core.methods.ssd import StateSpaceDual
from attn_core.model.caches import Cache, Kind, Memoryless, Recompute, State
from attn_core.model.identity import Identity
from attn_core.model.linear_states import FeatureMapped, Recurrence, Sums
from attn_core.model.pattern_caches import BucketCache, LevelCache, PatternCache, Patterned


def state_for(op: AttentionOp, capacity: int) -> State:
    """The cheapest state that decodes this operator exactly, for texts of up to `capacity` tokens."""
    if isinstance(op, Identity):
        return Memoryless()
    if isinstance(op, StateSpaceDual):
        return Recurrence(op)
    if isinstance(op, FeatureMapped):
        return Sums(op)
    if isinstance(op, (Flash, Softmax)):
        return Cache(op, capacity)
    if isinstance(op, Multiscale):
        return LevelCache(op, capacity)
    if isinstance(op, Reformer):
        return BucketCache(op, capacity)
    return PatternCache(op, capacity) if isinstance(op, Patterned) else Recompute(op, capacity)


def decoding_state(method: str) -> Kind:
    """How a method decodes; a ValueError if it is no decoder."""
    definition = get_method(method)
    definition.check_role(1, 1, causal=True)
    return state_for(definition.build(Dims(1, 8, 8, 8)), 8).kind
