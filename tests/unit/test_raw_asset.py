"""Taking in as the asset does it: what ends a run before a table is built."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project.assets.raw import raw_assets
from dagster_project.failures import step_reasons
from dagster_project.resources import SourcesResource, WarehouseResource
from tests.unit.intake import EVENT_COLUMNS, TODAY, Intake, document


def _run(company: Intake) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [raw_assets(company.mapping)],
        resources={
            "sources": SourcesResource(sources=str(company.folder / "sources.yml")),
            "warehouse": WarehouseResource(data=str(company.home.path)),
        },
        tags={"dagster/partition": TODAY.isoformat()},
        raise_on_error=False,
    )


def test_a_run_before_any_file_has_arrived_fails_and_says_where_it_looked(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    result = _run(company)
    assert not result.success
    (said,) = step_reasons(event for event in result.all_events if event.is_step_failure)
    assert said.startswith(f"raw: no file that sources.yml names has arrived in {company.exports} by 2026-03-31; ")


def test_a_later_run_without_a_new_file_goes_on_with_what_is_known(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-30.csv", "id,account,event,at\n1,acct,open,2026-03-30T10:00:00Z\n")
    for _ in range(2):
        assert _run(company).success
        with duckdb.connect(str(company.home.warehouse), read_only=True) as connection:
            assert connection.execute("select event_id from usage.events").fetchall() == [("1",)]


def test_refused_files_of_a_feed_are_three_lines_and_a_count(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    company = Intake(tmp_path)
    for n in range(5):
        company.write(f"events/backup_{n}.csv", "id,account,event,at\n1,acct,open,2026-03-30T10:00:00Z\n")
    assert _run(company).success
    said = capfd.readouterr().err
    assert said.count("unreadable: the file_name") == 3
    assert "usage.events <- events: and 2 more blocked or unreadable" in said


def test_files_that_a_changed_mapping_loads_again_are_not_counted_as_new(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-29.csv", "id,account,event,at\n1,acct,open,2026-03-29T10:00:00Z\n")
    assert _run(company).success
    assert "as of 2026-03-31: 1 new file, 1 row, 1 event day changed" in capfd.readouterr().err
    columns = EVENT_COLUMNS | {"user_id": "account"}
    company.describe(document(tables={"usage.events": [{"from": "events", "columns": columns}]}))
    company.write("events/2026-03-30.csv", "id,account,event,at\n2,acct,open,2026-03-30T10:00:00Z\n")
    assert _run(company).success
    assert (
        "as of 2026-03-31: 1 new file, 1 row, 1 file loaded again because the mapping or a lookup changed, "
        in capfd.readouterr().err
    )
