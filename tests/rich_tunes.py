"""Random tunes that use much of the notation and are right: bars add up, repeats close, ties are answered."""

import random

_LETTERS = "CDEFGABcdefgab"
_KEYS = ("C", "G", "Dmix", "Fmin", "HP", "Hp", "Bb", "D exp _b _e ^f", "A ^g", "none", "C treble-8", "G octave=1")
_TEXTS = ('"Am"', '"G7/B"', '"^above"', '"_below"', '"<left"', '">right"', '"@free"', '"F#m7b5"', '"no chord"')
_DECORATIONS = ("!trill!", "!f!", "!fermata!", "~", ".", "!3!", "!segno!", "!arpeggio!", "T", "u", "!D.C.!", "!slide!")
_ENDINGS = (("|1 ", ":|2 "), ("|[1,3 ", ":|[2,4 "), ("|[1-3 ", ":::|[4 "), ("|1 ", " :| [2 "))


def rich_tune(seed: int) -> str:
    """A tune in ABC; the same seed, the same tune. Its unit note length is 1/8, a bar lasts 8, 6 or 9 of them."""
    rng = random.Random(seed)
    meter, length = rng.choice((("4/4", 8), ("C|", 8), ("6/8", 6), ("3/4", 6), ("9/8", 9)))
    voices = rng.choice((1, 1, 2))
    header = f"X:{seed + 1}\nT:Rich {seed}\nM:{meter}\nL:1/8\nQ:1/4=100\n"
    form = [(rng.random() < 0.6, rng.choice((*_ENDINGS, None)), rng.randint(1, 3)) for _ in range(rng.randint(1, 3))]
    pickup = rng.choice((0, 1))
    settings = ("", "clef=bass octave=-1", "transpose=-2", 'name="Second voice"')
    for voice in range(voices if voices > 1 else 0):
        header += f"V:{voice + 1} {rng.choice(settings)}\n"
    body = ""
    for voice in range(voices):
        body += (f"V:{voice + 1}\n" if voices > 1 else "") + _voice(rng, form, length, pickup)
    return header + f"K:{rng.choice(_KEYS)}\n" + body


def _voice(rng: random.Random, form: list[tuple[bool, tuple[str, str] | None, int]], length: int, pickup: int) -> str:
    text = _music(rng, pickup) + "|" * (pickup and not form[0][0])
    for repeated, endings, bars in form:
        text += "|:" * repeated
        text += "|".join(_bar(rng, length) for _ in range(bars))
        if repeated and endings is not None:
            first, second = endings
            text += first + _bar(rng, length) + second + _bar(rng, length) + "||"
        else:
            text += ":|" if repeated else "||"
        text += "\nw: one two-three * _ | four~five\n" if rng.random() < 0.3 else "\n"
    return text


def _bar(rng: random.Random, length: int) -> str:
    if rng.random() < 0.05:
        return rng.choice("ZX")
    change = rng.choice(("", "", "", "", "", f"[K:{rng.choice(_KEYS)}]", "[Q:3/8=90]", "y"))
    overlay = f" & {_music(rng, length)}" if rng.random() < 0.06 else ""
    return change + _music(rng, length) + overlay


def _music(rng: random.Random, left: int) -> str:
    """Notes, rests and chords that last `left` unit note lengths."""
    text = ""
    while left:
        piece, lasts = _piece(rng, left)
        text += piece + rng.choice(("", " "))
        left -= lasts
    return text


def _piece(rng: random.Random, left: int) -> tuple[str, int]:
    lasts = rng.choice([number for number in (1, 1, 1, 2, 2, 3, 4, 5, 7) if number <= left])
    note = _note(rng)
    marks = rng.choice(("",) * 12 + _TEXTS + _DECORATIONS + ("{/c}", "{de}"))
    match rng.randint(0, 11):
        case 0 if left >= 2:
            return f"{note}{rng.choice('<>')}{_note(rng)}", 2
        case 1 if left >= 2:
            return f"(3{note}{_note(rng)}{_note(rng)}", 2
        case 2 if left >= 4:
            return f"(5:4:5{note}{_note(rng)}z{_note(rng)}{_note(rng)}", 4
        case 3:
            return f"{marks}[{''.join(_members(rng))}]{lasts}", lasts
        case 4 if left >= lasts + 1:
            return f"({note}{lasts} {_note(rng)})", lasts + 1
        case 5 if left >= 2 * lasts:
            return f"{note}{lasts}-{note.lstrip('^_=')}{lasts}", 2 * lasts
        case 6:
            return f"{rng.choice('zx')}{lasts}", lasts
        case 7 if left >= 2:
            return f"[{note}2{_note(rng)}]", 2
    return f"{marks}{note}{lasts}", lasts


def _note(rng: random.Random) -> str:
    return rng.choice(("", "", "", "", "", "^", "_", "=")) + rng.choice(_LETTERS) + rng.choice(("", "", "", "'", ","))


def _members(rng: random.Random) -> list[str]:
    return [letter + rng.choice(("", ",")) for letter in rng.sample("CEGceg", rng.randint(2, 3))]
