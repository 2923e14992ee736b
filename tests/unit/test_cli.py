"""The commands as a stranger types them: what is wrong is said in a line, with the value and what is possible."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.__main__ import main
from dagster_project.failures import plain
from dagster_project.refresh import days_to_run
from dagster_project.settings import PROJECT, RefusedError
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping
from tests.unit.published_company import FIRST, SOURCES_YML, publish_days, write_sources

NOON = dt.datetime(2026, 3, 10, 6, 30, tzinfo=dt.UTC)
YESTERDAY = dt.date(2026, 3, 9)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company's settings and an empty data folder; the environment is put back after the command has set it."""
    for name in ("SOURCES", "DATA", "EXPORTS", "TARGET"):
        monkeypatch.setenv(f"CUSTOMER_SEGMENTS_{name}", "")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    write_sources(tmp_path)
    return tmp_path


def said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str
) -> tuple[int | str | None, str]:
    """Exit code and the last line of the errors."""
    places = ["--sources", str(folder / "sources.yml"), "--data", str(folder / "data")]
    monkeypatch.setattr(sys, "argv", ["dagster_project", *places, *arguments])
    code: int | str | None
    try:
        code = main()
    except SystemExit as stopped:
        code = stopped.code
    return code, capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--as-of", "2026-13-01"), "'2026-13-01' is not a date such as 2026-01-31"),
        (("run", "--as-of", "2026-02-28"), "2026-02-28 lies before the first day, 2026-03-01"),
        (("run", "--as-of", "2999-01-01"), "2999-01-01 has not ended yet in Asia/Kolkata; the newest day is 20"),
        (("calibrate",), "make calibrate FROM=2026-01-01 TO=2026-03-31"),
        (("calibrate", "--from", "2026-03-01"), "needs the first and the last day of its window"),
        (("recompute",), "needs the published day to rebuild: make recompute DAY=2026-04-30"),
        (("calibrate", "--from", "2026-03-05", "--to", "2026-03-01"), "--from 2026-03-05 lies after --to 2026-03-01"),
        (("calibrate", "--from", "2026-03-01", "--to", "2026-03-05"), "score_references names no file"),
        (
            ("refresh",),
            "invalid choice: 'refresh' (choose from 'run', 'check-sources', 'status', 'ui', 'calibrate', 'recompute')",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    code, line = said(capsys, monkeypatch, folder, *arguments)
    assert (code, message in line) == (2, True), line
    assert not (folder / "data").exists()


@pytest.mark.parametrize("command", [("run",), ("check-sources",), ("status",)])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the file does not exist"),
        (SOURCES_YML.replace("Kolkata}", "Kolkatta}").replace("Asia/Kolkata,", "Asia/Kolkatta,"), "Asia/Kolkata"),
        ("company: [", "not valid YAML"),
    ],
)
def test_sources_that_cannot_be_used_are_refused_by_every_command(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    command: tuple[str, ...],
    text: str | None,
    message: str,
) -> None:
    (folder / "sources.yml").unlink() if text is None else (folder / "sources.yml").write_text(text)
    places = ["--sources", str(folder / "sources.yml"), "--data", str(folder / "data")]
    monkeypatch.setattr(sys, "argv", ["dagster_project", *command, *places])
    assert main() == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert "Traceback" not in errors


@pytest.fixture
def company(folder: Path) -> Mapping:
    return read_mapping(folder / "sources.yml")


def test_without_days_every_missing_day_is_run_in_one_pass(company: Mapping) -> None:
    assert days_to_run(company, [], None, None, NOON) == (FIRST, YESTERDAY)
    assert days_to_run(company, [FIRST, dt.date(2026, 3, 6)], None, None, NOON) == (dt.date(2026, 3, 7), YESTERDAY)


def test_when_nothing_is_missing_the_newest_day_is_run_again(company: Mapping) -> None:
    assert days_to_run(company, [YESTERDAY], None, None, NOON) == (YESTERDAY, YESTERDAY)


def test_what_is_published_is_not_taken_back_to_an_earlier_day(company: Mapping) -> None:
    with pytest.raises(RefusedError, match="2026-03-05 lies before 2026-03-09, which is published"):
        days_to_run(company, [YESTERDAY], None, dt.date(2026, 3, 5), NOON)


@pytest.mark.parametrize("first", [FIRST - dt.timedelta(days=1), YESTERDAY + dt.timedelta(days=1)])
def test_a_range_outside_the_known_days_is_refused(company: Mapping, first: dt.date) -> None:
    with pytest.raises(RefusedError, match="must lie between the first day 2026-03-01 and 2026-03-09"):
        days_to_run(company, [], first, None, NOON)


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("recompute", ["recompute"]),
        ("recompute DAY=2026-04-30", ["recompute", "--day", "2026-04-30"]),
        ("calibrate FROM=2026-01-01", ["calibrate", "--from", "2026-01-01"]),
    ],
)
def test_make_hands_on_only_the_days_that_are_given(tmp_path: Path, command: str, asked: list[str]) -> None:
    (tmp_path / ".base").touch()
    make = ["make", "-n", *command.split(), f"VENV={tmp_path}", "PYTHON=false"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(make, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split()[3:] == asked


def test_status_and_help_start_without_dagster_dbt_and_great_expectations(folder: Path) -> None:
    publish_days(Home(folder / "data"), YESTERDAY)
    heavy = "'dagster', 'dbt', 'great_expectations', 'pandas'"
    code = "import sys; from dagster_project.__main__ import main; main()"
    code += f"; print([name for name in ({heavy}) if name in sys.modules])"
    places = ["--sources", str(folder / "sources.yml"), "--data", str(folder / "data")]
    command = [sys.executable, "-c", code, "status", *places]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == ""


def test_an_interrupted_run_ends_with_one_line_and_130_whatever_its_tools_say(tmp_path: Path) -> None:
    code = f"""
import os, pathlib, signal, subprocess, time
from dagster_project.refresh import _said_to, _until_interrupted

# as a terminal starts it; what runs the tests in the background may have it ignored
signal.signal(signal.SIGINT, signal.default_int_handler)

def work():
    subprocess.run(["sh", "-c", "echo Traceback of a tool >&2"])
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)

with _said_to(pathlib.Path({str(tmp_path / "log")!r})):
    _until_interrupted(work, lambda: print("canceled", flush=True))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stderr) == (130, "")
    assert done.stdout.split("\n", 1)[1] == (
        "Interrupted; readers keep the last complete set. Run it again: it goes on from there.\n"
    )
    assert (tmp_path / "log").read_text() == "Traceback of a tool\ncanceled\n"


def test_why_the_models_failed_is_said_without_dbt_s_command_line() -> None:
    # as dagster-dbt says it
    said = (
        "dagster_dbt.errors.DagsterDbtCliRuntimeError: The dbt CLI process with command\n\n`dbt build`\n\nfailed with exit "
        "code `1`.\n\nErrors parsed from dbt logs:\n\n\x1b[31mFailure in test assert_mrr_has_a_rate\x1b[0m\n\n  Got 69 results\n"
    )
    assert plain(said) == "Failure in test assert_mrr_has_a_rate\n  Got 69 results"
    assert plain("no space left on device") == "no space left on device"
