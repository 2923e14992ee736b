"""The dbt command line with a clock around every SQL statement: `python -m benchmarks.clocked_dbt CLOCK build ...`.

Writes how much wall and CPU time (all of DuckDB's threads) the statements took, and what starting up took before
the first node's statement; dbt itself does exactly what it does without the clock.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper


class SqlClock:
    """Sums over statements; dbt runs them one at a time (`threads: 1`)."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0
        self.statements = 0
        self.cpu_before_first_node: float | None = None

    def install(self) -> None:
        """Put the clock around the cursor's `execute`."""
        # the adapter is not typed
        wrapper: Any = DuckDBCursorWrapper
        plain = wrapper.execute

        def execute(cursor: Any, sql: str, bindings: Any = None) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            # dbt's query comment names the node that a statement belongs to
            if self.cpu_before_first_node is None and '"node_id"' in sql:
                self.cpu_before_first_node = cpu
            try:
                return plain(cursor, sql, bindings)
            finally:
                self.wall += time.perf_counter() - wall
                self.cpu += time.process_time() - cpu
                self.statements += 1

        wrapper.execute = execute

    def write(self, file: Path) -> None:
        """Write the sums, in seconds."""
        file.write_text(
            json.dumps(
                {
                    "sql_wall": self.wall,
                    "sql_cpu": self.cpu,
                    "statements": self.statements,
                    "start_cpu": self.cpu_before_first_node or 0.0,
                }
            )
        )


def main(clock_file: str, arguments: list[str]) -> None:
    """Run dbt's command line, which exits with its own code."""
    from dbt.cli.main import cli

    clock = SqlClock()
    clock.install()
    try:
        cli(arguments)
    finally:
        clock.write(Path(clock_file))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
