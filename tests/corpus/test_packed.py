"""A packed corpus is the corpus of its files; what is damaged is named, and nothing half-written stays."""

import errno
import json
import pickle
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from songrnn.corpus.corpus import Corpus, read_corpus
from songrnn.corpus.packed import cleaned, pieces
from songrnn.corpus.packed import pack as packing
from songrnn.corpus.packed.folder import corpus_of, open_packed
from songrnn.corpus.packed.minhash import families_by_minhash
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.packed.pieces import tunes_of
from songrnn.corpus.packed.seen import SeenTexts
from songrnn.corpus.settings import CorpusSettings
from songrnn.corpus.sources import read_sources
from songrnn.corpus.variants import Melodies, families_of
from songrnn.errors import CorpusError, RunError
from tiny import TUNES

AWKWARD = """%abc-2.1
M:6/8
Z:A Transcriber

free text

X:1
T:Éva’s Jig
K:D
|:DFA dfa|gec dAF:|
X:2
T:The Same
K:D
|:DFA dfa|gec dAF:|

X:3
%%begintext

X:9 is no tune
%%endtext
T:No key

X:4
K:G
|:GBd gbd|ecA fdA:|
hello, this is text

 X:5
M:4/4
L:1/8
K:Am
A2eA cAeA|B2dB GBdB|A2eA cAeA|BAGB A4|
"""


def book(path: Path) -> Path:
    texts = [f"X:{number}\nT:Tune {number}\n{tune}" for number, tune in enumerate(TUNES, 10)]
    path.write_text(AWKWARD + "\n" + "\n".join(texts), encoding="utf-8", newline="\r\n")
    return path


@pytest.fixture
def tunes(tmp_path) -> Path:
    return book(tmp_path / "tunes.abc")


def assert_same(ours: Corpus, theirs: Corpus):
    for name in ("form", "training", "validation", "test", "drops", "names", "encodings"):
        assert list(getattr(ours, name)) == list(getattr(theirs, name)), name
    assert ours.record() == theirs.record()
    assert ours.sha256 == theirs.sha256
    assert ours.training_characters == theirs.training_characters


@pytest.mark.parametrize("changes", [{}, {"form": "raw"}, {"keep_marks": True, "split_seed": 3, "test_share": 0}])
def test_a_packed_corpus_is_the_corpus_of_its_files(tunes, tmp_path, changes):
    settings = CorpusSettings(sources=(str(tunes),), validation_share=0.1, **changes)
    pack_corpus(settings, tmp_path / "packed")
    assert_same(open_packed(tmp_path / "packed"), read_corpus(settings))


def test_with_a_validation_file_nothing_is_split(tunes, tmp_path):
    (tmp_path / "held-out.abc").write_text(f"X:1\n{TUNES[0]}".replace("Cmaj", "Dmaj"))
    settings = CorpusSettings(sources=(str(tunes),), validation=str(tmp_path / "held-out.abc"))
    pack_corpus(settings, tmp_path / "packed")
    assert_same(open_packed(tmp_path / "packed"), read_corpus(settings))


def test_on_several_cores_it_is_the_same_corpus(tunes, tmp_path, monkeypatch):
    monkeypatch.setattr(cleaned, "SERIAL_TUNES", 4)
    monkeypatch.setattr(cleaned, "TUNES_AT_ONCE", 3)
    settings = CorpusSettings(sources=(str(tunes),))
    pack_corpus(settings, tmp_path / "packed", cores=2)
    assert_same(open_packed(tmp_path / "packed"), read_corpus(settings))


def test_it_passes_to_another_process_by_its_path(tunes, tmp_path):
    pack_corpus(CorpusSettings(sources=(str(tunes),)), tmp_path / "packed")
    corpus = open_packed(tmp_path / "packed")
    sent = pickle.dumps(corpus)
    assert len(sent) < 500
    assert_same(pickle.loads(sent), corpus)


@pytest.mark.parametrize("size", [1, 7, 60, 300])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_the_tunes_of_a_file_in_pieces_are_those_of_the_whole_file(tmp_path, monkeypatch, size, encoding):
    path = tmp_path / "tunes.abc"
    path.write_text(AWKWARD.replace("’", "'") + "\x1a", encoding=encoding, newline="\r\n")
    whole = read_sources([str(path)])
    monkeypatch.setattr(pieces, "PIECE_BYTES", size)
    in_pieces, name = tunes_of(path, str(path))
    assert [*in_pieces] == [*whole.tunes]
    assert {str(path): name} == whole.encodings


@pytest.mark.parametrize("size", [1, 7, 60])
def test_so_are_those_of_a_file_with_markers(tmp_path, monkeypatch, size):
    path = tmp_path / "tunes.txt"
    path.write_text("stray\n<start>\nX:1\n\nK:C\nabc|\n<end>\nbetween\n<start>\nX:2\nK:C\ncde|\n<start>\nK:C\nefg|\n")
    whole = read_sources([str(path)])
    assert whole.marked is pieces.is_marked(path) is False
    path.write_text(path.read_text().removeprefix("stray\n"))
    whole = read_sources([str(path)])
    assert whole.marked is pieces.is_marked(path) is True
    monkeypatch.setattr(pieces, "PIECE_BYTES", size)
    assert [*tunes_of(path, str(path))[0]] == [*whole.tunes]


def test_texts_that_came_before_are_found_among_many():
    seen, rng = SeenTexts(), random.Random(1)
    known: set[str] = set()
    for _ in range(60):
        texts = [str(rng.randrange(4_000)) for _ in range(100)]
        expected = [text in known or text in texts[:place] for place, text in enumerate(texts)]
        assert seen.add(texts) == expected
        known.update(texts)


def walks(count: int, rng: random.Random) -> list[str]:
    """Random melodies, every fourth an earlier one with some notes changed."""
    melodies: list[list[str]] = []
    for number in range(count):
        place, notes = 7, []
        for _ in range(96):
            place = min(max(place + rng.choice((-3, -2, -1, -1, 1, 1, 2, 3)), 0), 13)
            notes.append("CDEFGABcdefgab"[place])
        if number % 4 == 3:
            notes = [note if rng.random() < 0.94 else rng.choice("CDEFGABcdefgab") for note in rng.choice(melodies)]
        melodies.append(notes)
    return [f"M:4/4\nL:1/8\nK:C\n{''.join(notes)}|\n" for notes in melodies]


def test_minhash_finds_the_families_that_all_pairs_have():
    melodies = Melodies.of(walks(400, random.Random(2)))
    exact, found = families_of(melodies).as_lists(), families_by_minhash(melodies).as_lists()
    assert sorted(tune for family in found for tune in family) == list(range(400))
    together = {(family[0], tune) for family in exact for tune in family[1:]}
    family_of = {tune: number for number, family in enumerate(found) for tune in family}
    kept = sum(family_of[one] == family_of[other] for one, other in together)
    assert len(together) > 60
    assert kept >= 0.97 * len(together)
    assert len(found) >= 0.95 * len(exact)  # and few are joined that all pairs have apart


def test_tunes_without_notes_are_no_variants_of_each_other():
    assert families_by_minhash(Melodies.of(["M:4/4\nK:C\nz4|\n"] * 3)).as_lists() == [[0], [1], [2]]


def test_a_folder_that_is_there_is_left_as_it_is(tunes, tmp_path):
    (tmp_path / "packed").mkdir()
    with pytest.raises(RunError, match="packed is there already; choose another folder for --pack"):
        pack_corpus(CorpusSettings(sources=(str(tunes),)), tmp_path / "packed")
    assert list((tmp_path / "packed").iterdir()) == []


@pytest.mark.parametrize("sources", [["K:C\nno tune\n"], ["X:1\nT:No key\n"]])
def test_a_corpus_without_a_tune_leaves_nothing(tmp_path, sources):
    (tmp_path / "tunes.abc").write_text(sources[0])
    settings = CorpusSettings(sources=(str(tmp_path / "tunes.abc"),))
    with pytest.raises(CorpusError) as ours:
        pack_corpus(settings, tmp_path / "packed")
    with pytest.raises(CorpusError) as theirs:
        read_corpus(settings)
    assert str(ours.value) == str(theirs.value)
    assert [path.name for path in tmp_path.iterdir()] == ["tunes.abc"]


def test_a_full_disk_leaves_nothing(tunes, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(packing._Writer, "_renumber", full)
    with pytest.raises(RunError, match=r"cannot write .*packed: no space left on device; the folder needs about five"):
        pack_corpus(CorpusSettings(sources=(str(tunes),)), tmp_path / "packed")
    assert [path.name for path in tmp_path.iterdir()] == ["tunes.abc"]


@pytest.fixture
def packed(tunes, tmp_path) -> Path:
    return pack_corpus(CorpusSettings(sources=(str(tunes),)), tmp_path / "packed")


@pytest.mark.parametrize("name", ["ids.npy", "begins.npy", "sides.npy", "names.txt", "drops.jsonl"])
def test_a_file_that_is_missing_or_altered_is_named(packed, name):
    path = packed / name
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match=f"{name} was altered or damaged.*pack the corpus again"):
            open_packed(packed)
    path.unlink()
    with pytest.raises(CorpusError, match=f"packed is no whole packed corpus: {name} is missing"):
        open_packed(packed)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 1}'])
def test_a_damaged_record_is_named(packed, content):
    (packed / "corpus.json").write_text(content)
    with pytest.raises(CorpusError, match=r"corpus\.json is damaged"):
        open_packed(packed)


def test_a_later_format_is_named(packed):
    content = json.loads((packed / "corpus.json").read_text())
    (packed / "corpus.json").write_text(json.dumps(content | {"format_version": 2}))
    with pytest.raises(CorpusError, match="is a packed corpus of format 2, and this program reads format 1"):
        open_packed(packed)


def test_a_packed_corpus_is_named_alone(packed, tunes):
    with pytest.raises(CorpusError, match="is a packed corpus, read and split already: name it alone"):
        corpus_of(CorpusSettings(sources=(str(packed), str(tunes))))
    assert len(corpus_of(CorpusSettings(sources=(str(packed),))).training) > 20


def test_ids_of_more_than_256_characters_take_two_bytes(tmp_path):
    path = tmp_path / "tunes.txt"
    texts = ["".join(map(chr, range(0x4E00 + 60 * i, 0x4E00 + 60 * i + 61))) for i in range(8)]
    path.write_text("".join(f"<start>\nX:1\nT:{text}\nK:C\nabc|\n<end>\n" for text in texts), encoding="utf-8")
    settings = CorpusSettings(sources=(str(path),), validation=str(path))
    assert np.load(pack_corpus(settings, tmp_path / "packed") / "ids.npy", mmap_mode="r").dtype == np.uint16
    assert_same(open_packed(tmp_path / "packed"), read_corpus(settings))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_dev_full_is_a_full_disk(tunes, tmp_path, monkeypatch):
    monkeypatch.setattr(packing.packed, "NAMES", "/dev/full")
    with pytest.raises(RunError, match="no space left on device"):
        pack_corpus(CorpusSettings(sources=(str(tunes),)), tmp_path / "packed")
    assert [path.name for path in tmp_path.iterdir()] == ["tunes.abc"]
