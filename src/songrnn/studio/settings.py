"""`StudioSettings`: where the studio listens and what it opens; `Limits`: how much one request may ask for."""

from pydantic import Field, field_validator, model_validator

from songrnn.errors import SettingsError
from songrnn.settings import Positional, Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_TOKEN = 8


class Limits(Settings):
    """How much one request may ask for, and how much is done at once."""

    body_bytes: int = Field(1_000_000, ge=1, description="of a request")
    characters: int = Field(20_000, ge=1, description="of a tune or a prompt, and of what is composed of one")
    tunes: int = Field(64, ge=1, description="composed for one request, its candidates counted")
    tries: int = Field(20, ge=1, description="at an original tune")
    workers: int = Field(4, ge=1, description="requests that are computed at once; others wait")
    waiting: int = Field(200, ge=0, description="requests that wait; more are refused")
    rendered_bytes: int = Field(100_000_000, ge=0, description="of scores and sounds that are kept")


class StudioSettings(Settings):
    """Where the studio listens and what it opens."""

    checkpoints: Positional[tuple[str, ...]] = Field(
        ("folk",),
        min_length=1,
        description="folders of runs, or checkpoint files; folk: the model in the box. The first is used unless "
        "another is chosen",
    )
    host: str = Field(
        "127.0.0.1",
        description="the address to listen at; other than this computer's own, such as 0.0.0.0 for the network "
        "around it, it needs --token",
    )
    port: int = Field(7664, ge=0, le=65_535, description="the port; where it is taken, a free one; 0: a free one")
    token: str = Field("", description=f"who does not know it is refused; {SHORTEST_TOKEN} characters or more")
    no_browser: bool = Field(False, description="do not open the page in the browser")
    database: str = Field(
        "",
        description="where the tunebook is kept: a file, or an address such as "
        "postgresql+psycopg://user:password@host/database; default: a file in your data folder",
    )
    limits: Limits = Limits()

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: str) -> str:
        if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
            raise ValueError(f"the token must have {SHORTEST_TOKEN} or more plain characters, so that none guesses it")
        return token

    @model_validator(mode="after")
    def _guarded(self) -> "StudioSettings":
        if not self.is_local and not self.token:
            raise SettingsError(
                f"--host {self.host} lets others in, so it needs --token with a word that only your guests know"
            )
        return self

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach the studio."""
        return self.host in LOOPBACK
