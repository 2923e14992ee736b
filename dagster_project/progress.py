"""A refresh as a reader of the terminal sees it: a few lines while it works, in plain words.

It is a Dagster logger, so that the run in the terminal is the same run as in the UI.
"""

import logging
import sys
import time
from collections.abc import Iterable
from typing import Any

import dagster as dg
from rich.console import Console

from dagster_project.failures import check_reason
from dagster_project.sources.wording import counted

STEP_NAMES = {
    "raw": "take in files",
    "models": "build tables",
    "published__customer_segments": "publish",
}
LINES = 4
"""Progress lines of the models where the terminal cannot redraw one."""


class ProgressHandler(logging.Handler):
    """Prints the start and end of each step, how far the models are, checks that did not pass, and warnings."""

    def __init__(self, console: Console, models: int) -> None:
        super().__init__(logging.DEBUG)
        self._console = console
        self._models = models
        self._built = 0
        self._started: dict[str, float] = {}
        self._checked: list[bool] = []
        self._checked_tables: set[str] = set()
        self._is_checking = False
        self._checking_since = 0.0
        self._status = console.status("")

    def emit(self, record: logging.LogRecord) -> None:
        """Print one log record, if it says something to a reader."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", None) or {}
        event = getattr(record, "dagster_event", None)
        step = str(meta.get("step_key") or "")
        if event is not None:
            self._show(event, step)
        elif record.levelno >= logging.WARNING or (record.levelno == logging.INFO and step in STEP_NAMES):
            said = str(meta.get("orig_message") or record.getMessage())
            if not _is_told_elsewhere(said):
                self._say(f"  {said}", style="yellow" if record.levelno >= logging.WARNING else None)

    def _say(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def _show(self, event: dg.DagsterEvent, step: str) -> None:
        kind = event.event_type_value
        if kind in ("RUN_SUCCESS", "RUN_FAILURE"):
            self._status.stop()
            self._sum_up_checks()
        elif kind == "STEP_START":
            self._begin(step)
        elif kind == "STEP_SUCCESS" and step in STEP_NAMES:
            self._status.stop()
            self._say(f"  done in {time.monotonic() - self._started.get(step, time.monotonic()):.1f} s", style="green")
        elif kind == "STEP_FAILURE":
            self._status.stop()
            self._say(f"  failed: {STEP_NAMES.get(step, step)}", style="red")
        elif kind == "ASSET_MATERIALIZATION" and step == "models":
            self._count(".".join(event.asset_key.path) if event.asset_key else "")
        elif kind == "ASSET_CHECK_EVALUATION":
            self._judge(event)

    def _begin(self, step: str) -> None:
        self._started[step] = time.monotonic()
        if step in STEP_NAMES:
            self._sum_up_checks()
            self._say(STEP_NAMES[step], style="bold")
            self._status.update(STEP_NAMES[step])
            self._status.start()
        elif not self._is_checking:
            self._is_checking = True
            self._checking_since = time.monotonic()
            self._say("check", style="bold")
            self._status.update("check")
            self._status.start()

    def _count(self, table: str) -> None:
        self._built += 1
        self._status.update(f"{self._built} of {self._models} tables: {table}")
        is_line = self._built * LINES // self._models > (self._built - 1) * LINES // self._models
        if is_line and not self._console.is_terminal:
            self._say(f"  {self._built} of {self._models} tables")

    def _judge(self, event: dg.DagsterEvent) -> None:
        check = event.asset_check_evaluation_data
        if check.metadata.keys() >= {"reason", "fix"}:
            self._checked.append(check.passed)
            self._checked_tables.add(".".join(check.asset_key.path))
        if not check.passed:
            stops = check.severity == dg.AssetCheckSeverity.ERROR
            said = "stops publishing" if stops else "warning"
            self._say(f"  {said}: {check_reason(check)}", style="red" if stops else "yellow")

    def _sum_up_checks(self) -> None:
        if not self._is_checking:
            return
        self._is_checking = False
        self._status.stop()
        passed, all_checks = sum(self._checked), len(self._checked)
        seconds = time.monotonic() - self._checking_since
        self._say(
            f"  {passed} of {all_checks} checks passed on {counted(len(self._checked_tables), 'table')} in {seconds:.1f} s",
            style="green" if passed == all_checks else "yellow",
        )
        self._checked.clear()
        self._checked_tables.clear()


def _is_told_elsewhere(said: str) -> bool:
    """Whether a line says what the log file has (dbt's command line, its cache) or what follows from a failed step."""
    of_dbt = any(words in said for words in ("dbt command", "dbt subsetted execution", "partial_parse"))
    return of_dbt or said.startswith("Dependencies for step")


def _models(keys: Iterable[dg.AssetKey], steps: Iterable[str]) -> int:
    """How many of a job's assets are built by the step `models`."""
    return max(1, sum(key.path[0] in steps for key in keys))


def _logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """The progress lines as a Dagster logger."""
    logger = logging.Logger("progress", logging.DEBUG)
    job = init_context.job_def
    keys = job.asset_layer.executable_asset_keys if isinstance(job, dg.JobDefinition) else ()
    models = _models(keys, ("seeds", "staging", "intermediate", "marts"))
    logger.addHandler(ProgressHandler(Console(highlight=False, file=sys.__stdout__), models))
    return logger


progress = dg.LoggerDefinition(_logger, description="A few lines a step, for the terminal.")
