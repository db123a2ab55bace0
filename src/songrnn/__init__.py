"""Train character-level recurrent networks on ABC notation, compose, render, and inspect neurons.

>>> import songrnn
>>> composer = songrnn.load("folk")                                    # doctest: +SKIP
>>> print(composer.compose("M:6/8\\nK:Dmaj\\n", temperature=0.8, seed=7).abc())   # doctest: +SKIP
>>> print(songrnn.write_tune(songrnn.transpose(songrnn.read_tune("K:Ador\\nA2B c2d|\\n"), -2)))   # doctest: +SKIP

The names below load when they are first used: importing songrnn loads neither PyTorch nor a plotting library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PLACES = {
    "AbcSyntaxError": "songrnn.errors",
    "Checkpoint": "songrnn.checkpoint",
    "Composer": "songrnn.composing.composer",
    "Composition": "songrnn.composing.composition",
    "Corpus": "songrnn.corpus.corpus",
    "CorpusSettings": "songrnn.corpus.settings",
    "FormSettings": "songrnn.composing.form",
    "ModelSettings": "songrnn.model.settings",
    "OriginalitySettings": "songrnn.originality.settings",
    "Problem": "songrnn.checks.problem",
    "Request": "songrnn.composing.request",
    "SamplingSettings": "songrnn.engines.settings",
    "SongrnnError": "songrnn.errors",
    "SoundSettings": "songrnn.rendering.sound_settings",
    "TimedNote": "songrnn.performance.timeline",
    "Timeline": "songrnn.performance.timeline",
    "TrainingSettings": "songrnn.training.settings",
    "Tune": "songrnn.notation.tune",
    "bits_per_character": "songrnn.evaluation.bits_per_character",
    "check": "songrnn.checks.check",
    "load": "songrnn.composing.composer",
    "perform": "songrnn.performance.timeline",
    "read_corpus": "songrnn.corpus.corpus",
    "read_tune": "songrnn.notation.read",
    "render": "songrnn.rendering.render",
    "timeline": "songrnn.performance.timeline",
    "train": "songrnn.training.loop",
    "transpose": "songrnn.notation.transpose",
    "write_tune": "songrnn.notation.write",
}
__all__ = ["__version__", *_PLACES]

if TYPE_CHECKING:
    from songrnn.checkpoint import Checkpoint as Checkpoint
    from songrnn.checks.check import check as check
    from songrnn.checks.problem import Problem as Problem
    from songrnn.composing.composer import Composer as Composer
    from songrnn.composing.composer import load as load
    from songrnn.composing.composition import Composition as Composition
    from songrnn.composing.form import FormSettings as FormSettings
    from songrnn.composing.request import Request as Request
    from songrnn.corpus.corpus import Corpus as Corpus
    from songrnn.corpus.corpus import read_corpus as read_corpus
    from songrnn.corpus.settings import CorpusSettings as CorpusSettings
    from songrnn.engines.settings import SamplingSettings as SamplingSettings
    from songrnn.errors import AbcSyntaxError as AbcSyntaxError
    from songrnn.errors import SongrnnError as SongrnnError
    from songrnn.evaluation.bits_per_character import bits_per_character as bits_per_character
    from songrnn.model.settings import ModelSettings as ModelSettings
    from songrnn.notation.read import read_tune as read_tune
    from songrnn.notation.transpose import transpose as transpose
    from songrnn.notation.tune import Tune as Tune
    from songrnn.notation.write import write_tune as write_tune
    from songrnn.originality.settings import OriginalitySettings as OriginalitySettings
    from songrnn.performance.timeline import TimedNote as TimedNote
    from songrnn.performance.timeline import Timeline as Timeline
    from songrnn.performance.timeline import perform as perform
    from songrnn.performance.timeline import timeline as timeline
    from songrnn.rendering.render import render as render
    from songrnn.rendering.sound_settings import SoundSettings as SoundSettings
    from songrnn.training.loop import train as train
    from songrnn.training.settings import TrainingSettings as TrainingSettings


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'songrnn' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
