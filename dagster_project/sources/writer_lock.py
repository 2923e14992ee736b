"""One writer at a time on a data folder, whoever started it: the schedule, the terminal, a click in the UI.

The operating system holds the lock and drops it with the process, so a killed run never leaves one behind. Dagster's
run queue keeps its own runs apart; it does not see a run in a terminal.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from dagster_project.sources.home import Home


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def sole_writer(home: Home, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the data folder; calls `waiting` once and waits when another process holds it."""
    home.path.mkdir(parents=True, exist_ok=True)
    with home.writer_lock.open("a") as file:
        if not _take(file):
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_being_written(home: Home) -> bool:
    """Whether a process holds the data folder now."""
    if not home.writer_lock.exists():
        return False
    with home.writer_lock.open("a") as file:
        return not _take(file)
