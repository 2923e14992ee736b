"""The exports that are measured: the simulated company, and the same company as if it had connected recently."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.size import FIRST_DAY, Size

PROJECT = Path(__file__).resolve().parents[1]
RECEIVED = re.compile(r"received=(\d{4}-\d{2}-\d{2})$")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class SimulationError(Exception):
    """The company could not be simulated; carries what the simulator said."""


def simulate(size: Size, company: Path) -> None:
    """Write `exports/` and `sources.yml`; billing is exported weekly at every size, as large accounts do it."""
    complete = company / "simulated"
    if complete.exists():
        return
    shutil.rmtree(company, ignore_errors=True)
    simulated = subprocess.run(
        [
            sys.executable, "-m", "examples.sample_company", "--accounts", str(size.accounts), "--days", str(size.days),
            "--events", str(size.events), "--first-day", FIRST_DAY.isoformat(), "--snapshots", "weekly",
            "--out", str(company),
        ],
        cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if simulated.returncode:
        raise SimulationError(simulated.stderr.strip())
    complete.touch()


def exports_since(exports: Path, first: dt.date) -> list[Path]:
    """Files received on `first` or later, and the last of each kind before it: the state on the day of connecting.

    Relative to `exports`. A kind is a file name without its day.
    """
    later: list[Path] = []
    last_before: dict[tuple[str, str], tuple[str, Path]] = {}
    for file in sorted(exports.rglob("*")):
        match = RECEIVED.search(file.parent.name)
        if not file.is_file() or match is None:
            continue
        relative = file.relative_to(exports)
        if match.group(1) >= first.isoformat():
            later.append(relative)
        elif relative.parts[0] != "product_analytics":
            kind = (relative.parts[0], DAY.sub("", file.name))
            last_before[kind] = max(last_before.get(kind, ("", relative)), (match.group(1), relative))
    return sorted([*later, *(file for _, file in last_before.values())])


def connect_recently(company: Path, recent: Path, first: dt.date) -> None:
    """Write the company's exports and `sources.yml` as they are for one that connected on `first`."""
    shutil.rmtree(recent, ignore_errors=True)
    for file in exports_since(company / "exports", first):
        target = recent / "exports" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(company / "exports" / file, target)
    mapping = yaml.safe_load((company / "sources.yml").read_text(encoding="utf-8"))
    mapping["calendar"]["first_day"] = first
    (recent / "sources.yml").write_text(yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True), encoding="utf-8")
    # the same references, so that both histories are scored by the same work
    for name in (mapping["event_catalogue"], mapping["score_references"]):
        shutil.copyfile(company / name, recent / name)
