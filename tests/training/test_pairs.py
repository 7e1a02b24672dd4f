"""Which files a run can use, by one rule for each protocol, and what is said of the rows of the user's file."""

from __future__ import annotations

import pytest

from attn_core.corpus.reader import CsvError
from attn_core.training import material
from attn_core.training.material import Material, check_sources, pairs_used
from attn_core.training.pairs import LEAST_CONTROLLED
from attn_core.training.run import article_pairs
from attn_core.training.spec import FigureZSpec
from tests.training.test_controlled import TINY

ARTICLE = FigureZSpec.preset_of("article", "small")


@pytest.fixture
def own(tmp_path):
    """A file of so many pairs, with a header or without."""

    def written(pairs: int, header: str = "en,fr\n") -> str:
        path = tmp_path / "own.csv"
        lines = (f"the cat number {n} sleeps,le chat numéro {n} dort\n" for n in range(pairs))
        path.write_text(header + "".join(lines))
        return str(path)

    return written


def test_the_fewest_pairs_make_documents_for_all_three_uses(own):
    spec = TINY.changed(data=own(LEAST_CONTROLLED))
    check_sources(spec)
    found = Material(spec)
    assert all((found._train, found._choose, found._judge))


@pytest.mark.parametrize("refusing", [check_sources, Material])
def test_too_few_pairs_for_three_uses_are_refused_before_a_run_and_by_it(own, refusing):
    with pytest.raises(CsvError, match=r"has 32 usable pairs.* needs at least 33") as refused:
        refusing(TINY.changed(data=own(LEAST_CONTROLLED - 1)))
    assert len(str(refused.value).splitlines()) == 1


def test_a_file_without_a_header_is_the_articles_and_not_the_controlled_protocols(own):
    path = own(LEAST_CONTROLLED, header="")
    check_sources(ARTICLE.changed(data=path))
    pairs, note = article_pairs(ARTICLE.changed(data=path))
    assert pairs[0].en == "the cat number 0 sleeps"
    assert len(pairs) == ARTICLE.batch
    assert note.startswith("4 rows read, 0 skipped")
    with pytest.raises(CsvError, match="needs one named en and one named fr"):
        check_sources(TINY.changed(data=path))


def test_a_file_whose_header_is_followed_by_nothing_usable_is_refused_before_a_run(own, tmp_path):
    (tmp_path / "own.csv").write_text("a,b,c\nd,e,f\n")
    with pytest.raises(CsvError, match="None of the 2 rows"):
        check_sources(ARTICLE.changed(data=str(tmp_path / "own.csv")))


def test_a_note_says_where_reading_stopped_and_nothing_of_it_where_all_was_read(own, monkeypatch):
    monkeypatch.setattr(material, "JUDGED_TOKENS", 20)
    monkeypatch.setattr(material, "JUDGED_ROWS", 0)
    spec = TINY.changed(teacher_steps=1, transfer_steps=0, student_steps=1, data=own(0))
    most = pairs_used(spec)
    assert most == int((2 * TINY.batch * TINY.length + 400) * 0.15)
    for pairs, said in (
        (most - 1, f"{most - 1} rows read, 0 skipped"),
        (most + 1, f"{most} rows read, 0 skipped; reading stopped after {most} pairs, as many as this run uses"),
    ):  # fmt: skip
        own(pairs)
        assert Material(spec).note == said
