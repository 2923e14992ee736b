"""A refresh as a reader of the terminal sees it: one line a step while it works, in plain words.

It is a Dagster logger, so that the run in the terminal is the same run as in the UI.
"""

import logging
import sys
import time
from typing import Any

import dagster as dg
from rich.console import Console

STEP_NAMES = {
    "raw": "take in files",
    "models": "build models",
    "published__customer_segments": "publish",
}


class ProgressHandler(logging.Handler):
    """Prints the start and end of each step, warnings, and what the assets say of themselves."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.DEBUG)
        self._console = console
        self._started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Print one log record, if it says something to a reader."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", None) or {}
        event = getattr(record, "dagster_event", None)
        step = meta.get("step_key") or ""
        if event is None:
            if record.levelno >= logging.WARNING or (record.levelno == logging.INFO and step in STEP_NAMES):
                text = meta.get("orig_message") or record.getMessage()
                self._console.print(f"    {text}", markup=False, highlight=False, soft_wrap=True)
            return
        name = STEP_NAMES.get(step, step.replace("__expectations", "").replace("__", "."))
        kind = event.event_type_value
        if kind == "STEP_START":
            self._started[step] = time.monotonic()
            if step in STEP_NAMES:
                self._console.print(f"[bold]{name}[/bold]")
        elif kind == "STEP_SUCCESS":
            seconds = time.monotonic() - self._started.get(step, time.monotonic())
            label = name if step in STEP_NAMES else f"check {name}"
            self._console.print(f"  [green]done[/green] {label} [dim]{seconds:.1f} s[/dim]")
        elif kind == "STEP_FAILURE":
            self._console.print(f"  [red]failed[/red] {name}")
        elif kind == "ASSET_CHECK_EVALUATION" and not event.event_specific_data.passed:
            check = event.event_specific_data
            table = ".".join(check.asset_key.path)
            self._console.print(
                f"  [yellow]{table}: {check.check_name}[/yellow] {check.description or ''}", soft_wrap=True
            )


@dg.logger(description="One line a step, for the terminal.")
def progress(init_context: dg.InitLoggerContext) -> logging.Logger:
    """The progress lines as a Dagster logger."""
    logger = logging.Logger("progress", logging.DEBUG)
    logger.addHandler(ProgressHandler(Console(highlight=False, file=sys.__stdout__)))
    return logger
