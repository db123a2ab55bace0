"""Addresses of databases, as a user writes them, and errors of databases in one line without a password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from songrnn.errors import RunError, SettingsError

CONNECT_SECONDS = 5
LOCK_SECONDS = 60  # another process locks an SQLite file for milliseconds, or longer on a busy disk
TIMEOUTS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mysqlconnector": "connection_timeout",
    "pg8000": "timeout",
}
"""Drivers, and the names of their connection timeout in seconds."""
SECRET = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)


class DatabaseAddress:
    """The address of a database: the path of an SQLite file, or what SQLAlchemy reads as an address.

    flag: what names it on the command line; file: the name of a file in examples.
    Raises SettingsError for what is no address, and for an SQLite database that no file holds.
    """

    def __init__(self, address: str | Path, *, flag: str, file: str) -> None:
        self._flag, self._example = flag, f"sqlite:///{file} or postgresql://user:password@host/database"
        self._file = file
        if isinstance(address, Path):
            self.url = URL.create("sqlite", database=str(address))
        else:
            self.url = self._read(address)
        if self.is_file:
            self._check_file()

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    def __str__(self) -> str:
        """The address without its password."""
        hidden = {name: "***" if SECRET.search(name) else value for name, value in self.url.query.items()}
        return self.url.set(query=hidden).render_as_string(hide_password=True)

    def connect_arguments(self) -> dict[str, Any]:
        """What the driver takes, so that neither a lock nor a silent server lasts for ever."""
        if self.is_file:
            return {"timeout": LOCK_SECONDS}
        driver = self.url.get_driver_name()
        return {TIMEOUTS[driver]: CONNECT_SECONDS} if driver in TIMEOUTS else {}

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        """Turn errors of the database and its driver into a RunError of one line without a password."""
        try:
            yield
        except DBAPIError as error:
            raise RunError(self.without_secrets(f"the database {self} refuses: {first_line(error.orig)}")) from error
        except SQLAlchemyError as error:
            raise RunError(self.without_secrets(f"the database {self} cannot be used: {first_line(error)}")) from error

    def without_secrets(self, text: str) -> str:
        """`text` with asterisks in place of the passwords of this address."""
        secrets = [self.url.password, *(value for name, value in self.url.query.items() if SECRET.search(name))]
        for secret in secrets:
            if secret:
                text = text.replace(str(secret), "***")
        return text

    def _read(self, address: str) -> URL:
        # An address that cannot be read may hold a password anywhere, so these messages do not repeat it.
        try:
            url = make_url(address)
        except (ArgumentError, ValueError) as error:
            raise SettingsError(
                f"{self._flag} is no address of a database; expected one such as {self._example}"
            ) from error
        try:
            url.get_dialect()
        except NoSuchModuleError as error:
            raise SettingsError(
                f"{self._flag} names an unknown kind of database, {url.drivername!r}; "
                f"expected one such as {self._example}"
            ) from error
        except ImportError:
            pass  # the driver is missing; reported when it is opened
        return url

    def _check_file(self) -> None:
        name = self.url.database
        if not name or name == ":memory:":
            raise SettingsError(
                f"the database {self} is in memory and would be lost; name a file: sqlite:///{self._file}"
            )
        if self.url.query:
            raise SettingsError(f"the database {self} is a file, which takes nothing after '?'; leave it out")
        if not Path(name).parent.is_dir():
            raise SettingsError(f"the database {self} cannot be made: there is no folder {Path(name).parent}")
        if Path(name).is_dir():
            raise SettingsError(f"the database {self} is a folder; name a file in it: {self}/{self._file}")


def first_line(error: object) -> str:
    """The first line of an error; the name of its class where it has no message."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
