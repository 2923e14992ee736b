"""Every `expectations/<schema>/<table>.yml` as asset checks on the asset of the same name.

No table is named here. What a suite may say is in `quality/suites.py`, how it is judged in
`quality/validation.py`; this module only shows both to Dagster: the reason and the fix of each check in its
description, what was observed in its metadata, and a failed critical check stops what is downstream.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from dagster_project.quality.suites import Check, Suite, load_suites
from dagster_project.quality.validation import CheckResult, record, validate

EXPECTATIONS = Path(__file__).parents[1] / "expectations"


def checks_of(suite: Suite) -> dg.AssetChecksDefinition:
    """The asset checks of one table, judged in one step; needs a resource `warehouse` with a `path`."""

    @dg.multi_asset_check(
        name=f"{suite.schema}__{suite.table}__expectations",
        description=suite.description,
        specs=[_spec(suite, check) for check in suite.checks],
        required_resource_keys={"warehouse"},
        can_subset=True,
    )
    def judged(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        warehouse = Path(context.resources.warehouse.path)
        results = validate(warehouse, suite, only=[key.name for key in context.selected_asset_check_keys])
        yield from (_shown(result) for result in results)
        record(warehouse, results, datetime.now(UTC))

    return judged


def _spec(suite: Suite, check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=check.name,
        asset=dg.AssetKey([suite.schema, suite.table]),
        description=f"{check.reason}\n\nFix: {check.fix}",
        blocking=check.is_critical,
        metadata={"severity": check.severity, "expected": check.expected},
    )


def _shown(result: CheckResult) -> dg.AssetCheckResult:
    said = f"{result.observed}. {result.check.reason} Fix: {result.check.fix}"
    metadata: dict[str, str | int] = {
        "observed": result.observed,
        "expected": result.check.expected,
        "reason": result.check.reason,
        "fix": result.check.fix,
    }
    counts = {"rows_checked": result.rows_checked, "rows_failed": result.rows_failed}
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey([result.schema, result.table]),
        check_name=result.check.name,
        passed=result.success,
        severity=dg.AssetCheckSeverity.ERROR if result.check.is_critical else dg.AssetCheckSeverity.WARN,
        description=None if result.success else said,
        metadata=metadata | {name: count for name, count in counts.items() if count is not None},
    )


checks = [checks_of(suite) for suite in load_suites(EXPECTATIONS)]
gates = frozenset(spec.key for check in checks for spec in check.check_specs if spec.blocking)
"""The checks that must have passed in the run that publishes."""
