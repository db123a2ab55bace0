"""No filler: each rule by what may come after a short text, composed and in a prompt."""

import pytest

from songrnn.composing.composer import Composer
from songrnn.constraints.state import TuneState
from walks import Setup, compiled_of, completion, constraint_of
from wandering import problems, wanderer

JIG = "M:6/8\nL:1/8\nK:Cmaj\n"
REEL = "M:4/4\nL:1/8\nK:Cmaj\n"
FREE: dict[str, object] = {}
FORM = {"bars": 4, "parts": "AABB"}
ENDS_HERE = {"bars": 1, "parts": "A"}


def allows(head, music, form=None, *, given=0):
    """Whether the text is allowed to its end; given: so many characters of the music are a prompt's."""
    vocabulary, constraint, _ = constraint_of(Setup(form=tuple((form or {}).items()), given=given))
    state = TuneState()
    for character in vocabulary.encode(head + music).tolist():
        state = constraint.push(state, character)
        if state is None:
            return False
    return True


@pytest.mark.parametrize(
    ("rule", "head", "form", "music", "refused"),
    [
        ("one annotation", REEL, FREE, '"^a"', '"^b"C'),
        ("one chord symbol", REEL, FREE, '"C"', '"G"C'),
        ("one of each", REEL, FREE, '"C""^a"', '"G"C'),
        ("two ornaments", REEL, FREE, "uv", "TC"),
        ("two ornaments", REEL, FREE, "!f!!accent!", "uC"),
        ("four grace notes", REEL, FREE, "{abcd", "e}C"),
        ("grace notes are short", REEL, FREE, "{a", "3}C"),
        ("two rests in a row", REEL, FREE, "zz", "zC"),
        ("no bar across lines", REEL, FREE, "C4", "\nC4"),
        ("lengths that tunes have", REEL, FREE, "C", "5D"),
        ("lengths that tunes have", REEL, FREE, "C", "5/4D"),
        ("lengths that tunes have", REEL, FREE, "[C", "5E5]D"),
        ("no short dotted rests", REEL, FREE, "z", "3/4D"),
        ("the half unit", REEL, FREE, "C3/4", "D3/4E"),
        ("the half unit", REEL, FREE, "C/4", "DE"),
        ("a part ends with an eighth", REEL, FREE, "C4C3C/C/", "||"),
        ("a part ends with an eighth", REEL, FREE, "C6C>C", "||"),
        ("no part ends in a tuplet", REEL, FREE, "C4(3C2C2C2", "||"),
        ("no text before a bar line", REEL, FORM, "C8", '"^Segno"|'),
        ("no text before a bar line", REEL, FORM, "C8", "!D.C.!|"),
        ("no text before a short bar ends", JIG, FORM, '|:"G"C|C6|C3C2"C"', ":|"),
        ("no text in the last bar of a part", REEL, FORM, "|:C8|C4", '"^Segno"C4:|'),
        ("no text in the last bar of a part", REEL, FORM, "|:C8|C4", "!D.C.!C4:|"),
        ("no first chord symbol in the last bar of a part", REEL, FORM, "|:C8|C4", '"C"C4:|'),
        ("no slur over the last note", REEL, FORM, "|:C8|C4C2C", "(C):|"),
        ("the last bar of a part ends with an eighth", REEL, ENDS_HERE, "C4C3C", "/C/|"),
        ("too little is not left of the last bar", JIG, FORM, "|:C6|C4", "C3/2 "),
        ("the last bar of a part ends with an eighth", REEL, ENDS_HERE, "C4", "(3C2C2C2|"),
    ],
)
def test_what_would_stall_is_refused_where_it_is_composed_and_taken_from_a_prompt(rule, head, form, music, refused):
    assert allows(head, music, form), rule
    assert not allows(head, music + refused, form), rule
    assert allows(head, music + refused, form, given=len(music + refused)), rule


@pytest.mark.parametrize(
    ("head", "form", "music"),
    [
        (REEL, FREE, '"^a""C"uC3/2D/{ab/}uvE2zzC2||'),
        (REEL, FREE, 'C8"^Segno"!D.C.!||'),
        (REEL, FREE, "C3/4D/4E/4F/4G/A/B/c4c|"),
        (REEL, FREE, "C7/2D/C4||"),
        (REEL, FREE, "C4C3C/C/|C8||"),
        ("M:2/4\nL:1/2\nK:Cmaj\n", FREE, "|:A|\nB\n:|"),  # nothing but a line end can part a letter from `:|`
        (REEL, FORM, '|:"C"C8|"G"C4"C"uC4:|'),
        (REEL, FORM, "|:C8|C4(3CCCC2:|"),
        (JIG, {"bars": 4, "parts": "AA", "end_on_tonic": True}, "|:C/|C6|C6|C6|D3DC3/2:|"),
        ("M:4/4\nL:1/16\nK:Cmaj\n", ENDS_HERE, "C8C6C2|"),
        ("M:1/8\nL:1/8\nK:Cmaj\n", ENDS_HERE, "C/C/|"),  # in so short a bar no length is too short
    ],
)
def test_what_tunes_have_is_allowed(head, form, music):
    assert allows(head, music, form)


@pytest.mark.parametrize(
    ("prompt", "then", "expected"),
    [
        ("{abcde", "f", True),
        ("{abcde", "}C", True),
        ("[C5E5", "]", True),  # what the prompt has begun goes on as it began
        ("C5/4>", "D5/4", True),
        ("C5/4>", "D ", False),
        ('"^a""^b"', '"^c"', False),
        ("C5 ", "D5", False),
        ("C4C3C/C/", ":|", True),
        ("C4C3C/C/|", "C4C3C/C/:|", False),  # the next bar is composed
    ],
)
def test_a_prompt_binds_nothing_but_what_it_has_begun(prompt, then, expected):
    assert allows(REEL, "|:" + prompt + then, given=len("|:" + prompt)) == expected


@pytest.mark.parametrize(
    ("head", "music", "expected"),
    [
        (JIG, "C ", "C2C3|"),
        (REEL, "C ", "C3C4|"),
        (REEL, "C3 ", "C3C2|"),
        ("M:9/8\nL:1/8\nK:Cmaj\n", "C4 ", "C2C3|"),
    ],
)
def test_a_completion_writes_whole_beats(head, music, expected):
    vocabulary, constraint, _ = constraint_of(Setup(form=(("bars", 4), ("parts", "AB"))))
    state = TuneState()
    for character in vocabulary.encode(head + music).tolist():
        state = constraint.push(state, character)
    assert vocabulary.decode(completion(constraint, state)[: len(expected)]) == expected


def test_wherever_a_prompt_ends_a_tune_can_be_completed():
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    music = '|:"^a""^b"!f!uv{abcdef}C5/4 [D3/4F3/4]zzz|\nC5>D5(3C5D5/4\n'
    for given in range(len(music)):
        vocabulary, constraint, _ = constraint_of(Setup(given=given))
        ids = vocabulary.encode(REEL + music[:given]).tolist()
        compiled = compiled_of(constraint)
        if compiled.refused(ids) < len(ids):
            continue
        text = vocabulary.decode(compiled.completion(ids)[:-1])
        assert problems(REEL + music[:given] + text) == [], text


def test_a_composed_tune_continues_from_a_prompt_with_filler():
    prompt = 'M:4/4\nL:1/8\nK:D\n"^a""^b"D5/4E3/4 zzz'
    composition = Composer(wanderer(1)).compose(prompt, bars=2, max_characters=60, seed=1)
    assert '"^a""^b"D5/4E3/4 zzz' in composition.text
    assert problems(composition.text) == []
