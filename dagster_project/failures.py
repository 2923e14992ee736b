"""Why a refresh failed, in the words of the step or check that failed: the same in the terminal and in the alert."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
    reason = verdict.description or "a test of the models; docs/checks.md says what to do"
    return f"{'.'.join(verdict.asset_key.path)} {verdict.check_name}: {reason}"


def plain(said: str) -> str:
    """What failed, without dbt's command line, colours and empty lines."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", said).rpartition("Errors parsed from dbt logs:")[2]
    return "\n".join(line.rstrip() for line in said.splitlines() if line.strip())
