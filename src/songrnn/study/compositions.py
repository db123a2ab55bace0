"""Compositions of the networks of a study at several temperatures, and how many of them are valid.

The tunes are free, to show what a network has learned: strict ones would be valid in any case.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.request import Request
from songrnn.corpus.fields import FIELD_LINE
from songrnn.corpus.markers import START
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.evaluation.analysed import analyse
from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder
from songrnn.rendering.render import MusicFormat
from songrnn.storage import write_whole

TEMPERATURES = (0.5, 0.8, 1.0, 2.0)
TUNES = 4  # composed at each temperature; the first is shown, all are counted
LONGEST = 1_000  # characters
SEED = 0
FORMATS: tuple[MusicFormat, ...] = ("midi", "mp3", "musicxml", "svg")
SECONDS = 4.0  # for one network's tunes and page, on one core among others; a study reserves them


def compose_and_render(checkpoint: Path, training: Sequence[str], folder: Path) -> dict[str, Any]:
    """Compose with one network, and write its page, files and tunes.json into `folder`; do nothing if that is there.

    training: the tunes on which it was trained; in `tunebook` form all its tunes get the commonest header among them,
              and in `raw` form nothing is given.
    Returns the content of tunes.json: for each temperature how many tunes were composed, how many of these the network
    ended itself, how many are valid (by the ABC standard, with bars that add up), and the first of them as ABC.
    """
    finished = read_compositions(folder)
    if finished is not None:
        return finished
    composer = Composer(Checkpoint.load(checkpoint), EngineSettings(threads=1))
    prompt = commonest_header(training) if composer.description.form == "tunebook" else ""
    rows: list[dict[str, Any]] = []
    for temperature in TEMPERATURES:
        sampling = SamplingSettings(seed=SEED, temperature=temperature, max_characters=LONGEST, free=True)
        made = composer.compose_request(Request(prompt=prompt, sampling=sampling, count=TUNES))
        tunes = [_from_its_start(tune) for tune in made]
        faults = [analyse(tune.abc()).fault for tune in tunes]
        rows.append(
            {
                "temperature": temperature,
                "composed": len(tunes),
                "ended": sum(tune.finished for tune in tunes),
                "valid": faults.count(""),
                "abc": _named(tunes[0], temperature).abc,
                "fault": faults[0],
            }
        )
    report = render_to_folder(
        [NamedTune(f"Temperature {row['temperature']:g}", row["abc"], "composed") for row in rows],
        folder,
        formats=FORMATS,
        content=PageContent(f"Composed by {folder.name}", introduction=_introduction(rows, prompt)),
    )
    failures = [[f"{failure.title}: {failure.format}", failure.reason] for failure in report.failures]
    content = {
        "prompt": prompt,
        "engine": composer.engine.used.as_json(),
        "temperatures": rows,
        "failures": failures,
    }
    write_whole(folder / "tunes.json", json.dumps(content, ensure_ascii=False, indent=1), forced=False)
    return content


def read_compositions(folder: Path) -> dict[str, Any] | None:
    """The content of tunes.json; None if it is not there or not complete."""
    try:
        content = json.loads((folder / "tunes.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def commonest_header(tunes: Sequence[str]) -> str:
    """The header (field lines before the first other line) that most of `tunes` have; the first of equals."""
    headers: Counter[str] = Counter()
    for tune in tunes:
        lines = tune.splitlines(keepends=True)
        count = next((number for number, line in enumerate(lines) if not FIELD_LINE.match(line)), len(lines))
        headers["".join(lines[:count])] += 1
    return headers.most_common(1)[0][0]


def _from_its_start(tune: Composition) -> Composition:
    """The tune after the last start marker in it: a network early in training repeats the one that it was given."""
    return replace(tune, text=tune.text.rpartition(f"{START}\n")[2])


def _named(tune: Composition, temperature: float) -> NamedTune:
    """The tune with a title of its temperature and number, where the network gave it none."""
    title = f"Temperature {temperature:g}"
    return NamedTune(title, tune.abc().replace(f"T:{tune.title}\n", f"T:{title}\n", 1), "composed")


def _introduction(rows: Sequence[dict[str, Any]], prompt: str) -> str:
    given = f"The header {' '.join(prompt.split())} was given" if prompt else "Nothing was given"
    counts = ", ".join(f"{row['valid']} of {row['composed']} at {row['temperature']:g}" for row in rows)
    return (
        f"{given}; the first tune of seed {SEED} at each temperature is shown, whatever it is. A high temperature "
        "gives characters in disorder; what cannot be shown as a score or played is marked as such.\n\n"
        f"Valid tunes, which the ABC standard allows and whose bars add up: {counts}."
    )
