"""Suites: what `expectations/<schema>/<table>.yml` says about a table, read and validated.

A file binds to its table by its path. No table, column or threshold is named here, and nothing is
judged here (`validation.py`). Great Expectations is not imported: that costs seconds, and Dagster
reads the suites whenever it loads the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from dagster_project.sources.checked_yaml import repeated_keys

SEVERITIES = ("critical", "warning")
SCOPES = ("all", "new_days")
SUITE_KEYS = {"table", "description", "new_days", "checks"}
NEW_DAYS_KEYS = {"column", "from"}
CHECK_KEYS = {"name", "expectation", "kwargs", "severity", "scope", "reason", "fix"}
OPTIONAL_CHECK_KEYS = {"scope"}


class SuiteError(ValueError):
    """A suite that cannot be understood; the message names the file, the line and the key."""


@dataclass(frozen=True)
class Check:
    """One claim about a table, the reason for it, and what to do when it does not hold."""

    name: str
    expectation: str
    kwargs: Mapping[str, Any]
    severity: str
    scope: str
    reason: str
    fix: str

    @property
    def is_critical(self) -> bool:
        """Whether a failure stops publishing."""
        return self.severity == "critical"

    @property
    def expected(self) -> str:
        """The expectation in one line, as the reader of a result sees it."""
        kwargs = ", ".join(f"{key}={' '.join(str(value).split())}" for key, value in self.kwargs.items())
        return f"{self.expectation}({kwargs})"


@dataclass(frozen=True)
class NewDays:
    """The rows that a run adds or recomputes: those with `column` from the date on that `query` returns."""

    column: str
    query: str


@dataclass(frozen=True)
class Suite:
    """Every claim about one table."""

    schema: str
    table: str
    description: str
    new_days: NewDays | None
    checks: tuple[Check, ...]

    @property
    def table_name(self) -> str:
        """The table's one name, `schema.table`."""
        return f"{self.schema}.{self.table}"


@cache
def known_expectations() -> frozenset[str]:
    """Names of the expectations that Great Expectations ships, read from its files without importing it."""
    package = find_spec("great_expectations")
    if package is None or not package.submodule_search_locations:
        raise SuiteError("great_expectations is not installed")
    core = Path(package.submodule_search_locations[0]) / "expectations" / "core"
    return frozenset(file.stem for file in core.glob("*.py") if "expect" in file.stem)


def load_suites(root: Path) -> list[Suite]:
    """Every suite below `root`, ordered by schema and table.

    Raises:
        SuiteError: a file is not where a table's suite belongs, or does not follow the format.
    """
    files = sorted(file for pattern in ("*.yml", "*.yaml") for file in root.rglob(pattern))
    return [load_suite(file, root) for file in files]


def load_suite(file: Path, root: Path) -> Suite:
    """The suite of one file.

    Raises:
        SuiteError: the file does not follow the format; the message names file, line and key.
    """
    where = file.relative_to(root.parent).as_posix()
    if len(file.relative_to(root).parts) != 2:
        raise SuiteError(f"{where}: a suite is expectations/<schema>/<table>.yml")
    if file.suffix != ".yml":
        raise SuiteError(f"{where}: a suite's name ends in .yml, not {file.suffix}")
    document = _Document.read(file, where)
    document.demand(SUITE_KEYS - {"new_days"}, SUITE_KEYS)
    schema, table = file.parent.name, file.stem
    if document.text("table") != f"{schema}.{table}":
        raise document.error("table", f"is {document.value['table']!r}, but the path says '{schema}.{table}'")
    new_days = _new_days(document)
    checks = tuple(_check(item, new_days is not None) for item in document.items("checks"))
    if not checks:
        raise document.error("checks", "is empty: a suite without checks judges nothing")
    names = [check.name for check in checks]
    for item, name in zip(document.items("checks"), names, strict=True):
        if names.count(name) > 1:
            raise item.error("name", f"{name!r} is used by two checks")
    return Suite(schema, table, document.text("description"), new_days, checks)


def _new_days(document: _Document) -> NewDays | None:
    if "new_days" not in document.value:
        return None
    part = document.part("new_days")
    part.demand(NEW_DAYS_KEYS, NEW_DAYS_KEYS)
    return NewDays(column=part.text("column"), query=part.text("from"))


def _check(item: _Document, has_new_days: bool) -> Check:
    item.demand(CHECK_KEYS - OPTIONAL_CHECK_KEYS, CHECK_KEYS)
    name = item.text("name")
    if not name.isidentifier() or name != name.lower():
        raise item.error("name", f"{name!r} is not a claim in snake_case")
    expectation = item.text("expectation")
    if expectation not in known_expectations():
        raise item.error("expectation", f"{expectation!r} is not known to Great Expectations")
    if not isinstance(item.value["kwargs"], dict):
        raise item.error("kwargs", f"{item.value['kwargs']!r} is not a mapping")
    scope = item.text("scope") if "scope" in item.value else "all"
    for key, value, allowed in (("severity", item.text("severity"), SEVERITIES), ("scope", scope, SCOPES)):
        if value not in allowed:
            raise item.error(key, f"{value!r} is none of {', '.join(allowed)}")
    if scope == "new_days" and not has_new_days:
        raise item.error("scope", "is new_days, but the suite does not say which days are new")
    return Check(
        name=name,
        expectation=expectation,
        kwargs=item.value["kwargs"],
        severity=item.text("severity"),
        scope=scope,
        reason=item.text("reason"),
        fix=item.text("fix"),
    )


@dataclass(frozen=True)
class _Document:
    """A mapping of a YAML file that knows on which line each of its keys stands."""

    where: str
    node: yaml.MappingNode
    value: dict[str, Any]

    @classmethod
    def read(cls, file: Path, where: str) -> _Document:
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SuiteError(f"{where}: is not YAML: {' '.join(str(error).split())}") from error
        return cls.of(where, node)

    @classmethod
    def of(cls, where: str, node: yaml.Node | None) -> _Document:
        if not isinstance(node, yaml.MappingNode):
            line = node.start_mark.line + 1 if node else 1
            raise SuiteError(f"{where}:{line}: is not a mapping of keys to values")
        for key, lines in repeated_keys(node).items():
            raise SuiteError(f"{where}:{lines[0]}: {key}: is given twice")
        return cls(where, node, yaml.safe_load(yaml.serialize(node)))

    def error(self, key: str, message: str) -> SuiteError:
        lines = [name.start_mark.line for name, _ in self.node.value if name.value == key]
        line = (lines or [self.node.start_mark.line])[0] + 1
        return SuiteError(f"{self.where}:{line}: {key}: {message}")

    def demand(self, required: set[str], known: set[str]) -> None:
        for key in self.value:
            if key not in known:
                raise self.error(str(key), f"is not a known key; known are {', '.join(sorted(known))}")
        for key in sorted(required):
            if key not in self.value:
                raise self.error(key, "is missing")

    def text(self, key: str) -> str:
        value = self.value[key]
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"{value!r} is not a text")
        return " ".join(value.split())

    def part(self, key: str) -> _Document:
        return self.of(self.where, self._node(key))

    def items(self, key: str) -> Iterator[_Document]:
        node = self._node(key)
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(key, "is not a list")
        for item in node.value:
            yield self.of(self.where, item)

    def _node(self, key: str) -> yaml.Node:
        found: yaml.Node = next(value for name, value in self.node.value if name.value == key)
        return found
