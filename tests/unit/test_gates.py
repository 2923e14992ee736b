"""A gate that gave no result has not been passed: the check lies in the run's own log, not in Dagster's plan."""

from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_project.assets.published import JUDGED, refuse_unless_judged
from dagster_project.checks import EXPECTATIONS, gates
from dagster_project.quality.suites import load_suites

TABLE = dg.AssetKey(["marts", "accounts"])
VERDICTS = {"passes": True, "fails": False}


def publish(says: list[str], gates_asked: list[str], blocking: bool) -> dg.ExecuteInProcessResult:
    """A run over one table with two checks, of which only some give a result, and what is published of it."""

    @dg.asset(key=TABLE)
    def accounts() -> None:
        pass

    @dg.multi_asset_check(
        specs=[dg.AssetCheckSpec(name, asset=TABLE, blocking=blocking) for name in VERDICTS], can_subset=True
    )
    def judged() -> Iterator[dg.AssetCheckResult]:
        for name in says:
            yield dg.AssetCheckResult(asset_key=TABLE, check_name=name, passed=VERDICTS[name])

    @dg.asset(deps=[TABLE])
    def published(context: dg.AssetExecutionContext) -> None:
        asked = frozenset(dg.AssetCheckKey(TABLE, name) for name in gates_asked)
        refuse_unless_judged(context.instance.all_logs(context.run.run_id, JUDGED), asked)

    defs = dg.Definitions(assets=[accounts, published], asset_checks=[judged])
    with dg.DagsterInstance.ephemeral() as instance:
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, raise_on_error=False)


def test_what_passed_is_published() -> None:
    assert publish(["passes"], ["passes"], blocking=True).success


@pytest.mark.parametrize("says", [[], ["fails"]])
def test_a_gate_without_a_pass_stops_publishing(says: list[str]) -> None:
    # not blocking here, so that nothing but the log stands between the check and the published tables
    result = publish(says, ["passes", "fails"], blocking=False)
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    said = str(failed.step_failure_data.error)
    assert failed.step_key == "published"
    assert "2 of 2 blocking checks have not passed in this run: marts.accounts fails, marts.accounts passes" in said


def test_every_critical_check_of_every_suite_is_a_gate() -> None:
    critical = {(s.schema, s.table, c.name) for s in load_suites(EXPECTATIONS) for c in s.checks if c.is_critical}
    assert {(*key.asset_key.path, key.name) for key in gates} == critical
