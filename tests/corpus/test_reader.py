"""Whatever a user calls a CSV: its pairs, an account of what was left out, or one sentence."""

import csv
import gzip
import os
import re
import tracemalloc
import zipfile

import pytest

from attn_core.corpus import lines, records
from attn_core.corpus.document import Pair
from attn_core.corpus.lines import LONGEST
from attn_core.corpus.reader import CsvError, PairFile, Skipped

TWO = [Pair("a", "b"), Pair("c", "d")]


@pytest.fixture
def read(tmp_path):
    """Writes bytes or text to a file and reads it: its pairs and the report."""

    def reading(content: bytes | str, **options):
        path = tmp_path / "pairs.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        file = PairFile(path, **options)
        return list(file), file.report

    return reading


@pytest.fixture
def refused(read):
    """The one sentence that a file is refused with."""

    def refusing(content: bytes | str, **options) -> str:
        with pytest.raises(CsvError) as caught:
            read(content, **options)
        sentence = str(caught.value)
        assert "\n" not in sentence and sentence.endswith(".")
        return sentence

    return refusing


@pytest.mark.parametrize(
    "content",
    [
        "en,fr\na,b\nc,d\n",
        "en,fr\na,b\nc,d",
        "en,fr\r\na,b\r\nc,d\r\n",
        "en,fr\ra,b\rc,d\r",
        "\n\nen,fr\n\na,b\n\nc,d\n\n",
        '"en","fr"\n"a","b"\n"c","d"\n',
        " EN , Fr\na , b\n c,d \n",
        b"\xef\xbb\xbfen,fr\na,b\nc,d\n",
        b"\xef\xbb\xbf" + b'"en",fr\na,b\nc,d\n',
        "en,fr\na,b\nc,d\n".encode("utf-16"),
        b"\xfe\xff" + "en,fr\na,b\nc,d\n".encode("utf-16-be"),
        "en,fr\na,b\nc,d\n".encode("utf-32"),
        "fr,en\nb,a\nd,c\n",
    ],
)
def test_every_ordinary_way_to_write_it_is_read(read, content):
    found, report = read(content)
    assert found == TWO
    assert (report.read, report.skipped, report.first) == (2, 0, [])


def test_quotes_commas_and_line_ends_inside_a_cell_are_text(read):
    found, report = read(
        'en,fr\n"He said ""no"", twice.\nThen\r\nleft.","Il a dit « non ».\n"\nc,d\n'
    )
    assert found == [
        Pair('He said "no", twice.\nThen\r\nleft.', "Il a dit « non »."),
        Pair("c", "d"),
    ]
    assert report.skipped == 0


def test_formulas_are_text(read):
    found, _ = read('en,fr\n=1+1,"=SUM(A1)"\n@cmd,+33\n')
    assert found == [Pair("=1+1", "=SUM(A1)"), Pair("@cmd", "+33")]


def test_one_row_is_enough(read):
    assert read("en,fr\nélan,été")[0] == [Pair("élan", "été")]


def test_without_a_header_the_first_row_is_data(read):
    assert read("en,fr\na,b\n", header=False)[0] == [Pair("en", "fr"), Pair("a", "b")]


def test_other_columns_are_named_as_unused(read):
    found, report = read("id,fr,source,en\n1,b,x,a\n2,d,y,c\n")
    assert found == TWO
    assert report.note == "columns not used: 'id', 'source'"


def test_every_row_left_out_is_counted_with_its_line_and_reason(read):
    found, report = read(
        "en,fr\n"
        "a,b\n"
        "one\n"  # 3
        "one,two,three\n"
        " ,vide\n"
        "empty,\n"
        '"two\nlines",""\n'  # 7 and 8
        ",\n"
        'x,"y"z\n'
        "en,fr\n"
        "c,d\n"
    )
    assert found == TWO
    assert (report.read, report.skipped) == (2, 8)
    assert report.first == [
        Skipped(3, "1 column where there should be 2"),
        Skipped(4, "3 columns where there should be 2"),
        Skipped(5, "en is empty"),
        Skipped(6, "fr is empty"),
        Skipped(7, "fr is empty"),
    ]


def test_lines_are_counted_through_cells_of_several_lines(read):
    _, report = read('en,fr\n"a\n\n\nb",c\n,x\n')
    assert report.first == [Skipped(6, "en is empty")]


def test_a_repeated_header_is_left_out_and_said(read):
    found, report = read("en,fr\na,b\nEN, FR\nc,d\nen,fr\n")
    assert found == TWO
    assert report.skipped == 2
    assert report.note == "the header came again on line 3 and 1 more, and was left out"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quotation_mark_that_never_closes_costs_its_line_only(read, end):
    found, report = read('en,fr\na,b\n"open,x\n' + "c,d\n" * 30_000 + f'e,"f{end}')
    assert len(found) == 30_001
    assert report.first == [
        Skipped(3, "its quotation marks do not match"),
        Skipped(30_004, "its quotation marks do not match"),
    ]


def test_a_stray_quotation_mark_costs_its_line_only(read):
    found, report = read('en,fr\n"open,x\na,b\nfoo,"bar"\nc,d\n')
    assert found == [Pair("a", "b"), Pair("foo", "bar"), Pair("c", "d")]
    assert report.first == [Skipped(2, "its quotation marks do not match")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("length", [LONGEST + 1, lines.BLOCK, 2 * lines.BLOCK - 11, 3 << 20])
def test_a_line_without_end_is_left_out_and_reading_goes_on(read, length, end):
    # 2 blocks less 11: the block ends between the line's \r and what follows
    found, report = read("en,fr\na,b\n" + "x" * length + end + f",z{end}c,d{end}")
    assert found == TWO
    assert report.first == [
        Skipped(3, "the line is longer than 100,000 characters"),
        Skipped(4, "en is empty"),
    ]


def test_a_line_without_end_inside_quotation_marks_is_left_out_too(read):
    found, report = read('en,fr\na,b\n"open\n' + "x" * (2 << 20) + '\nc,d\n"')
    assert found == TWO
    assert [skipped.line for skipped in report.first] == [3, 4, 6]


@pytest.mark.parametrize("block", [1, 2, 3, 7])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_where_blocks_are_cut_changes_nothing(read, monkeypatch, block, end):
    monkeypatch.setattr(lines, "BLOCK", block)
    text = end.join(["en,fr", "é,è", '"a\r\nb",«c»', ",", "x,\0", "œ,d", ""])
    for encoding in ("utf-8", "utf-16"):
        found, report = read(text.encode(encoding))
        assert found == [Pair("é", "è"), Pair("a\r\nb", "«c»"), Pair("œ", "d")]
        assert [row.reason for row in report.first] == [
            "en and fr is empty",
            "it holds a NUL byte",
        ]
        assert report.first[0].line == 5


def test_latin_1_is_read_as_such_and_said(read):
    text = "en,fr\nsummer,été à la forêt\nheart,cœur « naïf » – 5 €\n"
    found, report = read(text.encode("cp1252"))
    assert found[1] == Pair("heart", "cœur « naïf » – 5 €")
    assert report.encoding == "cp1252"
    assert "Windows-1252" in report.note


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850", "koi8-r"])
def test_letters_that_would_have_to_be_guessed_are_refused(refused, encoding):
    text = "été forêt çà" if encoding != "koi8-r" else "привет"
    assert "save it as UTF-8" in refused(f"en,fr\na,{text}\n".encode(encoding))


def test_damaged_rows_of_a_utf_8_file_are_left_out(read):
    found, report = read(
        "en,fr\na,b\né,è\nx,y".encode() + b"\xff\nx\0,y\nx,y\xc3\nx,\xef\xbf\xbd\nc,d\n"
    )
    assert found == [Pair("a", "b"), Pair("é", "è"), Pair("c", "d")]
    assert report.first == [
        Skipped(4, "it holds bytes that are not utf-8"),
        Skipped(5, "it holds a NUL byte"),
        Skipped(6, "it holds bytes that are not utf-8"),
        Skipped(7, "it holds a character that an earlier program could not read (U+FFFD)"),
    ]


@pytest.mark.parametrize("block", range(1, 9))
def test_where_blocks_are_cut_hides_no_damage(read, monkeypatch, block):
    monkeypatch.setattr(lines, "BLOCK", block)
    found, report = read("en,fr\né,è\nx".encode() + b"\xff,\xc3\n" + "é,œuf\nà,ç\n".encode())
    assert found == [Pair("é", "è"), Pair("é", "œuf"), Pair("à", "ç")]
    assert report.first == [Skipped(3, "it holds bytes that are not utf-8")]


def test_damage_far_down_is_found_as_well(read, monkeypatch):
    monkeypatch.setattr(lines, "BLOCK", 1 << 12)
    rows = "é,è\n" * (1000)
    found, report = read(f"en,fr\n{rows}".encode() + b"a,\xe9t\xe9\nc,d\n")
    assert found[-1] == Pair("c", "d")
    assert report.first == [Skipped(len(found) + 1, "it holds bytes that are not utf-8")]


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "is empty"),
        (b"\xef\xbb\xbf", "holds no rows"),
        ("\n\n\n", "holds no rows"),
        ("en,fr\n", "has a header and no rows"),
        ("en\na\n", "columns of .* are 'en'; it needs one named en and one named fr"),
        ("Hello,Bonjour\n", "are 'Hello', 'Bonjour'; it needs"),
        ("en,en,fr\na,b,c\n", "it needs one named en"),
        ("en;fr\na;b\n", "separated by semicolons"),
        ("id\tFR\ten\na\tb\tc\n", "separated by tabs"),
        ("en|fr\na|b\n", "separated by vertical bars"),
        ("en,fr\n,x\n", "The only row .* cannot be used; line 2: en is empty"),
        ("en,fr\na\nb\n", "None of the 2 rows .* line 2: 1 column where"),
        (gzip.compress(b"en,fr\na,b\n", mtime=0), "compressed with gzip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (bytes(range(256)) * 8, "not text"),
        (b"\0" * 1000, "NUL bytes"),
        ("en,fr\na,b\n".encode("utf-16-le"), "UTF-16 without a byte-order mark"),
        ("x" * (LONGEST + 1), "Line 1 of .* longer than"),
        ('"en,fr\na,b\n', "Line 1 .* quotation marks do not match"),
        (",".join(f"c{i}" for i in range(5000)) + "\n", "and 4,992 more"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(refused, content, said):
    sentence = refused(content)
    assert len(sentence) < 600
    assert re.search(said, sentence), sentence


@pytest.mark.parametrize(
    "content, said",
    [
        ("a;b\nc;d\n", "separated by semicolons"),
        ("a, b, c\td\n", "separated by tabs"),
        ("x" * (LONGEST + 1), "holds no rows; line 1: the line is longer"),
        ("a\nb\n", "None of the 2 rows"),
    ],
)
def test_what_cannot_be_read_without_a_header_is_one_sentence(refused, content, said):
    assert said in refused(content, header=False)


def test_a_zip_is_named_even_as_csv(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.csv", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(CsvError, match="a zip archive or a spreadsheet"):
        PairFile(tmp_path / "x.csv")


@pytest.mark.parametrize("name, said", [(".", "a folder"), ("none.csv", "does not exist")])
def test_what_is_no_file_is_one_sentence(tmp_path, name, said):
    with pytest.raises(CsvError, match=said):
        PairFile(tmp_path / name)


@pytest.mark.parametrize("name", ["x\0y", "x" * 5000])
def test_an_impossible_name_is_one_sentence(name):
    with pytest.raises(CsvError, match="cannot be read"):
        PairFile(name)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CsvError, match="not a regular file"):
        PairFile(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("en,fr\na,b\n")
    file = PairFile(path)

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    for attempt in (lambda: PairFile(path), lambda: list(file)):
        with pytest.raises(CsvError, match="may not be read"):
            attempt()


def test_a_file_can_be_read_again_and_in_part(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("en,fr\na,b\n,\nc,d\n")
    file = PairFile(path)
    assert next(iter(file)) == Pair("a", "b")
    assert (file.report.read, file.report.skipped) == (1, 0)
    assert list(file) == list(file) == TWO
    assert (file.report.read, file.report.skipped) == (2, 1)


def test_progress_ends_at_the_size_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "BLOCK", 1 << 12)
    path = tmp_path / "x.csv"
    path.write_text("en,fr\n" + "a,b\n" * 2500)
    told = []
    list(PairFile(path, on_progress=lambda *pair: told.append(pair)))
    size = path.stat().st_size
    assert told == sorted(told) and len(told) == 3
    assert told[-1] == (size, size)


def test_what_the_csv_module_writes_comes_back(tmp_path):
    pairs = [Pair(f'He said "{i}", no?\nYes', f"« {i} », c'est d'accord") for i in range(500)]
    path = tmp_path / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["en", "fr"])
        writer.writerows((pair.en, pair.fr) for pair in pairs)
    assert list(PairFile(path)) == pairs


@pytest.mark.parametrize("filling", [b"hello,bonjour\n", b"x" * 1024, b'"', b'"open,x\n,y\n'])
def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch, filling):
    monkeypatch.setattr(lines, "BLOCK", 1 << 14)
    for module in (lines, records):
        monkeypatch.setattr(module, "LONGEST", 1 << 11)

    def peak(size: int) -> int:
        path = tmp_path / "x.csv"
        path.write_bytes(b"en,fr\na,b\n" + filling * (size // len(filling)) + b"\nc,d\n")
        file = PairFile(path)
        tracemalloc.start()
        try:
            for _ in file:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(1 << 19) < 1.2 * peak(1 << 17)
