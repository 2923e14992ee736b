"""Why a refresh failed, in the words of the step or check that failed: the same in the terminal and in the alert."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.sources.wording import counted

if TYPE_CHECKING:
    import dagster as dg


def step_reasons(failures: Iterable[dg.DagsterEvent]) -> list[str]:
    """One entry for each step that failed; a blocking check is left out, it says its own reason (`check_reason`)."""
    found = []
    for event in failures:
        failure = event.step_failure_data
        error: Any = failure.error
        while error is not None and error.cause is not None:
            error = error.cause
        said = error.message.strip() if error else "no reason given"
        if failure.user_failure_data and failure.user_failure_data.description:
            said = failure.user_failure_data.description
        if "DagsterAssetCheckFailedError" not in said:
            found.append(f"{event.step_key}: {plain(said)}")
    return found


def check_reason(verdict: dg.AssetCheckEvaluation) -> str:
    """Why a check did not pass, with its fix."""
    return f"{'.'.join(verdict.asset_key.path)} {verdict.check_name}: {verdict.description or 'it gave no reason'}"


def reason_of_test(claim: str, rows: int | None, query: Path) -> str:
    """Why a test of the models did not pass: what it claims, how many rows say otherwise, and where its query is."""
    count = f" {counted(rows, 'row')} of its query {'says' if rows == 1 else 'say'} otherwise:" if rows else ""
    return f"{claim}{count} {query}; docs/checks.md says what to do"


def sentences(warehouse: Path, query: Path) -> list[str]:
    """What a failed test says of its rows, where its query has a column `said`; none where they cannot be read."""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            rows = connection.sql(query.read_text(encoding="utf-8"))
            return sorted(str(said) for (said,) in rows.select("said").fetchall()) if "said" in rows.columns else []
    except (OSError, duckdb.Error):
        return []


def plain(said: str) -> str:
    """What failed, without dbt's command line, colours and empty lines."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", said).rpartition("Errors parsed from dbt logs:")[2]
    return "\n".join(line.rstrip() for line in said.splitlines() if line.strip())
