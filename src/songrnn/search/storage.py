"""The database of a search: an SQLite file, or any database of SQLAlchemy, shared by all workers of the search.

Every message that names a database hides its password.
"""

import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from songrnn.errors import MissingExtra, RunError, SettingsError

CONNECT_SECONDS = 5
LOCK_SECONDS = 60  # another worker locks an SQLite file for milliseconds, or longer on a busy disk
GRACE_BEATS = 3  # missed heartbeats after which a worker counts as dead
MOST_RETRIES = 2  # of a trial whose worker died; the trial may be the cause
BUILDERS = 20  # attempts at making the tables while other workers make them too
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
EXAMPLE = "sqlite:///search.db or postgresql://user:password@host/database"


class SearchStorage:
    """The address of a database; raises SettingsError for anything else."""

    def __init__(self, address: str | Path) -> None:
        if isinstance(address, Path):
            self.url = URL.create("sqlite", database=str(address))
        else:
            self.url = _read_url(address)
        if self.url.get_backend_name() == "sqlite":
            _check_file(self)

    def __str__(self) -> str:
        """The address without its password."""
        hidden = {name: "***" if SECRET.search(name) else value for name, value in self.url.query.items()}
        return self.url.set(query=hidden).render_as_string(hide_password=True)

    def open(self, *, heartbeat_seconds: int) -> RDBStorage:
        """Connect, and make the tables if they are not there yet.

        Raises MissingExtra without the database's driver, RunError if it does not answer or holds something else.
        """
        try:
            with self.clear_errors():
                return self._open(heartbeat_seconds)
        except ImportError as error:
            raise MissingExtra(
                f"the database {self} needs the Python package {self.url.get_driver_name()}: install it, "
                "or leave --storage out for a file"
            ) from error
        except TimeoutError as error:
            raise RunError(f"the database {self} does not answer within {CONNECT_SECONDS} seconds") from error
        except (
            OSError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:  # optuna's tables of another version; a driver's own
            raise RunError(
                self._without_secrets(f"the database {self} cannot be used: {_first_line(error)}")
            ) from error

    def _open(self, heartbeat_seconds: int) -> RDBStorage:
        address = self.url.render_as_string(hide_password=False)
        for attempt in range(BUILDERS):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ExperimentalWarning)  # optuna's heartbeat, since 2021
                    return _PatientStorage(
                        address,  # optuna takes it for a template of its own; a rendered URL has no braces
                        engine_kwargs={"connect_args": self._connect_arguments()},
                        heartbeat_interval=heartbeat_seconds,
                        grace_period=GRACE_BEATS * heartbeat_seconds,
                        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=MOST_RETRIES),
                    )
            except (SQLAlchemyError, AssertionError) as error:
                if attempt + 1 == BUILDERS or not _is_building(error):
                    raise
                time.sleep(0.1)
        raise AssertionError("the loop returns or raises")

    def _connect_arguments(self) -> dict[str, Any]:
        if self.url.get_backend_name() == "sqlite":
            return {"timeout": LOCK_SECONDS}
        driver = self.url.get_driver_name()
        return {TIMEOUTS[driver]: CONNECT_SECONDS} if driver in TIMEOUTS else {}

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        """Turn errors of the database and its driver into one line without a password."""
        try:
            yield
        except DBAPIError as error:
            raise RunError(self._without_secrets(f"the database {self} refuses: {_first_line(error.orig)}")) from error
        except StorageInternalError as error:
            cause = error.__cause__
            reason = _first_line(cause.orig if isinstance(cause, DBAPIError) else cause or error)
            raise RunError(self._without_secrets(f"the database {self} no longer answers: {reason}")) from error
        except SQLAlchemyError as error:
            raise RunError(
                self._without_secrets(f"the database {self} cannot be used: {_first_line(error)}")
            ) from error

    def _without_secrets(self, text: str) -> str:
        secrets = [self.url.password, *(value for name, value in self.url.query.items() if SECRET.search(name))]
        for secret in secrets:
            if secret:
                text = text.replace(str(secret), "***")
        return text


class _PatientStorage(RDBStorage):
    """Storage that ignores a failed heartbeat: the next one follows."""

    def record_heartbeat(self, trial_id: int) -> None:
        with suppress(SQLAlchemyError, StorageInternalError):
            super().record_heartbeat(trial_id)


def _read_url(address: str) -> URL:
    # An address that cannot be read may hold a password anywhere, so these messages do not repeat it.
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"--storage is no address of a database; expected one such as {EXAMPLE}") from error
    try:
        url.get_dialect()
    except NoSuchModuleError as error:
        raise SettingsError(
            f"--storage names an unknown kind of database, {url.drivername!r}; expected one such as {EXAMPLE}"
        ) from error
    except ImportError:
        pass  # the driver is missing; reported when it is opened
    return url


def _check_file(storage: SearchStorage) -> None:
    name = storage.url.database
    if not name or name == ":memory:":
        raise SettingsError(f"the database {storage} is in memory and would be lost; name a file: sqlite:///search.db")
    if storage.url.query:
        raise SettingsError(f"the database {storage} is a file, which takes nothing after '?'; leave it out")
    if not Path(name).parent.is_dir():
        raise SettingsError(f"the database {storage} cannot be made: there is no folder {Path(name).parent}")
    if Path(name).is_dir():
        raise SettingsError(f"the database {storage} is a folder; name a file in it: {storage}/search.db")


def _is_building(error: Exception) -> bool:
    """Whether the error comes from another worker's making the same tables at the same time."""
    return isinstance(error, IntegrityError | AssertionError) or "already exists" in str(error)


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def quiet_optuna() -> None:
    """Turn off optuna's logging of every trial, and of failures with tracebacks; songrnn reports them itself."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
