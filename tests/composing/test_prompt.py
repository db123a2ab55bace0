"""Prompts as people type them: cleaned as the corpus is, and refused in the same words whatever else is requested."""

from contextlib import suppress

import pytest

from growth import assert_linear
from songrnn.composing.composer import Composer
from songrnn.composing.prompt import read_prompt
from songrnn.composing.prompt_music import clean_beginning
from songrnn.corpus.body import clean_body
from songrnn.corpus.cleaning import tunebook_text
from songrnn.errors import PromptError
from wandering import EVERY_CHARACTER, wanderer

HEADER = "M:4/4\nL:1/8\nK:D\n"
CLEAN_HEADER = "M:4/4\nL:1/8\nK:Dmaj\n"


def read_text(prompt, *, strict=True, requested=None):
    """The text that the network reads, `?` where it writes the rest of the line itself."""
    vocabulary = wanderer(1, characters=EVERY_CHARACTER + "Z").vocabulary
    pieces = read_prompt(prompt, vocabulary, requested, strict=strict).pieces
    return "".join(piece.text + "?\n" * piece.open_line for piece in pieces)


@pytest.mark.parametrize(
    ("typed", "music"),
    [
        pytest.param("|:d2fd  adfd|", "|:d2fd adfd|", id="two blanks"),
        pytest.param("  d2fd adfd |  \n", "d2fd adfd |\n", id="blanks at the edges of a line"),
        pytest.param("d2fd\tadfd|", "d2fd adfd|", id="a tab"),
        pytest.param("d2fd adfd|\n\n", "d2fd adfd|\n", id="an empty last line"),
        pytest.param("\n\nd2fd adfd|\n\n\nef", "d2fd adfd|\nef", id="empty lines"),
        pytest.param("|:d2fd adfd:|:ef", "|:d2fd adfd::ef", id="one sign for two repeats"),
        pytest.param("|::d2fd adfd::|", "|:d2fd adfd:|", id="a part three times"),
        pytest.param("d2fd adfd||:ef", "d2fd adfd|:ef", id="a thick bar line before a repeat"),
        pytest.param("Z|ef", "z8|ef", id="a rest of a bar"),
        pytest.param("Z2|ef", "z8|z8|ef", id="a rest of two bars"),
        pytest.param("A4/2 d6|", "A2 d6|", id="a length that can be reduced"),
        pytest.param("A/1 B3/3 c2/4 d6/4", "A B c1/2 d3/2", id="more of them"),
        pytest.param("d2fd adfd|[K:G]G2", "d2fd adfd|\nK:Gmaj\nG2", id="a field among the notes"),
        pytest.param("d2fd adfd| [M:6/8] [L:1/16] G2", "d2fd adfd|\nM:6/8\nL:1/16\nG2", id="two of them"),
        pytest.param("d2fd adfd|\nM:3/4\nL:1/16\nZ|", "d2fd adfd|\nM:3/4\nL:1/16\nz12|", id="a rest in another meter"),
        pytest.param("d2fd adfd|\nw:la la la\nef", "d2fd adfd|\nef", id="lyrics"),
        pytest.param("d2fd adfd|\nP:B\nef", "d2fd adfd|\nef", id="a part's name"),
        pytest.param("d2fd adfd| % one\n% two\nef%three", "d2fd adfd|\nef", id="comments"),
        pytest.param("d2fd adfd|\\\nef", "d2fd adfd|ef", id="a continued line"),
        pytest.param("d2fd $ adfd|$\nef", "d2fd adfd|\nef", id="signs for line breaks"),
        pytest.param("+trill+d2 A>.B", "!trill!d2 A>B", id="old decorations and a misplaced dot"),
        pytest.param('"D"d2 "3"A2 {g}A "^slow"d', '"D"d2 A2 {g}A "^slow"d', id="chord symbols, fingerings, ornaments"),
        pytest.param('"4/2"d2 A4/2 "^Z [K:G] :|:"', 'd2 A2 "^Z [K:G] :|:"', id="nothing in texts is respelled"),
    ],
)
def test_the_music_of_a_prompt_is_cleaned(typed, music):
    assert read_text(HEADER + typed) == CLEAN_HEADER + music
    for line_end in ("\r\n", "\r", "\r\r\n"):
        assert read_text((HEADER + typed).replace("\n", line_end)) == CLEAN_HEADER + music
    assert read_text("\ufeffX:1\nT:Reel of them all\nQ:1/4=200\n" + HEADER + typed) == CLEAN_HEADER + music


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_line_end_counts_as_one_line(line_end):
    with pytest.raises(PromptError, match="the prompt's line 3, 'a slow jig'"):
        read_text(line_end.join(["M:6/8", "K:D", "a slow jig"]))


@pytest.mark.parametrize(
    "ending", ["(3", "[CE", "[C3E", "d3/", '"^Se', '"G', "g:", "g-", "G>", "!tri", "{g", "(", "^", ".", "T", "u(", "|1"]
)
def test_what_the_prompt_leaves_open_stays_open(ending):
    if ending != "u(":  # which stands the other way round
        assert read_text(f"{HEADER}d2fd {ending}") == f"{CLEAN_HEADER}d2fd {ending}"
    assert read_text(f"{HEADER}d2fd adfd|\nM:6") == f"{CLEAN_HEADER}d2fd adfd|\nM:6"


@pytest.mark.parametrize("body", ["|:d2  fd|\n a4|\nw:x\n", "{g}A u(v(AB)) c4/2 Z|\n", "[K:G] d2 % x\n\nM:C|\nef:|:\n"])
def test_free_tunes_begin_with_what_the_corpus_would_hold(body):
    assert read_text(HEADER + body, strict=False) == tunebook_text(HEADER + body, keep_marks=True)
    assert clean_beginning(body) == clean_body(body.split("\n"))


@pytest.mark.parametrize(
    ("prompt", "beginning"),
    [
        ("K:D major", "M:?\nL:?\nK:Dmaj\n"),
        ("K:D major\nd2", "M:?\nL:?\nK:Dmaj\nd2"),
        ("% nothing but a comment", ""),
        ("X:7\nT:A tune\n", ""),
        (HEADER + "[K:G][M:2/2]d2", "M:2/2\nL:1/8\nK:Gmaj\nd2"),
        (HEADER + "w:only words\n", CLEAN_HEADER),
    ],
)
def test_fields_are_read_as_the_corpus_reads_them(prompt, beginning):
    assert read_text(prompt) == beginning


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        ("jig in D", "--rhythm jig --key D"),
        ("a jig in D major", "--rhythm jig --key 'D major'"),
        ("Reel", "--rhythm reel"),
        ("slip jig in A minor", "--rhythm 'slip jig' --key 'A minor'"),
        ("waltz, 3/4, in Bb please", "--rhythm waltz --meter 3/4 --key Bb"),
        ("jig\nin\nD", "--rhythm jig --key D"),
        ("hello", "--rhythm reel --key D"),
        (HEADER + "d2fd slowly adfd|", "--rhythm reel --key D"),
    ],
)
@pytest.mark.parametrize("free", [False, True])
def test_words_are_refused_with_the_options_that_ask_for_them(prompt, options, free):
    with pytest.raises(PromptError, match=r"has words that are not ABC; .* options such as " + options + "$") as caught:
        Composer(wanderer(1)).compose(prompt, free=free)
    assert "\n" not in str(caught.value)


REFUSED = [
    ("d2fd  adfd  ad|", "'a' in line 1, column 13 of its music: then its bars do not last M:4/4"),
    ("d2fd adfd |\nw:la\n d2fd  % c\n  adfd ad|", "'a' in line 4, column 8 of its music: then its bars do not last"),
    ("d2fd adfd:|:d2fd adfd ad", "'a' in line 1, column 23 of its music: then its bars"),
    ("Z|d2fd adfd ad", "'a' in line 1, column 13 of its music: then its bars"),
    ("d4/2fd adfd ad", "'a' in line 1, column 13 of its music: then its bars"),
    ("  d2fd [K:G] adfd", "'K' in line 1, column 9 of its music: then it is not ABC whose syntax and bars"),
    ("d2 )", "'\\)' in line 1, column 4 of its music: then it is not ABC whose syntax and bars"),
]


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_what_cannot_continue_is_refused_in_the_same_words_with_and_without_a_rhythm(typed, said):
    composer, messages = Composer(wanderer(7)), set()
    for prompt, requested in (
        (HEADER + typed, {}),
        ("R:reel\n" + HEADER + typed, {}),
        ("T:x\n" + HEADER + typed, {"rhythm": "reel"}),
        (typed, {"meter": "4/4", "unit_length": "1/8", "key": "D", "rhythm": "slip jig"}),
    ):
        with pytest.raises(PromptError, match="the prompt cannot continue with " + said) as caught:
            composer.compose(prompt, **requested)  # type: ignore[arg-type]
        messages.add(str(caught.value))
    assert len(messages) == 1


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (f"X:1\n{HEADER}d8|\n\nX:2\n{HEADER}d8|\n", "the prompt holds several tunes"),
        ("X:1\nV:1\nV:2\n" + HEADER + "d8|", "the prompt has several voices"),
        (HEADER + "d2\nd€", r"prompt character '€' \(position 21\) is not among"),
        (HEADER + "d8|\nd2fd\x07adfd|", r"the prompt's line 5, .*: control characters"),
        ("T:x\n" + HEADER + 'd8|\n"d2\nA8', r"the prompt's line 6, '\"d2': open quotation mark"),
        (HEADER + "d8|\nK:Quark\nd8|", "the prompt's line 5, 'K:Quark': unknown key"),
    ],
)
def test_what_is_no_beginning_of_a_tune_is_reported_with_its_place(prompt, said):
    with pytest.raises(PromptError, match=said):
        Composer(wanderer(1, characters=EVERY_CHARACTER)).compose(prompt)


@pytest.mark.parametrize("repeated", ["A>", "[M:", '"', "!", "A|", "Z", "[K:D]", "4/2", ":", "ab \n", "(", "é"])
def test_reading_a_prompt_takes_linear_time(repeated):
    vocabulary = wanderer(1).vocabulary

    def read(size):
        with suppress(PromptError):
            read_prompt(HEADER + repeated * (size // len(repeated)), vocabulary)

    assert_linear(read)


@pytest.mark.parametrize(
    ("typed", "music"),
    [
        ('uA | "^Segno"d4/2 :|\n', "A|d2:|\n"),
        ("AB cd | ef\n", "AB cd|ef "),
        ("AB | [1", "AB|1 "),
        ("vA | {g", "A|{g"),
    ],
)
def test_a_network_that_knows_no_marks_is_given_none(typed, music):
    vocabulary = wanderer(1, characters=EVERY_CHARACTER).vocabulary
    given = read_prompt(HEADER + typed, vocabulary, strict=False, keep_marks=False)
    assert "".join(piece.text for piece in given.pieces) == CLEAN_HEADER + music
