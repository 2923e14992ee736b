"""`sources.yml` as Python objects, checked before anything is read.

What an export looks like (`Source`) and how its columns become the inbound contract (`Feed`) live here.
Finding and reading files does not (`discovery.py`, `reading.py`); nor does casting values (`casting.py`).
"""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import json
import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from dagster_project.sources.checked_yaml import TOP, CheckedYaml, nearest
from dagster_project.sources.contract import Table, contract
from dagster_project.sources.currencies import CURRENCIES, exponents
from dagster_project.sources.expressions import columns_read, format_problem
from dagster_project.sources.wording import counted

FORMATS = ("csv", "tsv", "json", "jsonl", "parquet")
DELIVERIES = ("append", "slice", "snapshot")
EXPECTATIONS = ("daily", "weekly", "on_demand")
EPOCHS = ("epoch_seconds", "epoch_milliseconds")
NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
LOADER_VERSION = "4"
"""Part of every feed's fingerprint: raising it loads everything anew."""


class MappingError(Exception):
    """`sources.yml` cannot be used; carries every problem found, one a line."""

    def __init__(self, path: Path, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        count = counted(len(self.problems), "problem")
        super().__init__("\n".join([f"{path}: {count}", *(f"  - {p}" for p in self.problems)]))


@dataclass(frozen=True)
class PathRule:
    """A value taken from a file's name or path by the first group of a regular expression."""

    where: str  # file_name or path
    pattern: str


@dataclass(frozen=True)
class SlotRule:
    """Where a delivery's slot comes from: file_name, path, column, whole or received."""

    where: str
    pattern: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class Source:
    """One export: where its files are and how to read them."""

    name: str
    path: str
    format: str | None
    delivery: str
    slot: SlotRule
    expected: str
    known_on: PathRule | None = None
    revision: PathRule | None = None
    delimiter: str | None = None
    header: bool = True
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ("",)
    decimal: str = "."
    timezone: str | None = None
    timestamp_format: str | None = None
    date_format: str | None = None
    records: str | None = None

    @property
    def replaces_everything(self) -> bool:
        """Whether a file takes the place of all that the source has shown before."""
        return self.delivery == "snapshot" or (self.delivery == "slice" and self.slot.where == "whole")


@dataclass(frozen=True)
class Lookup:
    """A value taken from another source: its row whose columns match this row's."""

    source: str
    match: tuple[tuple[str, str], ...]  # (column of this source, column of the other)
    take: str


@dataclass(frozen=True)
class ColumnMapping:
    """How one contract column is filled: exactly one of column, constant, expression, lookup."""

    column: str | None = None
    constant: str | None = None
    expression: str | None = None
    lookup: Lookup | None = None
    unit: str = "minor"


@dataclass(frozen=True)
class Feed:
    """One source feeding one contract table."""

    table: Table
    source: Source
    columns: dict[str, ColumnMapping]
    where: str | None
    fingerprint: str
    name: str  # of its source; numbered where one source feeds a table more than once: rates, rates.2

    @property
    def looked_up(self) -> dict[str, Lookup]:
        """The columns that come from lookups; their order numbers the lookups."""
        return {name: mapping.lookup for name, mapping in self.columns.items() if mapping.lookup}


@dataclass(frozen=True)
class Mapping:
    """The whole of `sources.yml`."""

    path: Path
    company: str
    timezone: str
    first_day: dt.date
    reporting_currency: str
    sources: dict[str, Source]
    feeds: list[Feed]
    exports: Path
    sample: dict[str, Any] | None = None
    event_catalogue: Path | None = None
    score_references: Path | None = None


def _path_rule(reader: CheckedYaml, place: str, spec: Any) -> PathRule | None:
    if spec is None:
        return None
    found = reader.keys(place, spec, ("from", "pattern"), ("from", "pattern"))
    rule = PathRule(
        where=reader.one_of(f"{place}.from", found.get("from"), ("file_name", "path")),
        pattern=str(found.get("pattern", "")),
    )
    _check_pattern(reader, f"{place}.pattern", rule.pattern)
    return rule


def _check_pattern(reader: CheckedYaml, place: str, pattern: str) -> None:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        reader.say(place, f"'{pattern}' is not a regular expression: {error}")
        return
    if groups != 1:
        reader.say(place, f"'{pattern}' must have exactly one group, it has {groups}")


def _slot_rule(reader: CheckedYaml, place: str, spec: Any) -> SlotRule:
    if isinstance(spec, str):
        return SlotRule(where=reader.one_of(place, spec, ("whole", "received")))
    found = reader.keys(place, spec, ("from", "pattern", "column"), ("from",))
    where = reader.one_of(f"{place}.from", found.get("from"), ("file_name", "path", "column"))
    if where == "column":
        if "column" not in found:
            reader.say(place, "key 'column' is missing")
        return SlotRule(where, column=str(found.get("column")))
    pattern = str(found.get("pattern", r"(\d{4}-?\d{2}-?\d{2})"))
    _check_pattern(reader, f"{place}.pattern", pattern)
    return SlotRule(where, pattern=pattern)


SOURCE_KEYS = (
    "path", "format", "delimiter", "header", "columns", "encoding", "null_values", "decimal", "timezone",
    "timestamp_format", "date_format", "records", "delivery", "slot", "known_on", "revision", "expected",
)  # fmt: skip


def _path(reader: CheckedYaml, place: str, found: dict[str, Any]) -> str:
    path = reader.text(place, found, "path") or ""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        reader.say(
            f"{place}.path", f"{path!r} leaves the folder that 'exports' names; set 'exports' or --exports instead"
        )
    return path


def _encoding(reader: CheckedYaml, place: str, found: dict[str, Any]) -> str:
    encoding = reader.text(place, found, "encoding") or "utf-8"
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        reader.say(f"{place}.encoding", f"unknown encoding {encoding!r}")
        return "utf-8"


_known_timezones = cache(zoneinfo.available_timezones)  # it walks a folder tree each time


def _timezone(reader: CheckedYaml, place: str, timezone: Any) -> str:
    known = _known_timezones()
    if timezone not in known:
        reader.say(place, f"unknown timezone {timezone!r}{nearest(str(timezone), known)}")
        return "UTC"
    return str(timezone)


def _currency(reader: CheckedYaml, place: str, code: Any) -> str:
    if code not in exponents():
        near = nearest(str(code).upper(), exponents())
        reader.say(place, f"unknown currency {code!r}{near or f'; known are those of dbt/seeds/{CURRENCIES.name}'}")
    return str(code)


def _format(
    reader: CheckedYaml, place: str, found: dict[str, Any], key: str, words: tuple[str, ...] = ()
) -> str | None:
    """A strptime format, or one of the words."""
    format_ = reader.text(place, found, key)
    problem = None
    if format_ and format_ not in words:
        problem = format_problem(format_) if "%" in format_ else f"{format_!r} has no % in it{nearest(format_, words)}"
    if problem:
        reader.say(f"{place}.{key}", problem)
    return format_


def _delimiter(reader: CheckedYaml, place: str, found: dict[str, Any]) -> str | None:
    delimiter = reader.text(place, found, "delimiter")
    if delimiter and (len(delimiter.encode()) > 4 or any(mark in delimiter for mark in '"\r\n')):
        reader.say(f"{place}.delimiter", f"{delimiter!r} must be one to four bytes without quotes or line ends")
    return delimiter


def _source(reader: CheckedYaml, name: str, spec: Any) -> Source:
    place = f"sources.{name}"
    if not re.fullmatch(NAME, name):
        reader.say(place, "a source's name is made of letters, digits, _ and -")
    found = reader.keys(place, spec, SOURCE_KEYS, ("path", "delivery", "slot", "expected"))
    header = found.get("header", True)
    if not isinstance(header, bool):
        reader.say(f"{place}.header", f"must be true or false, found {header!r}")
    columns = reader.texts(place, found, "columns", ())
    if not header and not columns:
        reader.say(place, "header is false, so 'columns' must name the columns in order")
    if header and columns:
        reader.say(place, "'columns' names the columns of files without a header; set header: false or leave it out")
    return Source(
        name=name,
        path=_path(reader, place, found),
        format=reader.one_of(f"{place}.format", found["format"], FORMATS) if "format" in found else None,
        delivery=reader.one_of(f"{place}.delivery", found.get("delivery"), DELIVERIES),
        slot=_slot_rule(reader, f"{place}.slot", found.get("slot", "whole")),
        expected=reader.one_of(f"{place}.expected", found.get("expected"), EXPECTATIONS),
        known_on=_path_rule(reader, f"{place}.known_on", found.get("known_on")),
        revision=_path_rule(reader, f"{place}.revision", found.get("revision")),
        delimiter=_delimiter(reader, place, found),
        header=bool(header),
        columns=columns,
        encoding=_encoding(reader, place, found),
        null_values=reader.texts(place, found, "null_values", ("",)),
        decimal=reader.one_of(f"{place}.decimal", found.get("decimal"), (".", ","), "."),
        timezone=_timezone(reader, f"{place}.timezone", found["timezone"]) if "timezone" in found else None,
        timestamp_format=_format(reader, place, found, "timestamp_format", EPOCHS),
        date_format=_format(reader, place, found, "date_format"),
        records=reader.text(place, found, "records"),
    )


def _lookup(reader: CheckedYaml, place: str, spec: dict[str, Any], sources: dict[str, Source]) -> Lookup:
    found = reader.keys(place, spec, ("lookup", "match", "take"), ("lookup", "match", "take"))
    source = str(found.get("lookup"))
    if source not in sources:
        reader.say(f"{place}.lookup", f"unknown source {source!r}{nearest(source, sources)}")
    on = found.get("match")
    if not isinstance(on, dict) or not on:
        reader.say(f"{place}.match", f"must map a column of this source to one of {source!r}, found {on!r}")
        on = {}
    return Lookup(source, tuple((str(here), str(there)) for here, there in on.items()), str(found.get("take")))


def _expression(reader: CheckedYaml, place: str, found: dict[str, Any], key: str) -> str | None:
    if key not in found:
        return None
    expression = str(found[key])
    try:
        columns_read(expression)
    except ValueError as error:
        reader.say(place, f"{key} {expression!r} is not a DuckDB expression: {error}")
    return expression


def _column_mapping(reader: CheckedYaml, place: str, spec: Any, sources: dict[str, Source]) -> ColumnMapping:
    if not isinstance(spec, dict):
        return ColumnMapping(column=str(spec))
    if "lookup" in spec:
        return ColumnMapping(lookup=_lookup(reader, place, spec, sources))
    found = reader.keys(place, spec, ("column", "constant", "expression", "unit"))
    ways = [key for key in ("column", "constant", "expression") if key in found]
    if len(ways) != 1:
        reader.say(place, f"needs exactly one of column, constant, expression, lookup; found {ways or 'none'}")
    constant = found.get("constant")
    if "constant" in found and (constant is None or isinstance(constant, list | dict)):
        reader.say(place, f"constant must be a value, found {constant!r}; leave the column out to have it empty")
    return ColumnMapping(
        column=str(found["column"]) if "column" in found else None,
        constant=str(constant).lower() if isinstance(constant, bool) else None if constant is None else str(constant),
        expression=_expression(reader, place, found, "expression"),
        unit=reader.one_of(f"{place}.unit", found.get("unit"), ("minor", "major"), "minor"),
    )


def _feed(
    reader: CheckedYaml, table: Table, number: int, spec: Any, sources: dict[str, Source], timezone: str
) -> Feed | None:
    place = f"tables.{table.name}[{number}]"
    found = reader.keys(place, spec, ("from", "where", "columns"), ("from", "columns"))
    name = str(found.get("from"))
    if name not in sources:
        reader.say(f"{place}.from", f"unknown source {name!r}{nearest(name, sources)}")
        return None
    columns: dict[str, ColumnMapping] = {}
    specs = found.get("columns", {})
    for column, column_spec in reader.entries(f"{place}.columns", specs).items():
        if column not in table.columns:
            reader.say(place, f"{table.name} has no column {column!r}{nearest(column, table.columns)}")
            continue
        columns[column] = _column_mapping(reader, f"{place}.columns.{column}", column_spec, sources)
        if columns[column].unit == "major" and "currency" not in specs:
            reader.say(
                f"{place}.columns.{column}", "unit: major needs the column 'currency' mapped: it says the decimals"
            )
    for contract_column in table.columns.values():
        if contract_column.must_be_mapped and contract_column.name not in columns:
            reader.say(place, f"required column {contract_column.name!r} is not mapped ({contract_column.description})")
    source = sources[name]
    where = _expression(reader, f"{place}.where", found, "where")
    described = json.dumps([LOADER_VERSION, timezone, repr(source), where, repr(columns), repr(table)], sort_keys=True)
    return Feed(
        table=table,
        source=source,
        columns=columns,
        where=where,
        fingerprint=hashlib.sha256(described.encode()).hexdigest()[:12],
        name=name,
    )


def _numbered(feeds: list[Feed]) -> list[Feed]:
    """Feeds of one table under names of their own."""
    seen: dict[str, int] = {}
    named: list[Feed] = []
    for feed in feeds:
        seen[feed.name] = seen.get(feed.name, 0) + 1
        count = seen[feed.name]
        named.append(feed if count == 1 else replace(feed, name=f"{feed.name}.{count}"))
    return named


def _sample(reader: CheckedYaml, spec: Any) -> dict[str, Any] | None:
    if spec is None:
        return None
    found = reader.keys("sample", spec, SAMPLE_FROM, SAMPLE_FROM)
    for key, least in SAMPLE_FROM.items():
        value = found.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            reader.say(f"sample.{key}", f"must be a whole number from {least} on, found {value!r}")
    return found


def _check_exists(reader: CheckedYaml, place: str, file: Path | None) -> None:
    if file and not file.is_file():
        beside = [other.name for other in file.parent.iterdir()] if file.parent.is_dir() else []
        reader.say(place, f"the file {file} does not exist{nearest(file.name, beside)}")


TOP_KEYS = (
    "company", "exports", "calendar", "reporting_currency", "sample", "event_catalogue", "score_references", "sources",
    "tables",
)  # fmt: skip


SAMPLE_FROM = {"accounts": 1, "days": 1, "seed": 0}
"""The keys of `sample` and their least values."""


def read_mapping(path: Path, exports: Path | None = None) -> Mapping:
    """Read and check `sources.yml`; `exports` overrides the folder that the sources' paths start from.

    Raises `MappingError` with every problem found.
    """
    path = path.resolve()
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
    except FileNotFoundError:
        raise MappingError(path, ["the file does not exist"]) from None
    except UnicodeDecodeError as error:
        raise MappingError(path, [f"not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8"]) from None
    except yaml.YAMLError as error:
        raise MappingError(path, [f"not valid YAML: {error}"]) from None
    reader = CheckedYaml()
    reader.refuse_repeated_keys(yaml.compose(text, Loader=yaml.SafeLoader))
    top = reader.keys(TOP, document, TOP_KEYS, ("calendar", "reporting_currency", "sources", "tables"))
    calendar = reader.keys("calendar", top.get("calendar", {}), ("timezone", "first_day"), ("timezone", "first_day"))
    timezone = _timezone(reader, "calendar.timezone", calendar.get("timezone"))
    currency = _currency(reader, "reporting_currency", top.get("reporting_currency"))
    first_day = calendar.get("first_day")
    if not isinstance(first_day, dt.date) or isinstance(first_day, dt.datetime):
        reader.say("calendar.first_day", f"must be a date such as 2026-01-01, found {str(first_day)!r}")
        first_day = dt.date(2000, 1, 1)
    specs = reader.entries("sources", top.get("sources", {}))
    sources = {name: _source(reader, name, spec) for name, spec in specs.items()}
    feeds: list[Feed] = []
    tables = contract()
    for table_name, feed_specs in reader.entries("tables", top.get("tables", {})).items():
        if table_name not in tables:
            reader.say("tables", f"unknown table {table_name!r}{nearest(table_name, tables)}")
            continue
        listed = feed_specs if isinstance(feed_specs, list) else [feed_specs]
        read = [_feed(reader, tables[table_name], n, s, sources, timezone) for n, s in enumerate(listed, 1)]
        feeds.extend(_numbered([feed for feed in read if feed]))
    sample = _sample(reader, top.get("sample"))
    event_catalogue = path.parent / str(top["event_catalogue"]) if top.get("event_catalogue") else None
    _check_exists(reader, "event_catalogue", event_catalogue)
    if reader.problems:
        raise MappingError(path, reader.problems)
    return Mapping(
        path=path,
        company=str(top.get("company", path.parent.name)),
        timezone=timezone,
        first_day=first_day,
        reporting_currency=currency,
        sources=sources,
        feeds=feeds,
        exports=(exports or path.parent / str(top.get("exports", "."))).resolve(),
        sample=sample,
        event_catalogue=event_catalogue,
        score_references=path.parent / str(top["score_references"]) if top.get("score_references") else None,
    )
