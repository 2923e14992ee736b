"""DuckDB expressions and formats as written in `sources.yml`: are they valid, and which columns do they read?

Nothing is evaluated on data here (`typed_rows.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

from dagster_project.sources.warehouse import literal


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})


def _column_names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield node["column_names"][0]
        for value in node.values():
            yield from _column_names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _column_names(value)


@cache
def columns_read(expression: str) -> tuple[str, ...]:
    """Names that an expression refers to, in order; raises ValueError when it is not one DuckDB expression."""
    query = f"select ({expression}\n)"
    row = _connection().execute(f"select json_serialize_sql({literal(query)})").fetchone()
    tree = json.loads(row[0]) if row else {}
    if tree["error"] or len(tree["statements"]) != 1:
        raise ValueError(tree.get("error_message", "more than one statement"))
    return tuple(dict.fromkeys(_column_names(tree)))


def format_problem(format_: str) -> str | None:
    """What is wrong with a date or time format, if anything."""
    try:
        _connection().execute("select try_strptime('', ?)", [format_])
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None
