"""Calibration: the frozen references of a scoring version, taken once from a named window, in the open.

The references themselves are computed by dbt (models tagged `calibration`); this module runs them, writes the
reviewed file beside `sources.yml` and says so. It never runs as a side effect of a later refresh.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dagster_dbt import DbtCliResource

from dagster_project.publication import published_days
from dagster_project.settings import RefusedError
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping
from dagster_project.sources.run_state import REFERENCE_COLUMNS, first_event_on, load_references
from dagster_project.sources.writing import make_folder, put_in_place

FIRST_WINDOW_DAYS = 90
MODELS = ("int_calibration_references", "int_calibration_references_money", "int_calibration_references_churn")


class NothingToCalibrateError(ValueError):
    """The window holds no data; a file of no references would keep every later score uncalibrated."""


def calibrate(dbt: DbtCliResource, mapping: Mapping, home: Home, from_on: dt.date, to_on: dt.date) -> Path:
    """Compute the references over [from_on, to_on] and write them to the file that `sources.yml` names.

    Raises NothingToCalibrateError and writes nothing where the window holds no data.
    """
    target = mapping.score_references
    if target is None:
        raise ValueError(f"{mapping.path}: score_references names no file, so references cannot be written")
    _keep(mapping, home, target, _references(dbt, home, from_on, to_on))
    return target


def _references(dbt: DbtCliResource, home: Home, from_on: dt.date, to_on: dt.date) -> list[tuple[object, ...]]:
    """The references over [from_on, to_on]; raises NothingToCalibrateError."""
    variables = {"calibrate": True, "calibrate_from": from_on.isoformat(), "calibrate_to": to_on.isoformat()}
    dbt.cli(
        [
            "build",
            "--full-refresh",
            "--resource-type",
            "model",
            "--resource-type",
            "seed",
            "--select",
            " ".join(f"+{model}" for model in MODELS),
            "--vars",
            json.dumps(variables),
        ],
        raise_on_error=True,
        target_path=home.dbt_artifacts,
    ).wait()
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        columns = ", ".join(REFERENCE_COLUMNS)
        rows = [
            row
            for model in MODELS
            for row in connection.execute(f"select {columns} from intermediate.{model} order by all").fetchall()
        ]
    if not rows:
        raise NothingToCalibrateError(
            f"there is no use and no billing from {from_on} to {to_on} to take references from"
        )
    return rows


def _keep(mapping: Mapping, home: Home, target: Path, references: list[tuple[object, ...]]) -> None:
    make_folder(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(REFERENCE_COLUMNS)
        writer.writerows(references)
    put_in_place(partial, target)
    load_references(mapping, home)


@dataclass(frozen=True)
class FirstCalibration:
    """The window that the references were taken from by the first run, and their file."""

    path: Path
    from_on: dt.date
    to_on: dt.date

    @property
    def days(self) -> int:
        """Days of the window."""
        return (self.to_on - self.from_on).days + 1


def calibrate_once(dbt: DbtCliResource, mapping: Mapping, home: Home, as_of: dt.date) -> FirstCalibration | None:
    """On the first run on new data, calibrate over its first 90 days; later runs find the file and do nothing.

    Raises RefusedError where days are published and the file is not there: what was reviewed is not replaced unasked.
    """
    target = mapping.score_references
    if target is None or target.exists():
        return None
    from_on = max(mapping.first_day, min(first_event_on(home), as_of))
    to_on = min(as_of, from_on + dt.timedelta(days=FIRST_WINDOW_DAYS - 1))
    try:
        references = _references(dbt, home, from_on, to_on)
    except NothingToCalibrateError:
        return None
    if published := published_days(home):
        raise RefusedError(
            f"{mapping.path}: score_references: the file {target} does not exist, and days up to {published[-1]} are "
            "published. Restore it or mend its name; to take new references instead, run make calibrate"
        )
    _keep(mapping, home, target, references)
    return FirstCalibration(target, from_on, to_on)
