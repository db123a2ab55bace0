"""The readable engine, in NumPy: draws a character, feeds it to the network, and repeats until the tune ends.

The compiled engine is tested against it, and it composes where that could not be built.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.constraints.constraint import Constraint
from songrnn.constraints.state import TuneState
from songrnn.engines.filters import Filter, draw, filters_of
from songrnn.engines.intervention import Interventions, intervened
from songrnn.engines.stepper import NumpyStepper, Stepper
from songrnn.engines.task import LONGEST_FIELD, NO_ID, EngineTask
from songrnn.engines.types import Drawn, EngineUsed, RecordedText, Trace
from songrnn.model.equations import forward
from songrnn.model.inputs import Inputs
from songrnn.vocabulary import Ids

TUNES_AT_ONCE = 64


class NumpyEngine:
    """See Engine. stepper: other than the checkpoint's own, for tests."""

    def __init__(
        self, checkpoint: Checkpoint, stepper: Stepper | None = None, interventions: Interventions = ()
    ) -> None:
        self.used = EngineUsed("numpy", "numpy", "fp32")
        self._checkpoint = checkpoint
        self._interventions = interventions
        self._stepper = stepper or NumpyStepper(checkpoint, interventions)

    def stream(self, task: EngineTask, number: int) -> Iterator[Drawn]:
        """See Engine."""
        draws = _Draws(self._stepper, self._checkpoint, task, number)
        for character in draws:
            yield _drawn([character], finished=False)
        yield _drawn([], finished=draws.finished)

    def compose(self, task: EngineTask, number: int) -> Drawn:
        """See Engine."""
        draws = _Draws(self._stepper, self._checkpoint, task, number)
        characters = list(draws)
        return _drawn(characters, finished=draws.finished)

    def compose_many(self, task: EngineTask, first: int, count: int) -> Iterator[Drawn]:
        """See Engine."""
        for number in range(first, first + count):
            yield self.compose(task, number)

    def score(self, texts: Sequence[Ids]) -> Iterator[NDArray[np.floating]]:
        """See Engine."""
        longest_first = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        scores: dict[int, NDArray[np.floating]] = {}
        for begin in range(0, len(texts), TUNES_AT_ONCE):
            group = longest_first[begin : begin + TUNES_AT_ONCE]
            read = [self._checkpoint.reader.read(texts[i]) for i in group]
            scores.update(zip(group, _score(self._stepper, read), strict=True))
        yield from (scores[i] for i in range(len(texts)))

    def record(self, texts: Sequence[Ids], *, cell: bool, gates: bool) -> Iterator[RecordedText]:
        """See Engine."""
        for ids in texts:
            trace = self.trace(ids)
            answers = trace.log_probabilities[np.arange(len(ids) - 1), ids[1:]]
            wanted = {"hidden": True, "cell": cell}
            kept = {name: values for name, values in trace.quantities.items() if wanted.get(name, gates)}
            yield RecordedText(answers, kept)

    def trace(self, ids: Ids) -> Trace:
        """See Engine."""
        checkpoint = self._checkpoint

        def change(hidden: NDArray[np.floating], layer: int, time: int) -> NDArray[np.floating]:
            changed = intervened(hidden[None].astype(np.float32), layer + 1, np.array([time]), self._interventions)
            return np.asarray(changed[0])

        logits, steps = forward(
            checkpoint.weights,
            checkpoint.model,
            checkpoint.vocabulary,
            checkpoint.reader.read(ids),
            change if self._interventions else None,
        )
        quantities = {"hidden": np.array([[layer.hidden for layer in step] for step in steps])}
        if checkpoint.model.cell == "lstm":
            quantities["cell"] = np.array([[layer.cell for layer in step] for step in steps])
        for gate in steps[0][0].gates:
            quantities[gate] = np.array([[layer.gates[gate] for layer in step] for step in steps])
        return Trace(_log_softmax(logits), quantities)


Character = tuple[int, float, bool, int, float]  # id, log-probability, given, copied from, removed
RESERVE = 512
"""No character makes the completion of a strict tune longer by more than this, and by more than all of it."""


class _Draws:
    """The characters of one tune, one after the other; `finished` says whether it ended.

    The loop: the network says how likely each character is (`_logits`), the filters say what may be drawn, one random
    number decides, and the network reads the character.
    """

    def __init__(self, stepper: Stepper, checkpoint: Checkpoint, task: EngineTask, number: int) -> None:
        self.finished = False
        self._stepper, self._task, self._settings = stepper, task, task.settings
        self._constraint = task.constraint
        self._filters: Sequence[Filter] = filters_of(task.settings, task.allowed)
        self._rng = np.random.Generator(np.random.Philox(key=np.array([task.seed, number], dtype=np.uint64)))
        self._state = stepper.start()
        self._ids: list[int] = []
        self._inputs = checkpoint.reader.incremental(task.tune_plan)
        self._marker = task.end_text.tolist()
        self._standing = TuneState()
        self._removed = 0.0

    def __iter__(self) -> Iterator[Character]:
        for i in self._task.begin:
            self._read(int(i))
        for piece in self._task.pieces:
            for i in piece.ids:
                yield self._accept(int(i), given=True)
            if piece.open_line:
                yield from self._field()
        yield from self._body() if self._task.end != NO_ID else self._body_in_raw_form()

    def _body(self) -> Iterator[Character]:
        """Draw until the end id."""
        if self._constraint is not None:
            yield from self._strict_body(self._constraint)
            return
        for _ in range(self._settings.max_characters):
            i = self._draw()
            if i == self._task.end:
                self.finished = True
                return
            if i != self._task.start:  # an untrained network may draw it; it has no character
                yield self._accept(i, given=False)

    def _strict_body(self, constraint: Constraint) -> Iterator[Character]:
        """Draw until the end id; if the characters run out, complete the tune."""
        left, completed = self._settings.max_characters, False
        reserve = 2 * constraint.characters_to_end(self._standing) + RESERVE
        while (i := self._draw()) != constraint.end:
            left -= 1
            after = constraint.push(self._standing, i)
            assert after is not None
            if left <= reserve and constraint.characters_to_end(after) > left + 1:
                i, completed = constraint.next_to_end(self._standing), True
                if i == constraint.end:
                    break
            yield self._accept(i, given=False)
        self.finished = not completed

    def _body_in_raw_form(self) -> Iterator[Character]:
        """Draw until the literal end marker; what may be the beginning of one is held back until that is clear."""
        held: list[Character] = []
        for _ in range(self._settings.max_characters):
            held.append(self._accept(self._draw(), given=False))
            while held and self._marker[: len(held)] != [character[0] for character in held]:
                yield held.pop(0)
            if held and len(held) == len(self._marker):
                self.finished = True
                return
        yield from held

    def _field(self) -> Iterator[Character]:
        """Let the network write the rest of a header line."""
        line_end = self._task.line_end
        for count in range(LONGEST_FIELD + 1):
            i = self._draw() if count < LONGEST_FIELD else line_end
            i = line_end if i >= self._task.start else i
            yield self._accept(i, given=False)
            if i == line_end:
                return

    def _draw(self) -> int:
        logits = self._logits
        if self._constraint is not None:
            allowed = self._constraint.allowed(self._standing)
            self._removed = float(np.exp(_log_softmax(logits))[~allowed].sum())
            logits = np.where(allowed, logits, -np.inf)
            if not np.isfinite(logits).any():
                return self._constraint.next_to_end(self._standing)
        for apply in self._filters:
            logits = apply(logits)
        return draw(logits, self._rng)

    def _accept(self, i: int, *, given: bool) -> Character:
        """Make id `i` the next of the tune, and tell the network."""
        likelihood = float(_log_softmax(self._logits)[i])
        suggestion = self._inputs.suggestion
        follows = suggestion.length > 0 and suggestion.character == i
        read = len(self._ids) - len(self._task.begin)
        copied_from = max(-1, read - suggestion.distance) if follows else -1
        self._read(i)
        if self._constraint is not None:
            after = self._constraint.push(self._standing, i)
            assert after is not None
            self._standing = after
        return i, likelihood, given, copied_from, 0.0 if given else self._removed

    def _read(self, i: int) -> None:
        logits, self._state = self._stepper.step(self._inputs.read(i).at(None), self._state)
        self._logits: NDArray[np.float64] = logits[0].astype(np.float64)
        self._ids.append(i)


def _drawn(characters: Sequence[Character], *, finished: bool) -> Drawn:
    ids, log_probabilities, given, copied_from, removed = zip(*characters, strict=True) if characters else ((),) * 5
    return Drawn(
        np.array(ids, dtype=np.int64),
        np.array(log_probabilities, dtype=np.float64),
        np.array(given, dtype=bool),
        np.array(copied_from, dtype=np.int64),
        np.array(removed, dtype=np.float64),
        finished,
    )


def _score(stepper: Stepper, tunes: Sequence[Inputs]) -> list[NDArray[np.floating]]:
    """The log-probability of every id but the first, of tunes sorted by length, longest first; those that end leave."""
    state = stepper.start(len(tunes))
    scores: list[NDArray[np.floating]] = [np.zeros(len(tune.rows) - 1) for tune in tunes]
    for position in range(len(tunes[0].rows) - 1):
        going = [tune for tune in tunes if len(tune.rows) > position + 1]
        inputs = Inputs.side_by_side([tune.at(position) for tune in going])
        logits, state = stepper.step(inputs, state.first(len(going)))
        answers = _log_softmax(logits.astype(np.float64))
        for number, tune in enumerate(going):
            scores[number][position] = answers[number, tune.rows[position + 1, 0]]
    return scores


def _log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Logarithms of the probabilities that logits [..., V] stand for."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    probabilities: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return probabilities
