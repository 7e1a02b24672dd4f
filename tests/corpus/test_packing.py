"""Rows full of whole sentences, and probes that stand exactly where the pronoun is asked for."""

from dataclasses import replace
from itertools import chain, count

import numpy as np
import pytest

from attn_core.corpus.document import Document, Pair, Span
from attn_core.corpus.packing import decoder_input, pack
from attn_core.corpus.splits import pairs_as_documents, split
from attn_core.corpus.tokenizer import END, PAD, build_tokenizer, load_tokenizer
from tests.corpus.sentences import document, documents, texts

DOCUMENTS = documents(120)
LENGTH = 96


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    built = tmp_path_factory.mktemp("pieces")
    build_tokenizer(texts(DOCUMENTS), built, 600)
    return load_tokenizer(str(built))


@pytest.fixture(scope="module")
def packed(tokenizer):
    return pack(DOCUMENTS, tokenizer, LENGTH)


def test_rows_hold_every_sentence_once_in_order(packed):
    for side, name in enumerate(("en", "fr")):
        joined = " ".join(texts[side] for texts in packed.texts)
        assert joined == " ".join(
            getattr(pair, name) for found in DOCUMENTS for pair in found.pairs
        )


def test_a_row_is_the_tokens_of_its_text_then_the_end_then_padding(packed, tokenizer):
    assert packed.source.dtype == packed.target.dtype == np.int64
    for side, cells in enumerate((packed.source, packed.target)):
        assert cells.shape == (len(packed.texts), LENGTH)
        for row, both in zip(cells.tolist(), packed.texts, strict=True):
            ids = tokenizer.encode(both[side])
            assert row == [*ids, END, *[PAD] * (LENGTH - len(ids) - 1)]


def test_no_row_has_room_for_the_next_sentence(packed, tokenizer):
    sentences = [pair for found in DOCUMENTS for pair in found.pairs]
    taken = 0
    for source, target, (english, _) in zip(
        packed.source[:-1], packed.target[:-1], packed.texts[:-1], strict=True
    ):
        held = 0
        while " ".join(pair.en for pair in sentences[taken : taken + held]) != english:
            held += 1
        taken += held
        follower = sentences[taken]
        room = [LENGTH - np.count_nonzero(side) for side in (source, target)]
        need = [len(tokenizer.encode(text)) for text in (follower.en, follower.fr)]
        assert need[0] > room[0] or need[1] > room[1]


def test_long_rows_are_hardly_padded(tokenizer):
    # the last row is as full as the sentences that are left make it
    whole = pack(documents(400), tokenizer, 256, rows=20)
    real = np.count_nonzero(whole.target)
    assert len(whole.target) == 20
    assert 1 - real / whole.target.size < 0.06


def test_the_decoder_sees_the_labels_one_place_later(packed):
    shifted = decoder_input(packed.target)
    assert (shifted[:, 0] == PAD).all()
    assert (shifted[:, 1:] == packed.target[:, :-1]).all()


def test_a_probe_stands_where_gold_is_the_label(packed):
    assert packed.probes
    for probe in packed.probes:
        assert packed.target[probe.row, probe.position] == probe.gold != probe.other


def test_the_wrong_answer_is_the_other_gender_in_the_same_place(packed, tokenizer):
    for probe in packed.probes:
        words = {tokenizer.decode([probe.gold]), tokenizer.decode([probe.other])}
        assert words == {"il", "elle"}
        before = tokenizer.decode(packed.target[probe.row, : probe.position].tolist())
        assert before.endswith("dit qu'")


def test_distances_count_tokens_back_to_the_nearest_evidence(tokenizer):
    found = document(3, gap=4)
    (probe,) = pack([found], tokenizer, 256).probes
    french = [token for pair in found.pairs for token in words(tokenizer, pair.fr)]
    english = [token for pair in found.pairs for token in words(tokenizer, pair.en)]
    noun = {side: getattr(found.pairs[0], side).split()[-1].rstrip(".") for side in ("en", "fr")}
    pronoun = len(french) - 1 - french[::-1].index(found.probes[0].gold)
    it = len(english) - 1 - english[::-1].index("it")
    nearest = min(
        pronoun - french.index(noun["fr"].split("'")[-1]), it - english.index(noun["en"])
    )
    assert probe.distance == nearest
    # English that does not tell is no evidence
    silent = replace(found, probes=(replace(found.probes[0], evidence_en=(), evidence="target"),))
    (alone,) = pack([silent], tokenizer, 256).probes
    assert alone.distance == pronoun - french.index(noun["fr"].split("'")[-1])
    assert alone.evidence == "target"


def words(tokenizer, text):
    return [text[low:high].strip() for low, high in tokenizer.offsets(text)]


def test_the_nearest_of_several_evidences_counts(tokenizer):
    found = document(3, gap=4)
    (probe,) = found.probes
    near = Span(probe.pronoun.sentence - 1, 0, 3)
    closer = replace(
        found, probes=(replace(probe, evidence_fr=(*probe.evidence_fr, near), evidence_en=()),)
    )
    (seen,) = pack([closer], tokenizer, 256).probes
    cut = words(tokenizer, found.pairs[-2].fr)
    assert seen.distance < len(cut) + len(words(tokenizer, found.pairs[-1].fr))


@pytest.mark.parametrize("missing", [{}, {"evidence_en": ()}, {"evidence_fr": ()}])
def test_a_probe_whose_evidence_is_in_another_row_is_not_asked(tokenizer, missing):
    found = document(5, gap=6)
    found = replace(found, probes=(replace(found.probes[0], **missing),))
    whole = pack([found], tokenizer, 256)
    apart = pack([found], tokenizer, 64)
    assert len(whole.source) == 1 < len(apart.source)
    assert len(whole.probes) == 1
    assert apart.probes == ()


def test_evidence_of_another_document_does_not_count(packed):
    counted = {probe.row for probe in packed.probes}
    assert counted <= set(range(len(packed.texts)))
    assert len(packed.probes) < len(DOCUMENTS)  # documents that a row's end cuts have none


def test_an_endless_stream_is_read_as_far_as_the_rows_need(tokenizer):
    def endless():
        yield from documents(100)
        pytest.fail("read on without need")

    assert len(pack(endless(), tokenizer, LENGTH, rows=7).source) == 7


def test_the_first_rows_are_the_same_whether_or_not_more_follow(packed, tokenizer):
    fewer = pack(DOCUMENTS, tokenizer, LENGTH, rows=5)
    assert (fewer.source == packed.source[:5]).all()
    assert fewer.texts == packed.texts[:5]
    assert fewer.probes == tuple(probe for probe in packed.probes if probe.row < 5)


def test_a_sentence_longer_than_a_row_is_counted(tokenizer):
    long = Document((Pair("a " * 200, "b"), Pair("Short.", "Court.")), ())
    packed = pack([long], tokenizer, LENGTH)
    assert packed.too_long == 1
    assert packed.texts == (("Short.", "Court."),)


def test_no_documents_are_no_rows(tokenizer):
    assert pack([], tokenizer, LENGTH).source.shape == (0, LENGTH)


def test_a_probe_that_disagrees_with_its_text_is_refused(tokenizer):
    found = document(3)
    wrong = replace(found, probes=(replace(found.probes[0], gold="elles"),))
    with pytest.raises(ValueError, match="'elles'"):
        pack([wrong], tokenizer, 256)


@pytest.mark.parametrize("size", [3, 20, 119, 120])
def test_splits_share_no_document_and_lose_none(size):
    parts = split(DOCUMENTS[:size], seed=4)
    assert sorted(map(id, chain(*parts))) == sorted(map(id, DOCUMENTS[:size]))
    assert all(parts)
    assert parts == split(DOCUMENTS[:size], seed=4)
    if size > 100:
        assert parts != split(DOCUMENTS[:size], seed=5)
        assert [len(part) for part in parts[1:]] == [6, 6]


def test_two_documents_cannot_be_split():
    with pytest.raises(ValueError, match="at least 3"):
        split(DOCUMENTS[:2])


def test_consecutive_pairs_form_a_document_and_no_more_is_read_than_asked():
    read = []
    endless = (read.append(i) or Pair(f"a {i}", f"b {i}") for i in count())
    found = list(pairs_as_documents(endless, size=4, limit=10))
    assert [len(one.pairs) for one in found] == [4, 4, 2]
    assert len(read) == 10
    assert found[1].pairs[0] == Pair("a 4", "b 4")
