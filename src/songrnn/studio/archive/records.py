"""What the tunebook takes and gives: the same for the archive and for the HTTP API.

Texts hold no control characters and no halves of surrogate pairs, which some databases refuse.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from songrnn.composing.request import Request

LONGEST_TITLE = 200
LONGEST_TAG = 50
LONGEST_NOTES = 10_000
LONGEST_ABC = 200_000
MOST_TAGS = 50
MOST_IN_SET = 1_000
MOST_LISTED = 500
LARGEST_ID = 2**31 - 1

Origin = Literal["composed", "rewritten", "edited", "imported"]
"""How a version came about: composed whole; in parts, between bars that stay; by hand; read from a file."""


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").replace("\t", "").replace("\N{NO-BREAK SPACE}", "").isprintable():
        raise ValueError("must be text of printable characters")
    return text


def _tag(text: str) -> str:
    return _one_line(text).lower()


def _in_unicode(request: Request) -> Request:
    try:
        request.model_dump_json()
    except ValueError as error:  # of pydantic's serialiser
        raise ValueError("must hold no halves of surrogate pairs") from error
    return request


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(filter(None, tags))))


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Title = Annotated[str, Field(max_length=LONGEST_TITLE, examples=["The Stony Ford"]), AfterValidator(_one_line)]
Word = Annotated[str, Field(max_length=LONGEST_TITLE), AfterValidator(_one_line)]
Tag = Annotated[str, Field(max_length=LONGEST_TAG, examples=["session"]), AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS), AfterValidator(_each_once)]
Notes = Annotated[str, Field(max_length=LONGEST_NOTES), AfterValidator(_lines)]
Stars = Annotated[int, Field(ge=0, le=5)]
Abc = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_ABC,
        description="one tune in ABC notation",
        examples=["X:1\nT:The Stony Ford\nR:jig\nM:6/8\nL:1/8\nK:Dmaj\n|:DFA dfa|gec dAF|DFA dfa|gec d3:|\n"],
    ),
    AfterValidator(_lines),
]


class NotKept(LookupError):
    """There is no such tune, version or set in the tunebook; the message says which."""


class Record(BaseModel):
    """Frozen; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewVersion(Record):
    """A version to keep, with all that is needed to compose it again."""

    abc: Abc
    origin: Origin = "edited"
    parent: Id | None = Field(None, description="the version that it was made from; by default the current one")
    request: Annotated[Request, AfterValidator(_in_unicode)] | None = Field(
        None, description="the request that composed it, with its seed"
    )
    tune_number: int | None = Field(None, ge=0, lt=2**63, description="which tune of the seed it is, from 0")
    model: Word = Field("", description="an open model that composed it: the studio fills in checkpoint and engine")
    checkpoint: Word = Field("", description="the digest of the model that composed it")
    engine: dict[Word, Word] | None = Field(None, max_length=10, description="what computed it")


class NewTune(NewVersion):
    """A tune to keep. Without a title it has that of its text, or one is proposed."""

    title: Title = ""
    tags: Tags = ()
    stars: Stars = 0
    notes: Notes = ""


class TuneChange(Record):
    """What to change of a tune; what is left out stays."""

    title: Annotated[Title, Field(min_length=1)] | None = None
    tags: Tags | None = None
    stars: Stars | None = None
    notes: Notes | None = None
    current: Id | None = Field(None, description="the version that becomes the current one: undo and redo")


class VersionSummary(Record):
    """A version in the tree."""

    number: int
    parent: int | None
    origin: Origin
    made_at: datetime
    can_be_composed_again: bool


class Version(VersionSummary):
    """A version with its text, and what composed it."""

    abc: str
    request: dict[str, Any] | None
    tune_number: int | None
    checkpoint: str
    engine: dict[str, str] | None
    program: str


class TuneSummary(Record):
    """A tune in a list."""

    id: int
    title: str
    rhythm: str
    key: str
    meter: str
    stars: int
    tags: tuple[str, ...]
    current: int
    made_at: datetime
    changed_at: datetime
    deleted_at: datetime | None


class KeptTune(TuneSummary):
    """A tune with the text of its current version and the tree of all."""

    abc: str
    notes: str
    versions: tuple[VersionSummary, ...]


class TuneQuery(Record):
    """Which tunes: all conditions hold together."""

    words: Word = Field("", description="each in the title, rhythm, key, tags, notes or text", examples=["harbour jig"])
    rhythm: Word = Field("", examples=["jig"])
    key: Word = Field("", examples=["Dmaj", "A dorian"])
    meter: Word = Field("", examples=["6/8"])
    tag: Tag = ""
    stars: Stars = Field(0, description="so many or more")
    set: Id | None = Field(None, description="of this set")
    deleted: bool = Field(False, description="those that are deleted, in place of the others")
    order: Literal["changed", "title", "stars"] = "changed"
    offset: int = Field(0, ge=0, le=10**9)
    limit: int = Field(50, ge=1, le=MOST_LISTED)


class TuneList(Record):
    """One page of the tunes found; `total` counts all."""

    total: int
    tunes: tuple[TuneSummary, ...]


class SetContent(Record):
    """A set as the player has it."""

    title: Annotated[Title, Field(min_length=1)]
    notes: Notes = ""
    tunes: tuple[Id, ...] = Field((), max_length=MOST_IN_SET, description="in the order of playing")


class TuneSet(Record):
    """A set that is kept."""

    id: int
    title: str
    notes: str
    tunes: tuple[TuneSummary, ...]
    changed_at: datetime
    deleted_at: datetime | None


ExportFormat = Literal["abc", "midi", "wav", "mp3", "musicxml", "svg", "pdf", "html", "zip"]
MOST_EXPORTED: dict[ExportFormat, int] = {
    **dict.fromkeys(("midi", "wav", "mp3", "musicxml", "svg"), 1),
    "abc": 10_000,
    "pdf": 300,
    "html": 50,
    "zip": 100,
}
"""Tunes in one file of each format."""
MEDIA_TYPES: dict[ExportFormat, str] = {
    "abc": "text/vnd.abc; charset=utf-8",
    "midi": "audio/midi",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "zip": "application/zip",
}


class ImportedTune(Record):
    """A tune that is kept. problems: what is wrong in it, a line each with its place."""

    id: int
    title: str
    problems: tuple[str, ...]


class LeftOutTune(Record):
    """A tune that was not kept. number: its place in the file, from 1."""

    number: int
    title: str
    reason: str
    id: int | None = Field(None, description="the tune with the same music that is there already")


class ImportReport(Record):
    """What became of the tunes of a file."""

    encoding: str
    kept: tuple[ImportedTune, ...]
    left_out: tuple[LeftOutTune, ...]


class ComposedAgain(Record):
    """What came of composing a version again. same: whether it is the same music, to the character."""

    same: bool
    model: str
    abc: str


class TitleRequest(Record):
    """A tune for which titles are wanted."""

    abc: Abc
    place: Word = Field("", description="where the tune belongs; by default a made-up place")
    count: int = Field(5, ge=1, le=20)


class Count(Record):
    """How many tunes have this value."""

    value: str
    tunes: int
