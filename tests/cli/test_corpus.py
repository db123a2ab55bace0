import json
import random

import pytest

from songrnn.cli.corpus import Command, run
from songrnn.cli.main import main
from songrnn.corpus.corpus import read_corpus, read_tunes
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import CorpusError, SettingsError


def tune(number: int) -> str:
    body = "".join(random.Random(number).choices("CDEFGABcdefgab", k=50))
    return f"X:{number}\nT:Tune {number}\nR:Jig\nM:6/8\nL:1/8\nK:Edor\n{body}|\n"


@pytest.fixture
def book(tmp_path):
    file = tmp_path / "book.abc"
    file.write_text("\n".join(map(tune, range(1, 31))) + "\nX:99\nT:no key\ndef\n")
    return str(file)


def command(book: str, **values) -> Command:
    return Command(corpus=CorpusSettings(sources=(book,)), **values)


def test_a_corpus_is_described_in_tables(book, capsys):
    run(command(book, list_dropped=True))
    shown = capsys.readouterr().out
    for words in ("in tunebook form; files: 1 UTF-8", "training", "together", "no K: field", "6/8", "Edor", "jig"):
        assert words in shown
    assert f"{book}, number 31: no K: field" in shown


def test_the_description_for_programs_is_one_object(book, capsys):
    run(command(book, as_json=True, list_dropped=True))
    described = json.loads(capsys.readouterr().out)
    assert described["tunes"] == {"training": 26, "validation": 2, "test": 2}
    assert described["sha256"] == read_corpus(book).sha256
    assert (described["meter"], described["key"], described["rhythm"]) == ({"6/8": 30}, {"Edor": 30}, {"jig": 30})
    assert described["dropped_tunes"] == [{"source": book, "number": 31, "reason": "no K: field"}]
    assert described["note"] == ""


def test_a_packed_corpus_is_described_like_its_files(book, tmp_path, capsys):
    packed = str(tmp_path / "packed")
    run(command(book, as_json=True, pack=tmp_path / "packed"))
    assert json.loads(capsys.readouterr().out)["packed"] == packed
    described = []
    for source in (book, packed):
        run(command(source, as_json=True, list_dropped=True))
        described.append(json.loads(capsys.readouterr().out))
    assert described[0] == described[1]
    run(command(packed))
    assert "in tunebook form; files: 1 UTF-8" in capsys.readouterr().out


def test_packing_says_where_and_goes_with_no_other_output(book, tmp_path, capsys):
    run(command(book, pack=tmp_path / "packed"))
    assert f"packed in {tmp_path / 'packed'}: songrnn train {tmp_path / 'packed'}" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="--pack goes with no other output"):
        run(command(book, pack=tmp_path / "other", write=tmp_path / "written"))
    assert not (tmp_path / "other").exists()


def test_a_corpus_too_small_to_split_is_described_all_the_same(tmp_path, capsys):
    file = tmp_path / "one.abc"
    file.write_text(tune(1))
    run(command(str(file)))
    shown = capsys.readouterr().out
    assert "Edor" in shown
    assert "not split: the tunes cannot be split into training, validation" in shown


def test_written_tunes_read_back_the_same(book, tmp_path, capsys):
    run(command(book, write=tmp_path / "out"))
    corpus = read_corpus(book)
    for name in ("training", "validation", "test"):
        assert tuple(read_tunes([str(tmp_path / "out" / f"{name}.abc")], "tunebook")) == getattr(corpus, name)
    assert (tmp_path / "out" / "test.abc").read_text().startswith("X:1\nT:test 1\nR:jig\n")
    assert f"written to {tmp_path / 'out'}" in capsys.readouterr().out.replace("\n", " ")


def test_raw_tunes_are_written_with_their_markers(book, tmp_path):
    settings = CorpusSettings(sources=(book,), form="raw")
    run(Command(corpus=settings, write=tmp_path / "out"))
    corpus = read_corpus(settings)
    assert tuple(read_tunes([str(tmp_path / "out" / "training.txt")], "raw")) == corpus.training
    assert (tmp_path / "out" / "test.txt").read_text() == "".join(corpus.test)


def test_the_test_tunes_of_another_corpus_are_not_left_beside_new_ones(book, tmp_path):
    run(command(book, write=tmp_path / "out"))
    settings = CorpusSettings(sources=(book,), validation=book)
    with pytest.raises(CorpusError, match=r"test\.abc is left from another corpus"):
        run(Command(corpus=settings, write=tmp_path / "out"))


def test_the_command_line_reads_its_flags(book, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["corpus", book, "--form", "raw", "--test-share", "0", "--json"])
    assert ended.value.code == 0
    described = json.loads(capsys.readouterr().out)
    assert (described["form"], described["tunes"]["test"]) == ("raw", 0)


def test_a_mistake_is_one_line_and_status_two(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["corpus", "no-such-file.abc"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.strip().startswith("songrnn: 'no-such-file.abc' is neither a file")
