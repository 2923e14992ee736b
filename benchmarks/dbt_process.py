"""One `dbt build` as a process, as the assets start it, with the time of its parts.

A node is anything that dbt runs: a model, a seed, a data test.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from dagster_project.sources.home import Home

PROJECT = Path(__file__).resolve().parents[1]
DBT = PROJECT / "dbt"


class DbtError(Exception):
    """dbt could not build; the message names the nodes."""


def target(home: Home) -> Path:
    """dbt's target folder of a data folder: what it compiled, ran and parsed."""
    return home.path / "target"


def _start(home: Home, log: Path, arguments: list[str]) -> tuple[int, float]:
    """Run dbt to its end; returns its exit code and its CPU seconds."""
    places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(target(home))]
    environment = os.environ | {
        "CUSTOMER_SEGMENTS_DATA": str(home.path.resolve()), "DO_NOT_TRACK": "1", "PYTHONPATH": str(PROJECT),
    }  # fmt: skip
    clock = home.path / "clock.json"
    with log.open("a") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.clocked_dbt", str(clock), *arguments, *places,
             "--log-path", str(home.logs)],
            cwd=DBT, env=environment, stdout=stream, stderr=stream,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime


def parse(home: Home) -> None:
    """Parse the project, so that a measured build finds it parsed, as every run but the first after a change does."""
    home.logs.mkdir(parents=True, exist_ok=True)
    code, _ = _start(home, home.logs / "dbt-output.log", ["--quiet", "parse"])
    if code:
        raise DbtError(f"dbt parse ended with code {code}; see {home.logs}")


def _seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _nodes(results: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for result in results["results"]:
        times = {timing["name"]: timing for timing in result["timing"]}
        spans = [t for t in times.values() if t.get("started_at") and t.get("completed_at")]
        found.append(
            {
                "node": result["unique_id"],
                "status": result["status"],
                "seconds": result["execution_time"],
                "began": min((_seconds(t["started_at"]) for t in spans), default=None),
                "ended": max((_seconds(t["completed_at"]) for t in spans), default=None),
            }
        )
    return found


def build(home: Home, arguments: list[str]) -> dict[str, Any]:
    """Build; returns the seconds of dbt's parts and of every node, in the order in which they ran.

    Data tests that fail are counted, not raised: a benchmark judges time. Raises DbtError when a model fails.
    """
    home.logs.mkdir(parents=True, exist_ok=True)
    began = time.time()
    code, cpu = _start(home, home.logs / "dbt-output.log", ["--quiet", *arguments])
    ended = time.time()
    nodes = _nodes(json.loads((target(home) / "run_results.json").read_text(encoding="utf-8")))
    broken = [n["node"] for n in nodes if n["status"] in ("error", "skipped")]
    if broken or (code and not nodes):
        raise DbtError(f"dbt ended with code {code}; failed or skipped: {', '.join(broken[:5])}; see {home.logs}")
    clock = json.loads((home.path / "clock.json").read_text(encoding="utf-8"))
    first = min((n["began"] for n in nodes if n["began"]), default=ended)
    last = max((n["ended"] for n in nodes if n["ended"]), default=ended)
    return {
        "child_cpu": cpu,
        "start": first - began,
        "nodes_wall": last - first,
        "end": ended - last,
        "failed_tests": sorted(n["node"] for n in nodes if n["status"] == "fail"),
        "nodes": nodes,
        **clock,
    }
