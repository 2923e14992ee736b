"""`sources.yml` is checked whole before anything is read: every problem at once, with its place and the nearest name."""

from __future__ import annotations

import copy
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from dagster_project.sources.expressions import columns_read
from dagster_project.sources.mapping import MappingError, read_mapping
from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source


def problems(folder: Path, described: dict[str, Any] | str) -> list[str]:
    """The problems of a `sources.yml`."""
    path = folder / "sources.yml"
    if isinstance(described, str):
        path.write_text(described, encoding="utf-8")
    else:
        Intake(folder, described)
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    return caught.value.problems


def test_every_problem_is_found_at_once_and_names_its_place_and_the_nearest(tmp_path: Path) -> None:
    described = document(
        {
            "events": events_source(delivery="slcie", delimeter=";", encoding="utf-9", timezone="Europe/Berln"),
            "plans": {"path": "plans.csv", "delivery": "snapshot", "slot": "hole"},
        },
        {
            "usage.event": [{"from": "events", "columns": {}}],
            "usage.events": [
                {"from": "evnts", "columns": EVENT_COLUMNS},
                {
                    "from": "events",
                    "columns": {"acount_id": "a", "event_name": {"expression": "upper(x"}, "occurred_at": {}},
                },
            ],
        },
    )
    assert problems(tmp_path, described) == [
        "sources.events: unknown key 'delimeter'; did you mean 'delimiter'?",
        "sources.events.delivery: 'slcie' is none of append, slice, snapshot; did you mean 'slice'?",
        "sources.events.encoding: unknown encoding 'utf-9'",
        "sources.events.timezone: unknown timezone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
        "sources.plans: key 'expected' is missing",
        "sources.plans.slot: 'hole' is none of whole, received; did you mean 'whole'?",
        "tables: unknown table 'usage.event'; did you mean 'usage.events'?",
        "tables.usage.events[1].from: unknown source 'evnts'; did you mean 'events'?",
        "tables.usage.events[2]: usage.events has no column 'acount_id'; did you mean 'account_id'?",
        "tables.usage.events[2].columns.event_name: expression 'upper(x' is not a DuckDB expression: syntax error at end of input",
        "tables.usage.events[2].columns.occurred_at: needs exactly one of column, constant, expression, lookup; found none",
        "tables.usage.events[2]: required column 'account_id' is not mapped (Account whose person acted.)",
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "../secrets.csv"}, "sources.events.path: '../secrets.csv' leaves the folder"),
        ({"path": "/etc/passwd"}, "sources.events.path: '/etc/passwd' leaves the folder"),
        ({"path": "a/../../b/*.csv"}, "leaves the folder"),
        ({"path": 7}, "sources.events.path: must be a text, found 7"),
        ({"delimiter": "|||||"}, "sources.events.delimiter"),
        ({"delimiter": '"'}, "sources.events.delimiter"),
        ({"decimal": ";"}, "sources.events.decimal: ';' is none of ., ,"),
        ({"header": "no"}, "sources.events.header: must be true or false, found 'no'"),
        ({"header": False}, "header is false, so 'columns' must name the columns in order"),
        ({"columns": ["a"]}, "'columns' names the columns of files without a header"),
        ({"columns": "a, b"}, "sources.events.columns: must be a list of texts"),
        ({"null_values": None, "delivery": "slice"}, None),
        ({"null_values": "NULL"}, "sources.events.null_values: must be a list of texts"),
        ({"timestamp_format": "%Q"}, "sources.events.timestamp_format: Invalid Input Error"),
        ({"timestamp_format": "epoch"}, "'epoch' has no % in it; did you mean 'epoch_seconds'?"),
        ({"date_format": "dd.mm.yyyy"}, "sources.events.date_format: 'dd.mm.yyyy' has no % in it"),
        ({"slot": {"from": "file_name", "pattern": "(["}}, "is not a regular expression"),
        ({"slot": {"from": "file_name", "pattern": r"\d"}}, r"sources.events.slot.pattern: '\d' must have exactly one group"),
        ({"slot": {"from": "file_name", "pattern": r"(\d)(\d)"}}, "must have exactly one group, it has 2"),
        ({"slot": {"from": "column"}}, "sources.events.slot: key 'column' is missing"),
        ({"known_on": {"from": "path"}}, "sources.events.known_on: key 'pattern' is missing"),
        ({"format": "xlsx"}, "sources.events.format: 'xlsx' is none of csv, tsv, json, jsonl, parquet"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_meant_is_refused(tmp_path: Path, change: dict[str, Any], problem: str | None) -> None:
    described = document({"events": events_source(**change)})
    if problem is None:
        Intake(tmp_path, described).mapping  # noqa: B018  # reading it is the test
        return
    assert re.search(re.escape(problem), "\n".join(problems(tmp_path, described)))


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ({"column": "a", "constant": "b"}, "needs exactly one of column, constant, expression, lookup"),
        ({"constant": None}, "constant must be a value, found None"),
        ({"constant": [1]}, "constant must be a value, found [1]"),
        ({"column": "a", "unit": "cents"}, "'cents' is none of minor, major"),
        ({"column": "a", "unit": "major"}, "unit: major needs the column 'currency' mapped"),
        ({"expression": "1; drop table x"}, "is not a DuckDB expression"),
        ({"lookup": "plan", "match": {"a": "b"}, "take": "c"}, "user_id.lookup: unknown source 'plan'; did you mean 'plans'?"),
        ({"lookup": "plans", "match": {}, "take": "c"}, "user_id.match: must map a column of this source"),
        ({"lookup": "plans", "match": {"a": "b"}}, "key 'take' is missing"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_meant_is_refused(tmp_path: Path, column: dict[str, Any], problem: str) -> None:
    sources = {"events": events_source(), "plans": events_source(path="plans")}
    tables = {"usage.events": [{"from": "events", "columns": EVENT_COLUMNS | {"user_id": column}}]}
    assert problem in "\n".join(problems(tmp_path, document(sources, tables)))


@pytest.mark.parametrize("name", ["../../outside", "a/b", "a b", "x;y", "ü", "-x", "q'"])
def test_names_of_sources_become_folders_so_they_are_plain(tmp_path: Path, name: str) -> None:
    described = document({name: events_source()}, {"usage.events": [{"from": name, "columns": EVENT_COLUMNS}]})
    assert problems(tmp_path, described) == [f"sources.{name}: a source's name is made of letters, digits, _ and -"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "top level: must be a mapping, found NoneType None"),
        ("[1]", "top level: must be a mapping"),
        ("a: [", "not valid YAML"),
        (
            "sources: []\ntables: []\ncalendar: 7\nreporting_currency: EUR",
            "sources: must be a mapping of names, found list []",
        ),
        ("sources: {e: 7}\ntables: {usage.events: 7}", "tables.usage.events[1]: must be a mapping, found int 7"),
    ],
)
def test_a_document_of_another_kind_is_refused_not_misread(tmp_path: Path, text: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(tmp_path, text))


def test_a_key_that_is_given_twice_loses_nothing_in_silence(tmp_path: Path) -> None:
    text = """\
calendar: {timezone: UTC, first_day: 2026-01-01}
reporting_currency: EUR
sources:
  events: {path: events, delivery: slice, slot: whole, expected: daily, path: old}
tables:
  usage.events:
    - from: events
      columns: {account_id: a, event_name: b, occurred_at: c, event_name: d}
  usage.events:
    - from: events
      columns: {account_id: a, event_name: b, occurred_at: c}
reporting_currency: USD
"""
    assert problems(tmp_path, text) == [
        "reporting_currency: is given twice, on lines 2 and 12",
        "sources.events.path: is given twice, on lines 4 and 4",
        "tables.usage.events: is given twice, on lines 6 and 9",
        "tables.usage.events[1].columns.event_name: is given twice, on lines 8 and 8",
    ]


def test_an_alias_that_holds_itself_ends_the_search_for_repeated_keys(tmp_path: Path) -> None:
    assert "top level: unknown key 'a'" in problems(tmp_path, "a: &a [*a]")


def test_a_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "sources.yml"
    path.write_bytes("company: Möbel".encode("latin-1"))
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    assert str(caught.value) == f"{path}: 1 problem\n  - not UTF-8: invalid start byte at byte 10; save it as UTF-8"


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="the file does not exist"):
        read_mapping(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("name", "near"), [("event_catalog.csv", "; did you mean 'event_catalogue.csv'?"), ("settings/events.csv", "")]
)
def test_an_event_catalogue_that_is_named_is_there(tmp_path: Path, name: str, near: str) -> None:
    (tmp_path / "event_catalogue.csv").touch()
    assert problems(tmp_path, document() | {"event_catalogue": name}) == [
        f"event_catalogue: the file {tmp_path / name} does not exist{near}"
    ]


def test_references_need_not_be_there_before_the_first_run(tmp_path: Path) -> None:
    company = Intake(tmp_path, document() | {"score_references": "references.csv"})
    assert company.mapping.score_references == tmp_path / "references.csv"


def test_a_key_that_is_missing_is_said_once(tmp_path: Path) -> None:
    source = {"path": "events", "slot": {}, "known_on": {"from": "path"}}
    columns = EVENT_COLUMNS | {"user_id": {"lookup": "events"}}
    described = document(
        {"events": source}, {"usage.events": [{"columns": {}}, {"from": "events", "columns": columns}]}
    )
    assert problems(tmp_path, described) == [
        "sources.events: key 'delivery' is missing",
        "sources.events: key 'expected' is missing",
        "sources.events.slot: key 'from' is missing",
        "sources.events.known_on: key 'pattern' is missing",
        "tables.usage.events[1]: key 'from' is missing",
        "tables.usage.events[2].columns.user_id: key 'match' is missing",
        "tables.usage.events[2].columns.user_id: key 'take' is missing",
    ]
    for key in ("calendar", "reporting_currency", "sources", "tables"):
        assert problems(tmp_path, {k: v for k, v in document(tables={}).items() if k != key}) == [
            f"top level: key '{key}' is missing"
        ]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("EURO", "unknown currency 'EURO'; did you mean 'EUR'?"),
        ("usd", "unknown currency 'usd'; did you mean 'USD'?"),
        ("???", "unknown currency '???'; known are those of dbt/seeds/currencies.csv"),
        (978, "unknown currency 978; known are those of dbt/seeds/currencies.csv"),
    ],
)
def test_the_reporting_currency_is_one_that_is_known(tmp_path: Path, code: object, problem: str) -> None:
    assert problems(tmp_path, document() | {"reporting_currency": code}) == [f"reporting_currency: {problem}"]


@pytest.mark.parametrize(
    ("first_day", "found"), [("soon", "soon"), (dt.datetime(2026, 1, 1), "2026-01-01 00:00:00"), (20260101, "20260101")]
)
def test_the_first_day_is_a_date(tmp_path: Path, first_day: object, found: str) -> None:
    described = document()
    described["calendar"]["first_day"] = first_day
    assert problems(tmp_path, described) == [f"calendar.first_day: must be a date such as 2026-01-01, found '{found}'"]


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ({"accounts": 200}, ["sample: key 'days' is missing", "sample: key 'seed' is missing"]),
        ({"accounts": 200, "day": 9, "seed": 1}, [
            "sample: unknown key 'day'; did you mean 'days'?", "sample: key 'days' is missing",
        ]),
        ({"accounts": 200, "days": "many", "seed": -1}, [
            "sample.days: must be a whole number from 1 on, found 'many'",
            "sample.seed: must be a whole number from 0 on, found -1",
        ]),
        (200, ["sample: must be a mapping, found int 200"]),
    ],
)  # fmt: skip
def test_a_sample_company_is_described_whole(tmp_path: Path, sample: object, found: list[str]) -> None:
    assert problems(tmp_path, document() | {"sample": sample}) == found


def test_feeds_of_one_source_are_numbered_apart_from_every_source(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"event_name": {"constant": "login"}}
    described = document(
        {"events": events_source(), "events_2": events_source(path="more")},
        {"usage.events": [{"from": name, "columns": columns} for name in ("events", "events", "events_2")]},
    )
    assert [feed.name for feed in Intake(tmp_path, described).mapping.feeds] == ["events", "events.2", "events_2"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["sources"]["events"].update(timezone="Europe/Berlin"),
        lambda d: d["sources"]["events"].update(slot="whole"),
        lambda d: d["tables"]["usage.events"][0]["columns"].update(user_id="u"),
        lambda d: d["tables"]["usage.events"][0].update(where="event <> 'x'"),
        lambda d: d["calendar"].update(timezone="Europe/Berlin"),
    ],
)
def test_whatever_changes_rows_changes_the_fingerprint(tmp_path: Path, change: Any) -> None:
    described = document()
    before = Intake(tmp_path, copy.deepcopy(described)).mapping.feeds[0].fingerprint
    assert Intake(tmp_path, copy.deepcopy(described)).mapping.feeds[0].fingerprint == before
    change(described)
    assert Intake(tmp_path, described).mapping.feeds[0].fingerprint != before


def test_the_columns_that_an_expression_reads_are_known() -> None:
    assert columns_read("""case "Net amount" when 'x' then upper(a) else b || 'c' end""") == ("Net amount", "a", "b")
    assert columns_read("json_extract_string(person, '$.name')") == ("person",)
    with pytest.raises(ValueError, match="syntax error"):
        columns_read("coalesce(a,")
