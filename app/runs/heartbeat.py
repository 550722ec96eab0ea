"""A heartbeat: as long as it is heard, work that somebody has claimed is theirs; when it stops, others take it over."""

import logging
import threading
from abc import ABC, abstractmethod
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, func
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

log = logging.getLogger("assist1540.runs")

#: Seconds between two heartbeats.
BEAT_S = 1.0
#: Seconds without one after which whoever worked must have been killed.
LOST_AFTER_S = 10
#: How often work is taken over before it is given up: it may be what kills its workers.
MOST_ATTEMPTS = 3


def unheard(heartbeat_at: Any) -> ColumnElement[bool]:
    """That the last heartbeat is so long ago that nobody can be at work any more."""
    silent: ColumnElement[bool] = heartbeat_at < func.clock_timestamp() - timedelta(seconds=LOST_AFTER_S)
    return silent


class Heartbeat(ABC):
    """Beats in a thread of its own while it is entered; a beat that the database does not take is left out."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_until_stopped, daemon=True)

    @abstractmethod
    def beat(self) -> None:
        """Say that work goes on, and hear whether it may."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat_until_stopped(self) -> None:
        while not self._stopped.wait(BEAT_S):
            try:
                self.beat()
            except (DBAPIError, NoConnection) as error:
                log.warning("no heartbeat: %s", error)
