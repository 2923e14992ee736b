"""Run one measured process and collect the times of its steps and the peak memory of its process tree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clock import heard
from benchmarks.processes import MemoryWatch

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Step:
    """One step of a measured process, in seconds; `cpu` includes the processes that it started."""

    name: str
    wall: float
    cpu: float
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """One measured process."""

    name: str
    steps: list[Step]
    peak_bytes: int | None
    peak_step: str

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def wall(self, *names: str) -> float:
        """Wall seconds of the named steps, of all without names."""
        return sum(step.wall for step in self.steps if not names or step.name in names)

    def cpu(self, *names: str) -> float:
        """CPU seconds of the named steps, of all without names."""
        return sum(step.cpu for step in self.steps if not names or step.name in names)

    def as_json(self) -> dict[str, Any]:
        """For the file in the work folder."""
        return asdict(self)

    @staticmethod
    def from_json(found: dict[str, Any]) -> Measured:
        """From the file in the work folder."""
        steps = [Step(**step) for step in found["steps"]]
        return Measured(found["name"], steps, found["peak_bytes"], found["peak_step"])


class MeasuredProcessError(Exception):
    """A measured process failed; carries what it said."""


def _place_of_peak(steps: list[Step], ends: list[float], peak_at: float) -> str:
    """The step, and within dbt the node, that ran when memory was highest."""
    for step, end in zip(steps, ends, strict=True):
        if peak_at <= end:
            for node in step.facts.get("nodes", []):
                if node["began"] and node["began"] <= peak_at <= node["ended"]:
                    return f"{step.name}, {node['node'].split('.')[2]}"
            return step.name
    return "the end"


def measure(name: str, arguments: list[str], say: Callable[[str], None]) -> Measured:
    """Run `python -m ...`; raises MeasuredProcessError with its last lines when it fails."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", "DO_NOT_TRACK": "1"}
    steps: list[Step] = []
    ends: list[float] = []
    said: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=PROJECT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    watch = MemoryWatch(process.pid)
    watch.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            told = heard(line)
            if told is None:
                said = [*said[-30:], line.rstrip()]
            elif "ends" in told:
                steps.append(Step(told["ends"], told["wall"], told["cpu"], told["facts"]))
                ends.append(time.time())
        code = process.wait()
    finally:
        if process.poll() is None:
            # with the dbt that it may have started
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        watch.stop()
    if code:
        raise MeasuredProcessError("\n".join([f"{name} ended with code {code}", *said]))
    measured = Measured(name, steps, watch.peak_bytes, _place_of_peak(steps, ends, watch.peak_at))
    longest = sorted(steps, key=lambda step: -step.wall)[:4]
    parts = ", ".join(f"{step.name.split('.')[-1]} {step.wall:.1f}" for step in longest)
    say(f"{name}: {measured.wall():.1f} s wall, {measured.cpu():.1f} s CPU ({parts})")
    return measured
