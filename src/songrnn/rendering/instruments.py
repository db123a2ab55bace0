"""The 128 instruments of General MIDI by name, in the order of their program numbers."""

import re

from songrnn.errors import SettingsError

INSTRUMENTS = tuple(
    name.strip()
    for name in """
acoustic grand piano, bright acoustic piano, electric grand piano, honky-tonk piano, electric piano 1, electric piano 2,
harpsichord, clavinet,
celesta, glockenspiel, music box, vibraphone, marimba, xylophone, tubular bells, dulcimer,
drawbar organ, percussive organ, rock organ, church organ, reed organ, accordion, harmonica, tango accordion,
acoustic guitar (nylon), acoustic guitar (steel), electric guitar (jazz), electric guitar (clean),
electric guitar (muted), overdriven guitar, distortion guitar, guitar harmonics,
acoustic bass, electric bass (finger), electric bass (pick), fretless bass, slap bass 1, slap bass 2, synth bass 1,
synth bass 2,
violin, viola, cello, contrabass, tremolo strings, pizzicato strings, orchestral harp, timpani,
string ensemble 1, string ensemble 2, synth strings 1, synth strings 2, choir aahs, voice oohs, synth voice,
orchestra hit,
trumpet, trombone, tuba, muted trumpet, french horn, brass section, synth brass 1, synth brass 2,
soprano sax, alto sax, tenor sax, baritone sax, oboe, english horn, bassoon, clarinet,
piccolo, flute, recorder, pan flute, blown bottle, shakuhachi, whistle, ocarina,
lead 1 (square), lead 2 (sawtooth), lead 3 (calliope), lead 4 (chiff), lead 5 (charang), lead 6 (voice),
lead 7 (fifths), lead 8 (bass and lead),
pad 1 (new age), pad 2 (warm), pad 3 (polysynth), pad 4 (choir), pad 5 (bowed), pad 6 (metallic), pad 7 (halo),
pad 8 (sweep),
fx 1 (rain), fx 2 (soundtrack), fx 3 (crystal), fx 4 (atmosphere), fx 5 (brightness), fx 6 (goblins), fx 7 (echoes),
fx 8 (sci-fi),
sitar, banjo, shamisen, koto, kalimba, bagpipe, fiddle, shanai,
tinkle bell, agogo, steel drums, woodblock, taiko drum, melodic tom, synth drum, reverse cymbal,
guitar fret noise, breath noise, seashore, bird tweet, telephone ring, helicopter, applause, gunshot
""".replace("\n", " ").split(",")
)
SUGGESTED = ("violin", "flute", "accordion", "harmonica", "banjo", "bagpipe", "dulcimer", "acoustic grand piano")
MOST_NAMES_IN_MESSAGE = 8


def program_of(name: str) -> int:
    """The program number, from 0, of the instrument that has this name, or whose name alone begins so.

    Where none begins so, a word in it may ("nylon"). Upper and lower case are the same. Raises SettingsError for a name
    that is none, or that may be several.
    """
    requested = re.escape(" ".join(name.lower().split()))
    within = _names(rf".*\b{requested}") if requested else []
    for found in (_names(f"{requested}$"), _names(requested) if requested else [], within):
        if len(found) == 1:
            return INSTRUMENTS.index(found[0])
        if found:
            raise SettingsError(f"the instrument {name!r} may be {_listed(within)}; name one of them")
    words = "|".join(map(re.escape, name.lower().split()))
    near = _names(rf".*\b(?:{words})\b") if words else []
    raise SettingsError(
        f"there is no instrument {name!r} in General MIDI; there is {_listed(near or SUGGESTED)} "
        "(docs/sound.md lists all)"
    )


def _names(pattern: str) -> list[str]:
    return [name for name in INSTRUMENTS if re.match(pattern, name)]


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = list(names[:MOST_NAMES_IN_MESSAGE])
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
