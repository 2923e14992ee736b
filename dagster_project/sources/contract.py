"""The inbound contract as Python objects: tables, columns and their DuckDB types.

The contract itself is data, `contract.yml`. No mapping of a company's exports lives here (`mapping.py`),
nor any casting of values (`casting.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACT_FILE = Path(__file__).with_name("contract.yml")

PROVENANCE = {
    "_feed": "varchar",
    "_slot": "date",
    "_known_on": "date",
    "_delivery": "varchar",
    "_file": "varchar",
    "_row": "bigint",
}

SQL_TYPES = {
    "id": "varchar",
    "text": "varchar",
    "json": "varchar",
    "currency": "varchar",
    "integer": "bigint",
    "amount": "bigint",
    "decimal": "decimal(18, 6)",
    "rate": "decimal(28, 12)",
    "instant": "timestamp",
    "date": "date",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column of a contract table."""

    name: str
    type: str
    required: bool
    must_be_mapped: bool
    allowed: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    default: Any
    description: str

    @property
    def sql_type(self) -> str:
        """DuckDB type of the column in raw."""
        return SQL_TYPES[self.type]

    @property
    def day_name(self) -> str | None:
        """Name of the civil-day column that accompanies an instant, if it is one."""
        if self.type != "instant":
            return None
        return f"{self.name.removesuffix('_at')}_on"


@dataclass(frozen=True)
class Table:
    """One table of the inbound contract."""

    name: str
    kind: str
    required: bool
    never_empty: bool
    key: tuple[str, ...]
    event_time: str | None
    needed_by: str | None
    description: str
    columns: dict[str, Column]

    @property
    def event_day(self) -> str | None:
        """Name of the raw column that holds the row's day, if the table has one."""
        if self.event_time is None:
            return None
        column = self.columns[self.event_time]
        return column.day_name or column.name

    def raw_types(self) -> dict[str, str]:
        """Column name to DuckDB type of the raw table, provenance last."""
        types: dict[str, str] = {}
        for column in self.columns.values():
            types[column.name] = column.sql_type
            if column.day_name:
                types[column.day_name] = "date"
        return types | PROVENANCE


def _column(name: str, spec: dict[str, Any]) -> Column:
    declared = spec["type"]
    return Column(
        name=name,
        type="text" if isinstance(declared, list) else declared,
        required=spec.get("required") is True,
        must_be_mapped=spec.get("required") in (True, "mapped"),
        allowed=tuple(declared) if isinstance(declared, list) else (),
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
        default=spec.get("default"),
        description=spec["description"],
    )


@cache
def contract() -> dict[str, Table]:
    """Every table of the inbound contract by its name `schema.table`."""
    specs = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    return {
        name: Table(
            name=name,
            kind=spec["kind"],
            required=spec.get("required", False),
            never_empty=spec.get("never_empty", False),
            key=tuple(spec["key"]),
            event_time=spec.get("event_time"),
            needed_by=spec.get("needed_by"),
            description=spec["description"],
            columns={column: _column(column, details) for column, details in spec["columns"].items()},
        )
        for name, spec in specs.items()
    }
