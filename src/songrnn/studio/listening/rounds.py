"""`Rounds`: rounds of listening with their pairs, participants and answers, in the database of an archive."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from songrnn.errors import SettingsError
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import NotKept
from songrnn.studio.listening.pairs import TunePair
from songrnn.studio.listening.records import HiddenPair, NewAnswer, Participant, Round, RoundSummary, Source
from songrnn.studio.listening.tables import AnswerRow, PairRow, ParticipantRow, RoundRow

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are mistaken for others when they are read out."""
CODE_LENGTH = 6
SECRET_BYTES = 18
MOST_PARTICIPANTS = 500


class Rounds:
    """The rounds of an archive. Raises NotKept for a code that no round has, and for a secret that nobody has."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def all(self) -> tuple[RoundSummary, ...]:
        """All rounds, the latest first."""
        with self._archive.reading() as session:
            return tuple(_summary(session, row) for row in session.scalars(select(RoundRow).order_by(-RoundRow.id)))

    def keep(
        self, pairs: Sequence[TunePair], *, title: str, source: Source, model: str, checkpoint: str, seed: int
    ) -> RoundSummary:
        """Keep a new round, under a code of its own."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        rows = [PairRow(number=number, **vars(pair)) for number, pair in enumerate(pairs, start=1)]
        with self._archive.writing() as session:
            row = RoundRow(
                code=code,
                title=title or f"Round {1 + (session.scalar(select(func.max(RoundRow.id))) or 0)}",
                source=source,
                model=model,
                checkpoint=checkpoint,
                seed=seed,
                made_at=self._archive.now(),
                pairs=rows,
            )
            session.add(row)
            session.flush()
            return _summary(session, row)

    def get(self, code: str) -> Round:
        """A round and its pairs, which do not say what is human."""
        with self._archive.reading() as session:
            row = round_row(session, code)
            hidden = tuple(HiddenPair(number=pair.number, **_sides(pair)) for pair in row.pairs)
            return Round(**_summary(session, row).model_dump(), hidden=hidden)

    def join(self, code: str, name: str) -> Participant:
        """Take part under a name; raises SettingsError for one that is taken, and for a closed round."""
        with self._archive.writing() as session:
            row = _open_round(session, code)
            taken = {one.name for one in row.participants}
            if name in taken:
                raise SettingsError(f"there is {name!r} already; add a letter to your name", "name")
            if len(taken) >= MOST_PARTICIPANTS:
                raise SettingsError(f"this round has {MOST_PARTICIPANTS} participants, which is the most")
            made = ParticipantRow(
                name=name or _free_name(taken),
                secret=secrets.token_urlsafe(SECRET_BYTES),
                joined_at=self._archive.now(),
            )
            row.participants.append(made)
            session.flush()
            return _participant(row, made)

    def participant(self, code: str, secret: str) -> Participant:
        """Who has this secret, to go on after a reload."""
        with self._archive.reading() as session:
            row = round_row(session, code)
            return _participant(row, _by_secret(row, secret))

    def answer(self, code: str, number: int, answer: NewAnswer) -> Participant:
        """Keep an answer; raises SettingsError for a pair that is answered, and for a closed round."""
        with self._archive.writing() as session:
            row = _open_round(session, code)
            if number > len(row.pairs):
                raise NotKept(f"round {code} has no pair {number}; it has 1 to {len(row.pairs)}")
            who = _by_secret(row, answer.secret)
            if any(one.number == number for one in who.answers):
                raise SettingsError(f"pair {number} is answered already; an answer cannot be changed")
            made = AnswerRow(
                number=number,
                chose_first=answer.human == "first",
                seconds=answer.seconds,
                answered_at=self._archive.now(),
            )
            who.answers.append(made)
            session.flush()
            return _participant(row, who)

    def close(self, code: str) -> None:
        """End a round: no more answers, and its results say which tune was which."""
        with self._archive.writing() as session:
            row = round_row(session, code)
            row.closed_at = row.closed_at or self._archive.now()

    def delete(self, code: str) -> None:
        """Delete a round with all its answers, for good."""
        with self._archive.writing() as session:
            session.delete(round_row(session, code))


def round_row(session: Session, code: str, *, locked: bool = False) -> RoundRow:
    """The row of a code; raises NotKept. locked: no other transaction has it until this one ends."""
    found = select(RoundRow).where(RoundRow.code == code.strip().lower())
    row = session.scalars(found.with_for_update() if locked else found).one_or_none()
    if row is None:
        raise NotKept(f"there is no round {code[:20]!r}; look at the code again")
    return row


def _open_round(session: Session, code: str) -> RoundRow:
    """The row of a round that takes answers, locked, so that no name and no answer comes twice."""
    row = round_row(session, code, locked=True)
    if row.closed_at is not None:
        raise SettingsError("this round is closed: its answers are shown, so no more are taken")
    return row


def _summary(session: Session, row: RoundRow) -> RoundSummary:
    answers = select(func.count()).select_from(AnswerRow).join(ParticipantRow).where(ParticipantRow.round_id == row.id)
    names = RoundSummary.model_fields.keys() - {"pairs", "participants", "answers"}
    return RoundSummary(
        **{name: getattr(row, name) for name in names},
        pairs=len(row.pairs),
        participants=len(row.participants),
        answers=session.scalar(answers) or 0,
    )


def _sides(pair: PairRow) -> dict[str, str]:
    first, second = (pair.human, pair.composed) if pair.human_first else (pair.composed, pair.human)
    return {"first": first, "second": second}


def _participant(row: RoundRow, who: ParticipantRow) -> Participant:
    answered = tuple(sorted(answer.number for answer in who.answers))
    human_first = {pair.number: pair.human_first for pair in row.pairs}
    right = sum(answer.chose_first == human_first[answer.number] for answer in who.answers)
    finished = len(answered) == len(row.pairs)
    return Participant(name=who.name, secret=who.secret, answered=answered, right=right if finished else None)


def _by_secret(row: RoundRow, secret: str) -> ParticipantRow:
    for one in row.participants:
        if secrets.compare_digest(one.secret.encode(), secret.encode("utf-8", "replace")):
            return one
    raise NotKept("nobody takes part in this round under that secret; join it again")


def _free_name(taken: set[str]) -> str:
    number = len(taken) + 1
    while f"Guest {number}" in taken:
        number += 1
    return f"Guest {number}"
