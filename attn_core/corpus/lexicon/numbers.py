"""Numbers, from two."""

from attn_core.corpus.lexicon.words import pairs

NUMBERS = pairs(
    """two:deux, three:trois, four:quatre, five:cinq, six:six, seven:sept, eight:huit, nine:neuf, ten:dix,
    eleven:onze, twelve:douze, fifteen:quinze, twenty:vingt, twenty-five:vingt-cinq, thirty:trente,
    forty:quarante, fifty:cinquante, sixty:soixante, seventy:soixante-dix, eighty:quatre-vingts,
    ninety:quatre-vingt-dix, a hundred:cent"""
)
