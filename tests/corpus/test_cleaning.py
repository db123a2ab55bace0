from contextlib import suppress
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from growth import assert_linear
from songrnn.corpus import cleaning
from songrnn.corpus.cleaning import Dropped, raw_text

tunebook_text = partial(cleaning.tunebook_text, keep_marks=True)  # test_spelling.py and test_marks.py test the default
HEADER = "X:1\nT:A tune\nM:6/8\nL:1/8\nK:D\n"
CLEAN_HEADER = "M:6/8\nL:1/8\nK:Dmaj\n"


def body_of(body: str) -> str:
    text = tunebook_text(HEADER + body)
    assert text.startswith(CLEAN_HEADER)
    return text.removeprefix(CLEAN_HEADER)


def test_a_tune_is_reduced_to_its_fields_in_order_and_its_music():
    tune = "X: 31\nT: The Test\nC:Nobody\n% a comment\nK: D major\n"
    tune = tune.replace("K:", "M: C|\nR: Reel\nL: 1/8\nZ:me\nK:")
    assert (
        tunebook_text(tune + "|: def  fed | d4 :| % end\nW: la la\n")
        == "R:reel\nM:2/2\nL:1/8\nK:Dmaj\n|: def fed | d4 :|\n"
    )


def test_a_tune_without_rhythm_meter_and_length_gets_what_the_standard_implies():
    assert tunebook_text("X:1\nK:G\ngab\n") == "M:none\nL:1/8\nK:Gmaj\ngab\n"
    assert tunebook_text("X:1\nM:2/4\nK:G\ngab\n") == "M:2/4\nL:1/16\nK:Gmaj\ngab\n"


def test_the_last_meter_before_the_key_and_the_first_rhythm_count():
    assert tunebook_text("R:reel\nR:march\nM:4/4\nM:2/4\nL:1/8\nK:G\ng\n") == "R:reel\nM:2/4\nL:1/8\nK:Gmaj\ng\n"


@pytest.mark.parametrize(
    ("body", "clean"),
    [
        pytest.param("def|  \n\n  abc |\n", "def|\nabc |\n", id="blanks and blank lines"),
        pytest.param("def|%grumble\n% more\nabc|\n", "def|\nabc|\n", id="comments"),
        pytest.param(
            "def|\nT:Second part\nP:B\nw:la la la\nQ:1/4=90\nI:x y\n%%vskip 10\nabc|\n", "def|\nabc|\n", id="fields"
        ),
        pytest.param("def|\nK: G minor\nM:C\nL: 1/16\nabc|\n", "def|\nK:Gmin\nM:4/4\nL:1/16\nabc|\n", id="kept fields"),
        pytest.param("def|\nK:clef=bass\nabc|\n", "def|\nabc|\n", id="a change of clef"),
        pytest.param("def|[K: A dorian]abc|[P:B][r:x]def\n", "def|[K:Ador]abc|def\n", id="inline fields"),
        pytest.param("def ||[M:C|]abc\n", "def ||[M:2/2]abc\n", id="an inline field after a bar line"),
        pytest.param("A:| Bcd\n", "A:| Bcd\n", id="a note before a repeat is no field"),
        pytest.param("def\\\nabc|\\ \n% c\n|gab\n", "defabc||gab\n", id="continued lines"),
        pytest.param("de`f`|!ab!cde!\n", "def|abcde\n", id="back-ticks and old line breaks"),
        pytest.param("!trill!d !D.C.!e !nonsense!f\n", "!trill!d !D.C.!e f\n", id="decorations"),
        pytest.param(
            '"D7"d "F#m/C#"e "^slowly"f "_p"g\n', '"D7"d "F#m/C#"e "^slowly"f "_p"g\n', id="chords, annotations"
        ),
        pytest.param('"4"d "SEGUE"e "   Sign"f ">"g\n', "d e f g\n", id="fingerings and directions"),
        pytest.param("+D3A3+ dc +trill+f + g\n", "[D3A3] dc !trill!f g\n", id="old chords and decorations"),
        pytest.param("kd Tve* f#; yy5 g\n", "d Tve f g\n", id="letters and signs without a meaning"),
        pytest.param("def =\nabc |=20\ngab|=0D\n", "def abc |\ngab|\n", id="quoted-printable line ends"),
        pytest.param("u(ef) T((3cBA) .(de)\n", "(uef) ((3TcBA) .(de)\n", id="decorations inside of slurs and tuplets"),
        pytest.param("a>.f g<.e .a2\n", "a>f g<e .a2\n", id="a dot after a broken rhythm"),
        pytest.param("HA2 H|] uv[ce] T\n", "HA2 |] uv[ce]\n", id="decorations of nothing"),
        pytest.param('"^u(e"f !p!(ag) [r:T(a]\n', '"^u(e"f !p!(ag)\n', id="no decoration: texts, names, fields"),
        pytest.param("def [|]|] g [|] a\n", "def |] g a\n", id="invisible bar lines"),
        pytest.param("d\t e\xa0f\n", "d e f\n", id="other blanks"),
        pytest.param("[V:1]def\n", "def\n", id="one voice"),
        pytest.param("d!e>f!g2!(ab)!c\n", "de>fg2(ab)c\n", id="notes between old line breaks"),
        pytest.param("d 2 e f /|[fa] 3\n", "d2 e f/|[fa]3\n", id="blanks before lengths"),
        pytest.param('"Am 7"d "^a 2"e\n', 'd "^a 2"e\n', id="no blanks in texts"),
        pytest.param("d$e|\nI:linebreak !\nf!g+trill+a\n", "de|\nfg!trill!a\n", id="declared line breaks"),
        pytest.param("I:decoration +\n+f+d+p+e\n", "!f!d!p!e\n", id="declared decorations"),
        pytest.param("d|\n%%begintext\nabc\nK:G\n\n%%endtext\ne|\n", "d|\ne|\n", id="a block of text"),
        pytest.param("U:n=!x!\nU:m=!y!\nd nmf\n", "d f\n", id="letters that the tune explains"),
        pytest.param("d|\r\r\ne|\r\r\n\x1a", "d|\ne|\n", id="foreign line ends and a DOS end of file"),
        pytest.param("d2& f2|{c}d (3efg ~a\n", "d2& f2|{c}d (3efg ~a\n", id="overlays, grace notes, tuplets"),
    ],
)
def test_the_body_keeps_its_music_and_loses(body, clean):
    assert body_of(body) == clean


@pytest.mark.parametrize(
    ("tune", "reason"),
    [
        ("X:1\nM:6/8\ndef|\n", "no K: field"),
        ("X:1\nK:\n", "no notes"),
        ('X:1\nK:D\n"D"z4 !fermata!z4|[K:A]\n', "no notes"),
        ("X:1\nK:D\nV:1\ndef|\nV:2 clef=bass\nDEF|\n", "several voices"),
        ("X:1\nV:Tenor\nV:Bass\nK:D\ndef|\n", "several voices"),
        ("X:1\nK:D\n[V:1] def|\n[V:2] DEF|\n", "several voices"),
        ("X:1\nK:whatever\ndef|\n", "unknown key"),
        ("X:1\nK:D\ndef|\nK:whatever\n", "unknown key"),
        ("X:1\nM:waltz\nK:D\ndef|\n", "unknown meter"),
        ("X:1\nK:D\ndef|[L:long]\n", "unknown unit note length"),
        ("X:1\nK:D\ndef|\nSee the note in the manuscript\n", "text among the notes"),
        ("X:1\nK:D\ndef|slowly gab|\n", "text among the notes"),
        ("X:1\nK:D\ndef|gab D.C. al Coda\n", "text among the notes"),
        ("X:1\nK:D\ndef|gab Fine|\n", "text among the notes"),
        ("X:1\nK:D\nd&lt;f|\n", "text among the notes"),
        ("X:1\nK:D\ndf<br>|\n", "text among the notes"),
        ("X:1\nK:D\ndéf|\n", "text among the notes"),
        ('X:1\nK:D\n"Dm def|\n', "open quotation mark"),
        ("X:1\nK:D\nd\x07ef|\n", "control characters"),
        ('X:1\nK:D\n"^a\x07b"def|\n', "control characters"),
    ],
)
def test_a_tune_that_cannot_be_kept_has_its_reason(tune, reason):
    with pytest.raises(Dropped, match=f"^{reason}$"):
        tunebook_text(tune)


PIECES = """slowly D. C. &lt; 2 I:linebreak I:decoration I:linebreak! U:n=!x! n $
d e2 _B = ^ | :| [ ] ( 3 ! !trill! " "D" + +trill+ \\ % ` {g} K: K:G [K: [V:1] =20 y k H * A: $ M: C w: -"""


@given(st.lists(st.sampled_from([*PIECES.split(), " ", "\n", "\nV:2", "\nM:3/4\n"]), max_size=30).map("".join))
@example("d =!\nf")  # the end of a line and a line break together are mail's soft line break
@example("d[!K:G]")
@example("K\\\n:G\nd")
def test_cleaning_what_is_clean_changes_nothing(body):
    try:
        clean = tunebook_text(HEADER + body)
    except Dropped:
        return
    assert tunebook_text("X:1\nT:x\n" + clean) == clean
    assert "\n\n" not in clean


def test_raw_text_is_the_tune_as_it_stands_between_its_markers():
    assert raw_text("X: 1 \n\n%%what\nK:D\ndef") == "<start>\nX: 1 \n\n%%what\nK:D\ndef\n<end>\n"


def test_an_empty_raw_tune_is_dropped():
    with pytest.raises(Dropped, match="empty tune"):
        raw_text(" \n\n")


@pytest.mark.parametrize(
    "repeated",
    [">", "<", "u", "~", "u(", "~(3", ">.", "(", "{", "[", "[M:", '"', "!", "+a", "=20\n", "\\\n", " ", "w:a\n"],
)
def test_cleaning_takes_linear_time(repeated):
    def cleaned(size):
        with suppress(Dropped):
            tunebook_text(f"{HEADER}A{repeated * (size // len(repeated))}B\n")

    assert_linear(cleaned)


@pytest.mark.parametrize(
    ("body", "clean"),
    [
        pytest.param("u(v(A B)c)", "((uvA B)c)", id="decorations before several openings"),
        pytest.param("u(3v(ABc)", "(3(uvABc)", id="decorations before a tuplet and a slur"),
        pytest.param("u((3:2v(ABc)", "((3:2(uvABc)", id="decorations before a slur, a tuplet and a slur"),
        pytest.param("A>>.B", "A>>B", id="a dot after a broken rhythm"),
        pytest.param("Auv|B", "A|B", id="decorations without a note"),
    ],
)
def test_what_is_misplaced_several_times_is_placed_at_once(body, clean):
    assert body_of(body + "\n") == clean + "\n"


@pytest.mark.parametrize(("written", "cleaned"), [("c2q2 d4", "c2 d4"), ("cI/2d", "cd"), ("A2N B2", "A2 B2")])
def test_a_letter_without_meaning_takes_its_length_with_it(written, cleaned):
    assert tunebook_text(f"M:4/4\nL:1/8\nK:C\n{written}|\n").splitlines()[-1] == f"{cleaned}|"
