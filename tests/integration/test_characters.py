"""The company of characters through the shipped models: each is what tests/golden/characters.yml promises of it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dagster_project.publication import database_path
from tests.integration.characters import CHARACTERS, FIRST, LAST, write
from tests.integration.pipeline import Pipeline

PROJECT = Path(__file__).resolve().parents[2]
GOLDEN = yaml.safe_load((PROJECT / "tests" / "golden" / "characters.yml").read_text(encoding="utf-8"))
PROMISES: dict[str, dict[str, Any]] = GOLDEN["characters"]
AXES = ("avatar", "advocacy", "fit", "touch", "playbook", "lifecycle")

pytestmark = [pytest.mark.integration]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("characters")
    pipeline = Pipeline(write(folder / "exports"), folder / "data")
    pipeline.refresh(LAST)
    return pipeline


@pytest.fixture(scope="module")
def published(company: Pipeline) -> dict[str, dict[str, Any]]:
    """The rows of account_segments by account."""
    with duckdb.connect(str(database_path(company.home)), read_only=True) as connection:
        result = connection.execute("select * from marts.account_segments")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["account_id"]: row for row in rows}


def _usual_status(name: str | None) -> str:
    return {None: "unknown", "unassessed": "unassessed"}.get(name, "fresh")


def _promised(character: str) -> dict[str, Any]:
    """The columns of account_segments that a character's golden row speaks of."""
    told = PROMISES[character]
    columns: dict[str, Any] = {}
    for axis in AXES:
        reason = told.get("unknown", {}).get(axis)
        columns[f"{axis}_class"] = told["classes"][axis]
        columns[f"{axis}_status"] = told.get("status", {}).get(axis, _usual_status(told["classes"][axis]))
        columns[f"{axis}_unknown_because"] = GOLDEN["reasons"][reason] if reason else None
    return columns | told.get("figures", {})


@pytest.mark.parametrize("character", PROMISES)
def test_a_character_is_what_its_story_promises(character: str, published: dict[str, dict[str, Any]]) -> None:
    promised = _promised(character)
    assert {column: published[character][column] for column in promised} == promised


@pytest.mark.parametrize(
    ("character", "axis"), [(name, axis) for name, told in PROMISES.items() for axis in told.get("path", {})]
)
def test_a_character_became_what_it_is_on_the_days_told(character: str, axis: str, company: Pipeline) -> None:
    periods = company.rows(
        f"select class, valid_from from marts.account_segment_history where account_id = '{character}' "
        f"and axis = '{axis}' order by valid_from"
    )
    told: list[tuple[Any, ...]] = []
    for name, since in periods:
        if not told or told[-1][0] != name:
            told.append((name, max(since, FIRST)))
    assert told == [(name, since) for name, since in PROMISES[character]["path"][axis]]


@pytest.mark.parametrize("character", [name for name, told in PROMISES.items() if "movements" in told])
def test_the_money_of_a_character_moved_as_told(character: str, company: Pipeline) -> None:
    moved = company.rows(
        f"select as_of_on, movement, mrr_change from marts.mrr_movements where account_id = '{character}' order by all"
    )
    assert moved == [tuple(told) for told in PROMISES[character]["movements"]]


def test_every_character_has_a_golden_row_with_its_story_and_arithmetic(published: dict[str, dict[str, Any]]) -> None:
    assert published.keys() == PROMISES.keys() == CHARACTERS.keys()
    assert [name for name, told in PROMISES.items() if not (told["story"] and told["arithmetic"])] == []


def test_every_class_of_every_axis_has_a_character() -> None:
    with (PROJECT / "dbt" / "seeds" / "segment_classes.csv").open(encoding="utf-8") as seed:
        classes = {(row["axis"], row["class"]) for row in csv.DictReader(seed)}
    golden = {(axis, told["classes"][axis]) for told in PROMISES.values() for axis in AXES}
    assert classes - golden == set()
    assert {(axis, name) for axis, name in golden if name} - classes == set()
