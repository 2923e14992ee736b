"""Any prefix of a run, then a re-run, equals one clean run; and what fails a gate is never published.

One state is made as of day 15 of the replay and copied for every claim. Day 16 brings a usage file that is five days
late, a yearly renewal three days after its term ended, and a correction that reaches back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publication import as_published_file, database_path
from tests.integration.killed_refresh import PROJECT, killed_refresh
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import Delivery, day, deliveries, write, write_settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("crash")]

BEFORE, TODAY = day(15), day(16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="module")
def sources(folder: Path) -> Path:
    return write_settings(folder / "settings")


@pytest.fixture(scope="module")
def exports(folder: Path) -> Path:
    """Everything received by today, and a correction of a day three weeks back."""
    files = [file for file in deliveries() if file.received <= TODAY]
    (old,) = (file for file in files if file.name == f"events_{day(-5)}.csv")
    write(folder / "exports", [*files, Delivery(TODAY, old.name, old.text.replace(",edit,", ",share,"))])
    return folder / "exports"


@pytest.fixture(scope="module")
def yesterday(folder: Path, sources: Path, exports: Path) -> Pipeline:
    """Published as of day 15; nobody works on it, everybody on a copy."""
    pipeline = Pipeline(sources, folder / "yesterday" / "data", exports)
    pipeline.refresh(BEFORE)
    return pipeline


def copied(pipeline: Pipeline, to: Path, exports: Path | None = None) -> Pipeline:
    """A pipeline on a copy of another's data; the published paths inside stay those of the original."""
    shutil.copytree(pipeline.home.path, to)
    return Pipeline(pipeline.sources, to, exports or pipeline.exports)


@pytest.fixture(scope="module")
def clean(folder: Path, sources: Path, exports: Path) -> Pipeline:
    """The two days without any accident."""
    pipeline = Pipeline(sources, folder / "clean", exports)
    pipeline.refresh(BEFORE)
    pipeline.refresh(TODAY)
    return pipeline
