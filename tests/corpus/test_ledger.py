import json

import pytest

from songrnn.cli.corpus import Command, run
from songrnn.corpus.corpus import read_unsplit
from songrnn.corpus.ledger import MOST_VALUES, ledger_lines, ledger_of
from songrnn.corpus.settings import CorpusSettings, record_keeps_marks, recorded_settings
from songrnn.corpus.sources import read_sources


def tune(number: int, *fields: str) -> str:
    return "\n".join([f"X:{number}", *fields, "K:D", f"defg|{'ABcd'[number % 4]}2d2 | e4 |", ""])


@pytest.fixture
def folder(tmp_path):
    """Two files in a folder of their own, with a licence and what is no licence beside it."""
    (tmp_path / "books").mkdir()
    (tmp_path / "LICENSE.txt").write_text("Play them.\n")
    (tmp_path / "books" / "readme").write_text("Mine.")
    (tmp_path / "books" / "readme.py").write_text("no text of rights")
    first = [tune(1, "Z:Transcribed by A. Body, 1/9/99", "B:Old Book 12"), tune(2, "Z: A. Body <a.body@example.org>")]
    (tmp_path / "books" / "one.abc").write_text("\n".join(first))
    second = [tune(3, "Z:no.body@example.org", "S:Old Book p. 3"), tune(4, "Z:abc-copyright 2001 No Body", "S:")]
    (tmp_path / "books" / "two.abc").write_text("\n".join(second))
    return tmp_path


def test_a_ledger_counts_whom_the_tunes_name(folder):
    ledger = ledger_of(read_sources([str(folder)]))
    [entry] = ledger["folders"].values()
    assert (entry["files"], entry["tunes"]) == (2, 4)
    assert entry["transcribers"] == {"A. Body": 2, "no.body": 1, "abc-copyright No Body": 1}
    assert entry["books"] == {"(none)": 3, "Old Book": 1}
    assert entry["sources"] == {"(none)": 3, "Old Book": 1}
    assert entry["statements"] == {"Z:abc-copyright 2001 No Body": 1}


def test_a_ledger_has_the_licences_beside_the_files(folder):
    terms = ledger_of(read_sources([str(folder)]))["terms"]
    assert {file.removeprefix(str(folder)): one["text"] for file, one in terms.items()} == {
        "/LICENSE.txt": "Play them.\n",
        "/books/readme": "Mine.",
    }
    assert {one["characters"] for one in terms.values()} == {11, 5}


def test_the_rarest_values_are_summed_up(tmp_path):
    file = tmp_path / "many.abc"
    file.write_text("\n".join(tune(number, f"Z:{'ab'[number % 2]}{'x' * number}") for number in range(1, 41)))
    [entry] = ledger_of(read_sources([str(file)]))["folders"].values()
    assert len(entry["transcribers"]) == MOST_VALUES + 1
    assert entry["transcribers"]["(others)"] == 40 - MOST_VALUES


def test_the_record_of_a_corpus_holds_its_ledger_as_json(folder):
    corpus = read_unsplit(CorpusSettings(sources=(str(folder),)))
    record = json.loads(json.dumps(corpus.record()))
    assert record["ledger"] == ledger_of(read_sources([str(folder)]))
    first, *_ = ledger_lines(record["ledger"])
    assert first.endswith("books: 4 tunes, transcribed by A. Body (2), no.body (1), abc-copyright No Body (1)")
    assert ledger_lines({}) == []


def test_the_command_prints_the_ledger(folder, capsys):
    run(Command(corpus=CorpusSettings(sources=(str(folder),)), ledger=True))
    shown = capsys.readouterr().out
    for words in ("2 files, 4 tunes", "A. Body", "Old Book", "Play them.", "in 1 tunes: Z:abc-copyright", "left out"):
        assert words in shown
    assert "meter" not in shown


def test_the_command_says_that_there_is_no_licence(tmp_path, capsys):
    (tmp_path / "a.abc").write_text(tune(1))
    run(Command(corpus=CorpusSettings(sources=(str(tmp_path / "a.abc"),)), ledger=True))
    assert "no licence, readme or the like" in capsys.readouterr().out


def test_a_record_says_how_its_corpus_is_read_again(folder):
    for keep_marks in (True, False):
        settings = CorpusSettings(sources=(str(folder),), form="tunebook", keep_marks=keep_marks)
        corpus = read_unsplit(settings)
        assert recorded_settings(corpus.record()) == settings
        assert corpus.training[0].endswith("|B2d2 | e4 |\n" if keep_marks else "|B2d2|e4|\n")
        assert bool(corpus.left_out) != keep_marks


def test_older_records_are_of_texts_with_marks():
    assert record_keeps_marks({"sources": ["folk"], "form": "tunebook"})
    assert not record_keeps_marks({"keep_marks": False})
