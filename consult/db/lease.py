"""A lease that one process of all holds: a session lock of PostgreSQL on a connection of its own.

The database ends the session of a holder that is silent for 3 s (frozen, cut off, gone), and the
lease with it. What the holder does inside that session cannot commit once the lease is lost.
"""

import hashlib
import os
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, literal, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import func

from consult.db.engine import POSTGRES_ARGUMENTS

_SILENT_MS: Final = 3000
# PostgreSQL 20.11.1: both end the session, and with it its advisory locks (13.3.5)
_TIMEOUTS: Final = (
    f"-c idle_session_timeout={_SILENT_MS} -c idle_in_transaction_session_timeout={_SILENT_MS}"
)


class Lease:
    """Taken by `hold`, kept by calling it again within 3 s; one thread uses it at a time."""

    def __init__(self, url: URL, name: str) -> None:
        self._engine: Engine = create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                **POSTGRES_ARGUMENTS,
                "options": _TIMEOUTS,
                "application_name": f"lianzhen {name} {os.getpid()}",  # says who holds it
            },
        )
        self._key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        self._line: Connection | None = None
        self.connection: Connection | None = None
        """The line that holds the lease, while it is held; work on it that fails must release."""

    def hold(self) -> Connection | None:
        """The connection that holds the lease, or None while another process holds it.

        Raises SQLAlchemyError when the database cannot be asked; the lease is lost then.
        """
        try:
            line = self._line = self._line or self._engine.connect()
            is_mine = self.connection is not None
            question = literal(1) if is_mine else func.pg_try_advisory_lock(self._key)
            self.connection = line if line.scalar(select(question)) else None
            line.commit()
        except SQLAlchemyError:
            self.release()
            raise
        return self.connection

    def release(self) -> None:
        """Let another process have it at once."""
        if self._line is not None:
            self._line.invalidate()
            self._line.close()
        self._line = self.connection = None
