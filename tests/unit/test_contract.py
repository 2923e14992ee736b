"""The inbound contract says of every table what a row is, what is required, and what raw looks like."""

from __future__ import annotations

import pytest

from dagster_project.sources.contract import PROVENANCE, SQL_TYPES, Table, contract

TABLES = sorted(contract().values(), key=lambda table: table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_column_is_described_and_its_key_and_time_exist(table: Table) -> None:
    assert table.kind in ("append", "state")
    assert table.description.startswith("One row per ")
    assert set(table.key) <= set(table.columns)
    assert table.event_time is None or table.event_time in table.columns
    assert all(column.description.endswith(".") for column in table.columns.values())
    assert set(table.raw_types().values()) <= set(SQL_TYPES.values())
    assert list(table.raw_types())[-len(PROVENANCE) :] == list(PROVENANCE)


def test_usage_billing_and_nps_are_what_a_company_has() -> None:
    assert {t.name for t in TABLES if t.required} == {"usage.events", "billing.subscription_items", "nps.responses"}


def test_events_lines_and_accounts_are_what_a_company_is_never_without() -> None:
    assert {t.name for t in TABLES if t.never_empty} == {"usage.events", "billing.subscription_items", "crm.accounts"}


def test_an_append_table_has_a_time_by_which_its_rows_happened() -> None:
    assert {t.name: t.event_day for t in TABLES if t.kind == "append"} == {
        "usage.events": "occurred_on",
        "nps.responses": "responded_on",
        "nps.invitations": "sent_on",
        "crm.touchpoints": "occurred_on",
    }


def test_an_instant_brings_its_civil_day_and_a_date_does_not() -> None:
    types = contract()["billing.subscription_items"].raw_types()
    assert (types["starts_at"], types["starts_on"], types["renews_on"]) == ("timestamp", "date", "date")
    assert "renews_on_on" not in types


def test_an_open_end_must_be_mapped_but_may_be_empty() -> None:
    ends_at = contract()["billing.subscription_items"].columns["ends_at"]
    assert (ends_at.must_be_mapped, ends_at.required) == (True, False)
