"""Tunes come in from ABC files and go out as files, with where they come from."""

import io
import json
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from songrnn.corpus.sources import COLLECTIONS, read_sources
from songrnn.errors import CorpusError, RenderingError, SettingsError
from songrnn.rendering.render import Renderer
from songrnn.studio.archive.exporting import exported
from songrnn.studio.archive.importing import import_tunes
from songrnn.studio.archive.printing import PrintedScore, printed
from songrnn.studio.archive.records import NewTune, NewVersion, TuneQuery
from songrnn.studio.archive.titles import PLACE_BEGINNINGS, PLACE_ENDINGS, propose_titles
from songrnn.studio.archive.tune_text import facts_of, one_tune
from tiny import JIG, REEL

COMPOSED = {
    "origin": "composed",
    "request": {"sampling": {"seed": 7}, "prompt": "R:jig\nM:6/8%\n"},
    "tune_number": 2,
    "checkpoint": "0123456789abcdef",
    "engine": {"engine": "numpy"},
}
FILE = f"""% my tunes
C:Ann

X:1
T:One
{JIG}
X:5
T:Two
{REEL.replace("ecAc fdAF|", "ecAc fdA|")}
X:6
T:Not a tune
hello
"""


@pytest.fixture(scope="module")
def renderer():
    with Renderer() as opened:
        yield opened


def test_a_file_of_several_tunes_is_imported_with_its_problems_said(archive):
    report = import_tunes(archive, FILE.encode(), tags=("book",), most=10)
    assert [(tune.title, len(tune.problems)) for tune in report.kept] == [("One", 0), ("Two", 1)]
    assert re.match(
        r"line \d+, column \d+: expected a bar that lasts 1, found one that lasts 7/8", report.kept[1].problems[0]
    )
    assert [(tune.number, tune.title) for tune in report.left_out] == [(3, "Not a tune")]
    assert "expected the field K:" in report.left_out[0].reason
    assert archive.find(TuneQuery(tag="book")).total == 2
    assert "C:Ann\n" in archive.tune(report.kept[0].id).abc  # what the head of the file says of all its tunes


def test_what_is_there_already_is_not_imported_twice(archive):
    import_tunes(archive, FILE.encode(), most=10)
    again = import_tunes(archive, FILE.replace("T:One", "T:Other").encode("utf-16"), most=10)
    assert (again.kept, again.encoding) == ((), "UTF-16")
    assert [tune.reason for tune in again.left_out[:2]] == ["it is there already"] * 2
    archive.delete(again.left_out[0].id)
    assert [tune.title for tune in import_tunes(archive, FILE.encode(), most=10).kept] == ["One"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty; expected tunes in ABC"),
        (b"%PDF-1.7", "the file is a PDF document"),
        (b"hello\n", "found 0 tunes; expected 1 to 2"),
        (FILE.encode(), "found 3 tunes; expected 1 to 2"),
    ],
)
def test_a_file_that_is_none_is_refused(archive, data, message):
    with pytest.raises(CorpusError, match=message):
        import_tunes(archive, data, most=2)
    assert archive.find(TuneQuery()).total == 0


def test_an_exported_tune_says_where_it_comes_from_and_is_composed_again_after_an_import(archive, renderer):
    tune = archive.keep(NewTune(abc=JIG, title="50% Ärger", **COMPOSED))
    text = exported(archive, [tune.id], "abc", renderer).content.decode()
    assert "N:Composed with songrnn " in text
    assert ": model 0123456789ab, seed 7, tune 3\nN:songrnn {" in text
    assert json.loads(re.search(r"N:songrnn (.*)", text)[1])["request"]["prompt"] == "R:jig\nM:6/8%\n"
    assert "%" not in re.search(r"N:songrnn (.*)", text)[1]  # it would begin a comment
    archive.delete(tune.id)
    [back] = import_tunes(archive, text.encode(), most=1).kept
    version, before = archive.version(back.id, 1), archive.version(tune.id, 1)
    assert version.model_copy(update={"made_at": before.made_at}) == before
    assert archive.tune(back.id).title == "50% Ärger"


def test_a_record_is_not_believed_when_the_notes_are_others(archive, renderer):
    tune = archive.keep(NewTune(abc=JIG, **COMPOSED))
    text = exported(archive, [tune.id], "abc", renderer).content.decode().replace("gec", "gef")
    [back] = import_tunes(archive, text.encode(), most=1).kept
    version = archive.version(back.id, 1)
    assert (version.origin, version.request, version.can_be_composed_again) == ("imported", None, False)
    assert "N:Composed with songrnn" in version.abc
    assert "N:songrnn {" not in version.abc


def test_a_changed_tune_says_what_it_was_made_from(archive, renderer):
    tune = archive.keep(NewTune(abc=JIG, **COMPOSED))
    archive.add_version(tune.id, NewVersion(abc=REEL))
    text = exported(archive, [tune.id], "abc", renderer).content.decode()
    assert "seed 7, tune 3\nN:Changed by hand\nK:" in text
    assert "N:songrnn {" not in text
    by_hand = archive.keep(NewTune(abc=REEL))
    assert "N:" not in exported(archive, [by_hand.id], "abc", renderer).content.decode()


def test_an_exported_file_of_several_tunes_is_read_like_any_other(archive, renderer, tmp_path):
    numbers = [archive.keep(NewTune(abc=abc, title=title)).id for abc, title in ((JIG, "One"), (REEL, "Two"))]
    (tmp_path / "tunes.abc").write_bytes(exported(archive, numbers[::-1], "abc", renderer).content)
    tunes = read_sources([str(tmp_path / "tunes.abc")]).tunes
    assert [tune.text.split("\n")[:2] for tune in tunes] == [["X:1", "T:Two"], ["X:2", "T:One"]]


def test_titles_are_neither_paths_nor_markup(archive, renderer):
    number = archive.keep(NewTune(abc=JIG, title="../../<script>alert(1)</script>")).id
    page = exported(archive, [number], "html", renderer)
    assert page.name == "script-alert-1-script.html"
    assert exported(archive, [number, number], "abc", renderer, title="../x").name == "x.abc"
    assert b"<script>alert(1)" not in page.content
    assert b"&lt;script&gt;alert(1)" in page.content
    packed = zipfile.ZipFile(io.BytesIO(exported(archive, [number], "zip", renderer).content))
    names = packed.namelist()
    assert {"index.html", "tunes.abc", "001-script-alert-1-script.mid", "001-script-alert-1-script.mp3"} <= set(names)
    assert all(re.fullmatch(r"[\w-]+\.\w+", name) for name in names)
    assert b"<script>alert(1)" not in packed.read("index.html")


def test_a_pdf_has_several_tunes_on_a_page_and_their_titles_as_they_are(renderer):
    abc = f"X:1\nT:#let x = *b* $\nQ:3/8=100\n{JIG}"
    svg = renderer.render(abc, formats=("svg",)).outputs["svg"]
    short = printed("Tunes <b>", [PrintedScore("#let x = *b* $", svg)] * 5)
    long = printed("Tunes <b>", [PrintedScore("#let x = *b* $", svg)] * 40, paper="us-letter")
    assert short.startswith(b"%PDF-")
    assert pages_of(short) == 1
    assert 6 <= pages_of(long) <= 10


def pages_of(pdf):
    return max(map(int, re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf)))


def test_a_tune_without_a_score_names_itself_in_the_refusal(archive, renderer):
    number = archive.keep(NewTune(abc="X:1\nK:C\nz4|\n", title="Silence")).id
    with pytest.raises(RenderingError, match="Silence: "):
        exported(archive, [number], "pdf", renderer)
    with pytest.raises(RenderingError, match="the PDF cannot be made: a score is no picture"):
        printed("T", [PrintedScore("a", b"<svg/>")])
    with pytest.raises(SettingsError, match="found 2 tunes; a file of the format midi takes 1 to 1"):
        exported(archive, [number, number], "midi", renderer)


def test_titles_are_proposed_from_key_rhythm_and_place_and_stay_the_same():
    jig, minor = facts_of(one_tune(JIG)), facts_of(one_tune(JIG.replace("Dmaj", "Ador")))
    titles = propose_titles(jig, JIG, count=20)
    assert len(set(titles)) == 20
    assert titles == propose_titles(jig, "T:Other\n" + JIG, count=20)
    assert any(title.endswith(" Jig") or title.startswith("Jig of ") for title in titles)
    assert set(titles).isdisjoint(propose_titles(minor, JIG, count=20)) or titles != propose_titles(
        minor, JIG, count=20
    )
    assert all("Kilburn" in title or " of " in title for title in propose_titles(jig, JIG, place="Kilburn"))


@pytest.mark.skipif(find_spec("music21") is None, reason="the collections are not installed")
def test_no_title_is_one_of_the_collections():
    folder = Path(find_spec("music21").origin).parent / "corpus"
    texts = [path.read_text("latin-1") for name in COLLECTIONS["folk"] for path in (folder / name).glob("*.abc")]
    known = {title.strip().lower() for text in texts for title in re.findall(r"^T:(.*)", text, re.MULTILINE)}
    words = {f"{begin}{end}".lower() for begin in PLACE_BEGINNINGS for end in PLACE_ENDINGS}
    assert len(known) > 1_000
    assert not [name for name in known if words & set(re.findall(r"\w+", name))]
