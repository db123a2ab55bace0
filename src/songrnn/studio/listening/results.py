"""The answers of a round as figures, and as CSV for statistics programs.

The share right has Wilson's 95 % interval, as if all answers were independent. Answers of one participant, and about
one pair, are not quite: of a class the intervals of single participants say more.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from songrnn.errors import SettingsError
from songrnn.statistics import share
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.tune_text import facts_of
from songrnn.studio.listening.records import PairResult, ParticipantResult, Results, Share, Side
from songrnn.studio.listening.rounds import round_row
from songrnn.studio.listening.tables import AnswerRow, PairRow, ParticipantRow, RoundRow

COLUMNS = (
    *("round", "code", "source", "model", "seed", "participant", "pair", "rhythm", "meter", "key", "human_title"),
    *("human", "answer", "right", "seconds", "answered_at"),
)
_FORMULA = ("=", "+", "-", "@", "\t")


class _Answer(NamedTuple):
    participant: ParticipantRow
    pair: PairRow
    answer: AnswerRow

    @property
    def right(self) -> bool:
        return self.answer.chose_first == self.pair.human_first


def results_of(archive: Archive, code: str) -> Results:
    """The figures of a round.

    Before it is closed they do not say which tunes are human, nor count who has not answered every pair: a figure that
    changes with each answer would.
    """
    with archive.reading() as session:
        row = round_row(session, code)
        closed, answers = row.closed_at is not None, list(_answers(row))
        counted = [one for one in answers if closed or len(one.participant.answers) == len(row.pairs)]
        return Results(
            closed=closed,
            all=_share(counted),
            participants=tuple(
                ParticipantResult(
                    name=who.name,
                    answered=len(who.answers),
                    **_share([one for one in counted if one.participant is who]).model_dump(),
                )
                for who in row.participants
            ),
            pairs=tuple(_of_pair(pair, [one for one in answers if one.pair is pair], closed) for pair in row.pairs),
        )


def results_as_csv(archive: Archive, code: str) -> str:
    """A row for each answer, under COLUMNS. Raises SettingsError for a round that is open, whose keys are hidden."""
    with archive.reading() as session:
        row = round_row(session, code)
        if row.closed_at is None:
            raise SettingsError("the file says which tunes are human, so close the round first")
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([_plain(value) for value in _values(row, one)] for one in _answers(row))
        return written.getvalue()


def _values(row: RoundRow, one: _Answer) -> tuple[object, ...]:
    facts = facts_of(one.pair.human)
    return (
        *(row.title, row.code, row.source, row.model, row.seed, one.participant.name, one.pair.number),
        *(facts.rhythm, facts.meter, facts.key, one.pair.human_title),
        *(_side(first=one.pair.human_first), _side(first=one.answer.chose_first), int(one.right)),
        "" if one.answer.seconds is None else round(one.answer.seconds, 1),
        one.answer.answered_at.isoformat(timespec="seconds"),
    )


def _plain(value: object) -> object:
    """A text that a spreadsheet takes for no formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _answers(row: RoundRow) -> Iterator[_Answer]:
    pairs = {pair.number: pair for pair in row.pairs}
    return (_Answer(who, pairs[answer.number], answer) for who in row.participants for answer in who.answers)


def _of_pair(pair: PairRow, answers: list[_Answer], closed: bool) -> PairResult:
    if not closed:
        return PairResult(number=pair.number, human=None, human_title="", **_share([]).model_dump())
    human = _side(first=pair.human_first)
    return PairResult(number=pair.number, human=human, human_title=pair.human_title, **_share(answers).model_dump())


def _share(answers: list[_Answer]) -> Share:
    return Share.of(share([float(one.right) for one in answers]))


def _side(*, first: bool) -> Side:
    return "first" if first else "second"
