"""The first references are taken from the first days that hold data, not from the days before it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from dagster_project import scoring
from dagster_project.settings import RefusedError
from tests.unit.company_to_calibrate import built, company_with
from tests.unit.published_company import FIRST, publish_days

PUBLISHED = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("first_event", "as_of", "window"),
    [
        ("2026-01-01", "2026-12-31", ("2026-01-01", "2026-03-31")),
        ("2026-03-01", "2026-12-31", ("2026-03-01", "2026-05-29")),
        # history begins before the first day of the calendar
        ("2025-06-01", "2026-12-31", ("2026-01-01", "2026-03-31")),
        # fewer than 90 days of data
        ("2026-03-01", "2026-03-10", ("2026-03-01", "2026-03-10")),
        # only billing
        (None, "2026-12-31", ("2026-01-01", "2026-03-31")),
    ],
)
def test_the_first_window_is_the_first_ninety_days_with_use(
    tmp_path: Path, first_event: str | None, as_of: str, window: tuple[str, str]
) -> None:
    company = company_with(tmp_path, rows=0)
    with duckdb.connect(str(company.home.warehouse)) as connection:
        connection.execute(
            "insert into ops.deliveries by name select 'usage.events' as table_name, true as is_in_force, "
            "cast(? as date) as first_event_on union all select 'usage.events', false, date '2026-01-05'",
            [first_event],
        )
    asked: list[dict[str, Any]] = []

    def cli(arguments: list[str], **_: object) -> Any:
        asked.append(json.loads(arguments[-1]))
        return SimpleNamespace(wait=lambda: None)

    dbt: Any = SimpleNamespace(cli=cli)
    assert scoring.calibrate_once(dbt, company.mapping, company.home, dt.date.fromisoformat(as_of)) is None
    assert [(a["calibrate_from"], a["calibrate_to"]) for a in asked] == [window]


def test_references_that_are_missing_after_days_were_published_are_not_replaced_unasked(tmp_path: Path) -> None:
    company = company_with(tmp_path, rows=1)
    publish_days(company.home, FIRST, PUBLISHED)
    with pytest.raises(RefusedError) as refused:
        scoring.calibrate_once(built(), company.mapping, company.home, PUBLISHED)
    assert str(refused.value) == (
        f"{tmp_path / 'sources.yml'}: score_references: the file {tmp_path / 'references.csv'} does not exist, and days "
        "up to 2026-03-02 are published. Restore it or mend its name; to take new references instead, run make calibrate"
    )
    assert not (tmp_path / "references.csv").exists()


def test_asked_for_references_are_taken_after_days_were_published(tmp_path: Path) -> None:
    company = company_with(tmp_path, rows=1)
    publish_days(company.home, FIRST, PUBLISHED)
    scoring.calibrate(built(), company.mapping, company.home, FIRST, PUBLISHED)
    assert len((tmp_path / "references.csv").read_text().splitlines()) == 1 + len(scoring.MODELS)


def test_a_company_that_never_had_anything_to_calibrate_keeps_running(tmp_path: Path) -> None:
    company = company_with(tmp_path, rows=0)
    publish_days(company.home, FIRST, PUBLISHED)
    assert scoring.calibrate_once(built(), company.mapping, company.home, PUBLISHED) is None
