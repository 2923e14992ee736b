"""What a measured process tells the one that started it: one line of JSON when a step begins and when it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MARK = "@step "


def _say(**what: Any) -> None:
    print(MARK + json.dumps(what), flush=True)


@contextmanager
def step(name: str) -> Iterator[dict[str, Any]]:
    """Time a step: seconds of wall and of this process's CPU. What is put into the yielded dict is told with it.

    A step that runs a process of its own puts that process's CPU seconds under `child_cpu`.
    """
    _say(begins=name)
    facts: dict[str, Any] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    yield facts
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    _say(ends=name, wall=wall, cpu=cpu + facts.pop("child_cpu", 0.0), facts=facts)


def heard(line: str) -> dict[str, Any] | None:
    """A line as what it tells; None for any other output."""
    return dict(json.loads(line[len(MARK) :])) if line.startswith(MARK) else None
