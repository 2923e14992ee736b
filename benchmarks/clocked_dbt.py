"""The dbt command line with a clock around every SQL statement: `python -m benchmarks.clocked_dbt CLOCK build ...`.

Writes how much wall and CPU time (all of DuckDB's threads) the statements took, in all and by node, and what starting
up took before the first node's statement; dbt itself does exactly what it does without the clock.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

# dbt's query comment names the node that a statement belongs to
NODE = re.compile(r'"node_id": "([^"]+)"')


class SqlClock:
    """Sums over statements; dbt runs them one at a time (`threads: 1`)."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0
        self.statements = 0
        self.cpu_by_node: dict[str, float] = {}
        self.cpu_before_first_node: float | None = None
        self._node: str | None = None

    def install(self) -> None:
        """Put the clock around the cursor's `execute`."""
        # the adapter is not typed
        wrapper: Any = DuckDBCursorWrapper
        plain = wrapper.execute

        def execute(cursor: Any, sql: str, bindings: Any = None) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            self._place(sql, cpu)
            try:
                return plain(cursor, sql, bindings)
            finally:
                self.wall += time.perf_counter() - wall
                self._add(time.process_time() - cpu)
                self.statements += 1

        wrapper.execute = execute

    def _place(self, sql: str, cpu: float) -> None:
        """Note the statement's node; one without a comment, such as a commit, belongs to the node before it."""
        named = NODE.search(sql)
        if named:
            self._node = named.group(1)
            if self.cpu_before_first_node is None:
                self.cpu_before_first_node = cpu

    def _add(self, cpu: float) -> None:
        self.cpu += cpu
        if self._node:
            self.cpu_by_node[self._node] = self.cpu_by_node.get(self._node, 0.0) + cpu

    def write(self, file: Path) -> None:
        """Write the sums, in seconds."""
        file.write_text(
            json.dumps(
                {
                    "sql_wall": self.wall,
                    "sql_cpu": self.cpu,
                    "sql_cpu_by_node": self.cpu_by_node,
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
