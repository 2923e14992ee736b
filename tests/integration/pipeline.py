"""The shipped steps of a refresh, run in this process on a folder of one's own: faster than a Dagster run a day.

The steps and their order are those of `dagster_project/assets`; checks are left to the tests about checks.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.assets.warehouse import FULL_REBUILD, REFRESH
from dagster_project.publication import database_path, earlier_publications, publish
from dagster_project.release_report import OPERATIONAL
from dagster_project.sources.home import Home
from dagster_project.sources.loading import take_in
from dagster_project.sources.mapping import read_mapping
from dagster_project.sources.run_state import definitions_hash, finish, prepare, rebuilds_everything, recomputed_from

DBT = Path(__file__).resolve().parents[2] / "dbt"


def _places(folder: Path) -> list[str]:
    return [
        "--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(folder / "target"),
        "--log-path", str(folder / "logs"),
    ]  # fmt: skip


@cache
def _manifest(folder: Path) -> Any:
    result = dbtRunner().invoke(["--quiet", "parse", *_places(folder)])
    assert result.success, result.exception
    return result.result


class Pipeline:
    """One data folder and one `sources.yml`."""

    def __init__(self, sources: Path, data: Path, exports: Path | None = None, threads: int = 2) -> None:
        self.sources = sources
        self.exports = exports
        self.home = Home(data)
        self.threads = threads
        data.mkdir(parents=True, exist_ok=True)

    def refresh(self, as_of: dt.date) -> None:
        """Take in, rebuild and publish as of a day."""
        mapping = read_mapping(self.sources, self.exports)
        take_in(mapping, self.home, as_of)
        prepare(mapping, self.home, as_of, earlier_publications(self.home))
        self.build()
        publish(self.home, as_of, recomputed_from(self.home), definitions_hash(mapping))
        finish(self.home)

    def build(self, *arguments: str) -> None:
        """Run the models; `arguments` narrow the selection."""
        os.environ["CUSTOMER_SEGMENTS_DATA"] = str(self.home.path)
        os.environ["CUSTOMER_SEGMENTS_THREADS"] = str(self.threads)
        command = FULL_REBUILD if rebuilds_everything(self.home) else REFRESH
        manifest = _manifest(self.home.path.parent)
        result = dbtRunner(manifest=manifest).invoke(
            ["--quiet", *command, "--exclude-resource-type", "test", *arguments, *_places(self.home.path)]
        )
        DuckDBConnectionManager.close_all_connections()
        failed = [
            f"{r.node.name}: {r.message}"
            for r in getattr(result.result, "results", [])
            if r.status in ("error", "fail")
        ]
        assert result.success, failed or result.exception

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the published database."""
        with duckdb.connect(str(database_path(self.home)), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def state_versions(self) -> dict[str, list[tuple[Any, ...]]]:
        """The versions of every state table's rows in the working database."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return {
                name: connection.execute(f"select * from intermediate.int_{name}_versions order by all").fetchall()
                for name in ("account", "attribute", "contact", "subscription_line")
            }

    def oracle(self) -> dict[str, tuple[int, int]]:
        """Row count and sum of row hashes of every current table; an XOR would be blind to doubled rows."""
        tables = [name for (name,) in self.rows("select table_name from information_schema.tables "
                                                "where table_schema = 'marts' order by 1")]  # fmt: skip
        return {
            table: self.rows(f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from marts.{table} as t")[0]
            for table in tables
            if table not in OPERATIONAL
        }
