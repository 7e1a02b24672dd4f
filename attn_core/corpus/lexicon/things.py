"""Everything that a person of a document may own."""

from attn_core.corpus.lexicon.away import MOVING_AND_READ
from attn_core.corpus.lexicon.household import HOUSEHOLD
from attn_core.corpus.lexicon.kinds import Kind
from attn_core.corpus.lexicon.pleasures import PLEASURES

KINDS: list[Kind] = [*HOUSEHOLD, *MOVING_AND_READ, *PLEASURES]
KIND = {kind.name: kind for kind in KINDS}
