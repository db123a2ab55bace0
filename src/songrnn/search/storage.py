"""The database of a search: an SQLite file, or any database of SQLAlchemy, shared by all workers of the search.

Every message that names a database hides its password.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from songrnn.database import CONNECT_SECONDS, DatabaseAddress, first_line
from songrnn.errors import MissingExtra, RunError

GRACE_BEATS = 3  # missed heartbeats after which a worker counts as dead
MOST_RETRIES = 2  # of a trial whose worker died; the trial may be the cause
BUILDERS = 20  # attempts at making the tables while other workers make them too


class SearchStorage(DatabaseAddress):
    """The address of a database; raises SettingsError for anything else."""

    def __init__(self, address: str | Path) -> None:
        super().__init__(address, flag="--storage", file="search.db")

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
            raise RunError(self.without_secrets(f"the database {self} cannot be used: {first_line(error)}")) from error

    def _open(self, heartbeat_seconds: int) -> RDBStorage:
        address = self.url.render_as_string(hide_password=False)
        for attempt in range(BUILDERS):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ExperimentalWarning)  # optuna's heartbeat, since 2021
                    return _PatientStorage(
                        address,  # optuna takes it for a template of its own; a rendered URL has no braces
                        engine_kwargs={"connect_args": self.connect_arguments()},
                        heartbeat_interval=heartbeat_seconds,
                        grace_period=GRACE_BEATS * heartbeat_seconds,
                        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=MOST_RETRIES),
                    )
            except (SQLAlchemyError, AssertionError) as error:
                if attempt + 1 == BUILDERS or not _is_building(error):
                    raise
                time.sleep(0.1)
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        """As of any database, and what optuna makes of a database that no longer answers."""
        try:
            with super().clear_errors():
                yield
        except StorageInternalError as error:
            cause = error.__cause__
            reason = first_line(cause.orig if isinstance(cause, DBAPIError) else cause or error)
            raise RunError(self.without_secrets(f"the database {self} no longer answers: {reason}")) from error


class _PatientStorage(RDBStorage):
    """Storage that ignores a failed heartbeat: the next one follows."""

    def record_heartbeat(self, trial_id: int) -> None:
        with suppress(SQLAlchemyError, StorageInternalError):
            super().record_heartbeat(trial_id)


def _is_building(error: Exception) -> bool:
    """Whether the error comes from another worker's making the same tables at the same time."""
    return isinstance(error, IntegrityError | AssertionError) or "already exists" in str(error)


def quiet_optuna() -> None:
    """Turn off optuna's logging of every trial, and of failures with tracebacks; songrnn reports them itself."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
