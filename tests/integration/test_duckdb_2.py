"""The replay on DuckDB 2.0, the next major version of the warehouse: the same tables as on the one in the lock.

The package is installed into a folder of the test and goes before the environment's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import LAST, deliveries, write, write_settings

PROJECT = Path(__file__).resolve().parents[2]
NEXT = "duckdb==2.0.*"

pytestmark = [pytest.mark.integration, pytest.mark.long]


def contents(pipeline: Pipeline) -> dict[str, list[str | int]]:
    """Version, and rows of every current table as text: hashes of DuckDB differ between its versions."""
    found: dict[str, list[str | int]] = {}
    for table in pipeline.oracle():
        text = f"select t::varchar as row_text from marts.{table} as t"
        ((rows, digest),) = pipeline.rows(
            f"select count(*), coalesce(md5(string_agg(row_text, chr(10) order by row_text)), '') from ({text})"
        )
        found[table] = [rows, digest]
    return found


@pytest.fixture(scope="module")
def next_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("duckdb_2")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), NEXT]
    result = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode:
        pytest.skip(f"{NEXT} cannot be installed: {result.stderr.strip().splitlines()[-1:]}")
    return folder


def test_the_next_major_version_gives_the_same_tables(tmp_path: Path, next_duckdb: Path) -> None:
    sources = write_settings(tmp_path / "settings")
    write(tmp_path / "exports", deliveries())
    here = Pipeline(sources, tmp_path / "here", tmp_path / "exports")
    here.refresh(LAST)
    arguments = [sources, tmp_path / "there" / "data", tmp_path / "exports"]
    result = subprocess.run(
        [sys.executable, "-m", "tests.integration.test_duckdb_2", *map(str, arguments)],
        cwd=PROJECT, env=os.environ | {"PYTHONPATH": f"{next_duckdb}{os.pathsep}{PROJECT}"},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    there = json.loads(result.stdout.splitlines()[-1])
    assert there.pop("version").startswith("2.0")
    assert there == contents(here)


if __name__ == "__main__":
    _sources, _data, _exports = map(Path, sys.argv[1:])
    _pipeline = Pipeline(_sources, _data, _exports)
    _pipeline.refresh(LAST)
    print(json.dumps(contents(_pipeline) | {"version": duckdb.__version__}))
