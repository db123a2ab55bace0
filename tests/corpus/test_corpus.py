import dataclasses
import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from songrnn.corpus.census import NONE, UNKNOWN, field_counts
from songrnn.corpus.corpus import Drop, read_corpus, read_tunes, read_unsplit
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import CorpusError, SettingsError
from tiny import TUNES, abc_file_of

BODIES = ["".join(random.Random(seed).choices("CDEFGABcdefgab", k=50)) for seed in range(40)]  # no two are variants


def tunebook(bodies=BODIES) -> str:
    return "\n".join(
        f"X:{number}\nT:Tune {number}\nR:Reel\nM:C|\nL:1/8\nK:D\n{body}|\n" for number, body in enumerate(bodies, 1)
    )


@pytest.fixture
def book(tmp_path):
    file = tmp_path / "book.abc"
    file.write_text(tunebook())
    return str(file)


@pytest.fixture
def marked(tmp_path):
    file = tmp_path / "marked.txt"
    file.write_text("".join(f"<start>\nX:{n}\nK:D\n{body}\n<end>\n" for n, body in enumerate(BODIES, 1)))
    return str(file)


def test_a_tunebook_is_read_in_tunebook_form_and_split(book):
    corpus = read_corpus(book)
    assert corpus.form == "tunebook"
    assert [len(side) for side in (corpus.training, corpus.validation, corpus.test)] == [36, 2, 2]
    assert corpus.training[0].startswith("R:reel\nM:2/2\nL:1/8\nK:Dmaj\n")
    assert corpus.encodings == {book: "UTF-8"}
    assert read_corpus([book]).sha256 == read_corpus(CorpusSettings(sources=(book,))).sha256 == corpus.sha256


def test_a_marked_file_is_read_raw_and_gives_itself_back(marked):
    corpus = read_unsplit(CorpusSettings(sources=(marked,)))
    assert corpus.form == "raw"
    assert "".join(corpus.training) == Path(marked).read_text()
    assert corpus.dropped == {}


def test_the_form_can_be_chosen_against_the_file(book, marked):
    assert read_tunes([marked], "tunebook")[0] == f"M:none\nL:1/8\nK:Dmaj\n{BODIES[0]}\n"
    raw = read_unsplit(CorpusSettings(sources=(book,), form="raw"))
    assert raw.training[0] == f"<start>\nX:1\nT:Tune 1\nR:Reel\nM:C|\nL:1/8\nK:D\n{BODIES[0]}|\n<end>\n"


def test_marked_and_plain_files_together_are_read_in_tunebook_form(book, marked):
    assert read_corpus([marked, book]).form == "tunebook"


def test_a_validation_file_is_used_and_nothing_is_split(book, tmp_path):
    held_out = tmp_path / "held-out.abc"
    held_out.write_text("X:1\nK:G\ngabg\n")
    corpus = read_corpus(CorpusSettings(sources=(book,), validation=str(held_out)))
    assert (len(corpus.training), corpus.validation, corpus.test) == (40, ("M:none\nL:1/8\nK:Gmaj\ngabg\n",), ())
    assert list(corpus.encodings) == [book, str(held_out)]


def test_each_dropped_tune_has_its_place_and_reason(tmp_path):
    file = tmp_path / "mixed.abc"
    file.write_text("X:1\nK:D\ndef\n\nX:2\ndef\n\nX:3\nK:D\ndef\n\nX:4\nT:again\nK:Dmaj\ndef\n")
    corpus = read_unsplit(CorpusSettings(sources=(str(file),)))
    assert corpus.training == ("M:none\nL:1/8\nK:Dmaj\ndef\n",)
    assert corpus.drops == (
        Drop(str(file), 2, "no K: field"),
        Drop(str(file), 3, "same as an earlier tune"),
        Drop(str(file), 4, "same as an earlier tune"),
    )
    assert list(corpus.dropped.items()) == [("same as an earlier tune", 2), ("no K: field", 1)]


def test_raw_form_keeps_a_tune_that_stands_twice_and_drops_text_outside(tmp_path):
    file = tmp_path / "twice.txt"
    file.write_text("<start>\ndef\n<end>\nwords\n<start>\ndef\n<end>\n<start>\n<end>\n")
    corpus = read_unsplit(CorpusSettings(sources=(str(file),)))
    assert corpus.training == ("<start>\ndef\n<end>\n",) * 2
    assert corpus.dropped == {"text outside <start> and <end>": 1, "empty tune": 1}


def test_the_record_counts_every_tune_and_character(book):
    corpus = read_corpus(book)
    record = corpus.record()
    assert record["tunes"] == {"training": 36, "validation": 2, "test": 2}
    assert record["characters"]["validation"] == sum(len(text) for text in corpus.validation)
    assert (record["form"], record["sources"], record["dropped"]) == ("tunebook", [book], {})
    assert record["sha256"] == corpus.sha256


def test_the_hash_changes_with_the_texts_the_form_and_the_sides(book, tmp_path):
    other = tmp_path / "other.abc"
    other.write_text(tunebook([*BODIES[:-1], BODIES[-1] + "C"]))
    copy = tmp_path / "copy.abc"
    copy.write_text(tunebook())
    hashes = [
        read_corpus(book).sha256,
        read_corpus(str(other)).sha256,
        read_corpus(CorpusSettings(sources=(book,), form="raw")).sha256,
        read_corpus(CorpusSettings(sources=(book,), split_seed=1)).sha256,
    ]
    hashes.append(dataclasses.replace(read_corpus(book), form="raw").sha256)
    assert len(set(hashes)) == len(hashes)
    assert read_corpus(str(copy)).sha256 == hashes[0]


def test_the_split_does_not_depend_on_the_hash_seed_of_the_process(book):
    program = "import sys; from songrnn.corpus.corpus import read_corpus; print(read_corpus(sys.argv[1]).sha256)"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program, book],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert hashes == {read_corpus(book).sha256 + "\n"}


def test_a_corpus_in_which_no_tune_survives_gives_the_reasons(tmp_path):
    file = tmp_path / "bad.abc"
    file.write_text("X:1\ndef\n\nX:2\nK:D\nz\n\nX:3\nabc\n")
    with pytest.raises(CorpusError, match=r"no tune could be kept of .*bad\.abc: no K: field \(2\), no notes \(1\)$"):
        read_corpus(str(file))


def test_a_text_without_any_tune_says_what_was_looked_for(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader,\n")
    with pytest.raises(CorpusError, match=r"no line begins with X: and none is <start>"):
        read_corpus(str(file))


def test_an_unknown_form_of_held_out_tunes_is_refused(book):
    with pytest.raises(CorpusError, match=r"one of raw, tunebook, not 'cooked'"):
        read_tunes([book], "cooked")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"validation_share": 0}, "validation_share is 0, but"),
        ({"test_share": 0.5}, "test_share is 0.5, but"),
        ({"sources": ()}, "sources is"),
        ({"split_seed": -1}, "split_seed is -1, but"),
        ({"shuffle": True}, "has no setting 'shuffle'"),
    ],
)
def test_settings_out_of_range_are_refused(values, message):
    with pytest.raises(SettingsError, match=message):
        CorpusSettings(**values)


def test_fields_are_counted_by_canonical_value_in_both_forms():
    tunes = ["R:reel\nM:4/4\nL:1/8\nK:Dmaj\nd\nK:Gmaj\ng\n", "<start>\nX:1\nM:C\nK:D major\nd\n<end>\n", "K:odd\nd\n"]
    assert field_counts(tunes, "K") == {"Dmaj": 2, UNKNOWN: 1}
    assert field_counts(tunes, "M") == {"4/4": 2, NONE: 1}
    assert field_counts(tunes, "R") == {NONE: 2, "reel": 1}


@pytest.mark.skipif(importlib.util.find_spec("music21") is None, reason="music21 is not installed")
def test_the_folk_collections_are_clean():
    corpus = read_corpus("folk")
    texts = [*corpus.training, *corpus.validation, *corpus.test]
    assert len(texts) > 4_200
    assert set(corpus.dropped) == {"same as an earlier tune", "several voices", "unknown key"}
    assert len(set("".join(texts))) <= 80
    assert set("".join(texts)) == set("".join(corpus.training))


def test_training_tunes_keep_their_names_and_the_hash_does_not_know_them(tmp_path):
    path = tmp_path / "tunes.abc"
    path.write_text(abc_file_of())
    corpus = read_corpus(str(path))
    place = {tune: number for number, tune in enumerate(TUNES, start=1)}
    assert corpus.names == tuple(f"Tune {place[tune]} (tunes.abc {place[tune]})" for tune in corpus.training)
    assert dataclasses.replace(corpus, names=()).sha256 == corpus.sha256
