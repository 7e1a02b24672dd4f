"""Documents: what a probe promises, and that nothing but the noun sentences earlier answers it."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from itertools import islice
from math import sqrt
from random import Random

import pytest

from attn_core.corpus.documents import documents
from attn_core.corpus.grammar.mentions import RETURNS, introduction, mention
from attn_core.corpus.grammar.phrases import Phrase
from attn_core.corpus.lexicon.things import KINDS
from attn_core.corpus.shipped import DATA, DOCUMENTS, PAIRS, SEED, build, shipped

MANY = list(islice(documents(7), 700))
PROBES = [(document, probe) for document in MANY for probe in document.probes]
OPENINGS = [en[0].upper() + en[1:] for en, _ in RETURNS]
TWINS = {twin.en for kind in KINDS for twin in kind.twins}


def words(document, span, language):
    return getattr(document.pairs[span.sentence], language)[span.start : span.end]


def test_documents_are_of_many_lengths_with_enough_probes():
    lengths = [len(document.pairs) for document in MANY]
    assert min(lengths) == 8 and max(lengths) == 40
    assert sum(12 <= length <= 20 for length in lengths) > len(lengths) / 2
    assert min(len(document.probes) for document in MANY) >= 1
    assert len(PROBES) > 3 * len(MANY)


def test_spans_point_at_the_words():
    for document, probe in PROBES:
        assert words(document, probe.pronoun, "fr") == probe.gold
        assert words(document, probe.english, "en") == "it"
        assert {probe.gold, probe.other} == {"il", "elle"}
        assert (probe.gold == "elle") == (probe.gender == "f")


def test_evidence_is_the_noun_phrase_before_the_pronoun():
    nouns = {one.fr: one for kind in KINDS for one in kind.nouns}
    nouns |= {one.fr: one for kind in KINDS for twin in kind.twins for one in (twin.m, twin.f)}
    for document, probe in PROBES:
        (place,) = probe.evidence_fr
        text = words(document, place, "fr")
        masculine, feminine = ("du ", "au ", "de l'", "à l'"), ("de la ", "à la ", "de l'", "à l'")
        assert text.startswith(feminine if probe.gender == "f" else masculine)
        assert any(name in text for name in nouns) and place.sentence < probe.pronoun.sentence
        assert place.sentence == probe.evidence_en[0].sentence if probe.evidence_en else True


def test_only_french_tells_where_the_english_noun_has_two_names():
    for document, probe in PROBES:
        sentence = document.pairs[probe.evidence_fr[0].sentence].en
        tells = not any(re.search(rf"\b{re.escape(name)}\b", sentence) for name in TWINS)
        assert (probe.evidence == "both") == bool(probe.evidence_en)
        if probe.evidence == "target":
            assert not tells
        elif probe.evidence_en:
            before = document.pairs[probe.evidence_en[0].sentence].en[: probe.evidence_en[0].start]
            assert before.endswith("'s ")


def test_a_probe_is_the_first_mention_of_its_thing_and_its_noun_stands_nowhere_else():
    for document, probe in PROBES:
        start = probe.evidence_fr[0].sentence
        between = document.pairs[start + 1 : probe.pronoun.sentence]
        assert not any(f"{opening}it " in pair.en for pair in between for opening in OPENINGS)
        noun = words(document, probe.evidence_fr[0], "fr").split(" ", 1)[1]
        assert not any(re.search(rf"\b{re.escape(noun)}\b", pair.fr) for pair in between)


def test_a_return_belongs_to_the_topic_opened_last():
    for document in MANY:
        opened = [probe.evidence_fr[0].sentence for probe in document.probes]
        returned = [probe.pronoun.sentence for probe in document.probes]
        assert sorted(opened + returned) == [
            place for pair in zip(opened, returned, strict=True) for place in pair
        ]


def test_the_noun_nearest_to_the_pronoun_does_not_tell():
    """Things of both genders stand between: who looks no further than the last of them is right by chance."""
    counts = [0, 0]
    for document, probe in PROBES:
        between = document.pairs[probe.evidence_fr[0].sentence + 1 : probe.pronoun.sentence]
        articles = re.findall(r"\b(un|une|le|la|du|au)\b", " ".join(pair.fr for pair in between))
        if articles:
            counts[(articles[-1] in ("une", "la")) == (probe.gender == "f")] += 1
    assert sum(counts) > len(PROBES) / 2
    assert fair(counts[1], sum(counts))


def fair(feminine, total, sigmas=4.5):
    return abs(feminine - total / 2) <= sigmas * sqrt(total) / 2


@pytest.mark.parametrize(
    "by", ["name", "topic", "frame", "order", "evidence", "distance", "before"]
)
def test_gender_is_a_fair_coin_whatever_is_known_but_the_noun(by):
    counts = defaultdict(lambda: [0, 0])
    for document, probe in PROBES:
        intro = document.pairs[probe.evidence_fr[0].sentence].en
        asked = document.pairs[probe.pronoun.sentence].fr[: probe.pronoun.start]
        known = {
            "name": re.search(r"(\w+)'s ", intro)[1],  # pyright: ignore[reportOptionalSubscript]
            "topic": intro.split()[0],
            "frame": asked.split()[0],
            "order": document.probes.index(probe),
            "evidence": probe.evidence,
            "distance": probe.pronoun.sentence - probe.evidence_fr[0].sentence,
            "before": document.probes[document.probes.index(probe) - 1].gender
            if document.probes.index(probe)
            else "",
        }[by]
        counts[known][probe.gender == "f"] += 1
    assert all(fair(feminine, feminine + masculine) for masculine, feminine in counts.values())


def test_half_of_the_probes_have_their_evidence_in_french_alone():
    assert fair(sum(probe.evidence == "target" for _, probe in PROBES), len(PROBES))


def test_distances_vary():
    distances = [probe.pronoun.sentence - probe.evidence_fr[0].sentence for _, probe in PROBES]
    assert min(distances) == 1 and max(distances) >= 25 and len(set(distances)) > 18


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_other_gender_changes_the_pronoun_and_what_agrees_and_nothing_else(kind):
    for seed in range(40):
        he, she = (mention(Random(seed), feminine, kind) for feminine in (False, True))
        assert he[0] == she[0]
        assert he[1].split("\x01")[0] == she[1].split("\x01")[0]
        assert "\x01il\x02" in he[1] and "\x01elle\x02" in she[1]
    marie = Phrase("Marie", "Marie", feminine=True)
    twin = kind.twins[0]
    him, her = (introduction(Random(3), marie, one, kind) for one in (twin.m, twin.f))
    assert him[0] == her[0] and him[1] != her[1]


def test_no_sentence_stands_twice_in_a_document():
    assert all(len(set(document.pairs)) == len(document.pairs) for document in MANY)


def test_documents_repeat_in_another_process_whatever_the_hash_seed():
    code = (
        "import itertools, attn_core.corpus.documents as d; "
        "print(list(itertools.islice(d.documents(7), 5)))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        printed = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        assert printed.stdout.strip() == str(MANY[:5])


def test_seeds_differ():
    assert next(documents(1)) != next(documents(2))


def test_what_ships_is_large_distinct_and_reads_back():
    found = shipped()
    pairs = [pair for document in found for pair in document.pairs]
    assert len(pairs) >= 24_000 and len(set(pairs)) == len(pairs)
    for document in found:
        for probe in document.probes:
            assert words(document, probe.pronoun, "fr") == probe.gold
    assert (DATA / PAIRS).read_text().startswith("en,fr\n")
    assert len((DATA / DOCUMENTS).read_text().splitlines()) == len(found)


def test_the_grammar_still_writes_what_ships():
    written = documents(SEED, set())
    assert [next(written) for _ in range(60)] == shipped()[:60]


@pytest.mark.slow
def test_the_grammar_rebuilds_what_ships_byte_for_byte(tmp_path):
    build(tmp_path)
    for name in (PAIRS, DOCUMENTS):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"en_fr\.csv is not there"):
        shipped(tmp_path)


def test_a_shipped_line_is_plain_json():
    line = json.loads((DATA / DOCUMENTS).read_text().splitlines()[0])
    assert set(line) == {"pairs", "probes"}
