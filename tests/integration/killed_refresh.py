"""A refresh that kills itself with SIGKILL at a named point: `python -m tests.integration.killed_refresh POINT ...`.

Nothing is closed, flushed or undone on the way out, as when the machine is switched off.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.publication import database_path, earlier_publications, publish
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Ledger
from dagster_project.sources.loading import take_in
from dagster_project.sources.mapping import read_mapping
from dagster_project.sources.run_state import definitions_hash, prepare, recomputed_from

if TYPE_CHECKING:
    from tests.integration.pipeline import Pipeline

PROJECT = Path(__file__).resolve().parents[2]
HALF_OF_THE_MODELS = 60


def killed_refresh(point: str, pipeline: Pipeline, as_of: dt.date) -> None:
    """Run a refresh in a process of its own that is killed at the point; raises when it was not."""
    assert pipeline.exports is not None
    arguments = [point, pipeline.sources, pipeline.home.path, pipeline.exports, as_of.isoformat()]
    result = subprocess.run(
        [sys.executable, "-m", "tests.integration.killed_refresh", *map(str, arguments)],
        cwd=PROJECT, timeout=300, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == -signal.SIGKILL, result.stdout + result.stderr


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_instead(owner: Any, name: str, is_time: Callable[..., bool]) -> None:
    """Replace a function of a module or class by one that dies when it is time, and else does what it did."""
    function = getattr(owner, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        return _die() if is_time(*args) else function(*args, **kwargs)

    setattr(owner, name, replaced)


def _at_call(number: int) -> Callable[..., bool]:
    calls = itertools.count(1)
    return lambda *_: next(calls) == number


def _die_after_models(number: int) -> None:
    """Die when so many models are built; the other thread is in the middle of one."""
    from dbt.cli.main import dbtRunner

    from tests.integration import pipeline

    is_time = _at_call(number)

    def watch(message: Any) -> None:
        if message.info.name == "NodeFinished" and is_time():
            _die()

    setattr(pipeline, "dbtRunner", functools.partial(dbtRunner, callbacks=[watch]))  # noqa: B010  # mypy would refuse the assignment


def refresh_and_die(point: str, sources: Path, home: Home, exports: Path, as_of: dt.date) -> None:
    """The steps of `Pipeline.refresh`, up to the point."""
    mapping = read_mapping(sources, exports)
    if point == "after_landing":  # every file is copied and noted, none is read
        _die_instead(Ledger, "deliveries", lambda *_: True)
    if point == "before_the_ledger_knows":  # the first table's rows are written
        _die_instead(Ledger, "record_deliveries", _at_call(1))
    if point == "after_half_of_the_feeds":  # within the transaction of the third
        _die_instead(Ledger, "record_deliveries", _at_call(3))
    take_in(mapping, home, as_of)
    prepare(mapping, home, as_of, earlier_publications(home))
    if point == "after_prepare":
        _die()
    # dbt takes seconds to import, and the points above do not need it
    from tests.integration.pipeline import Pipeline

    pipeline = Pipeline(sources, home.path, exports)
    if point == "in_the_middle_of_the_models":
        _die_after_models(HALF_OF_THE_MODELS)
    if point == "before_the_marts":
        pipeline.build("--select", "staging", "intermediate")
        _die()
    pipeline.build()
    if point == "before_publishing":
        _die()
    if point == "before_the_swap":
        _die_instead(os, "replace", lambda _, target: Path(target) == database_path(home))
    publish(home, as_of, recomputed_from(home), definitions_hash(mapping))
    if point == "before_finish":
        _die()
    raise SystemExit(f"no such point: {point}")


if __name__ == "__main__":
    _point, _sources, _data, _exports, _as_of = sys.argv[1:]
    refresh_and_die(_point, Path(_sources), Home(Path(_data)), Path(_exports), dt.date.fromisoformat(_as_of))
