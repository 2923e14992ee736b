"""Every command, SQL and Python block of the documents, run on a small company in a folder of its own.

What is cheap is run as it stands, in the order of the documents; the server is started, asked and stopped. What would
run the whole test suite, or build another company, is expanded by make and its options are read by the shipped parser.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from benchmarks.__main__ import _parser as benchmark_options
from dagster_project.__main__ import _parser
from dagster_project.publication import database_path
from dagster_project.sources.home import Home

pytestmark = [pytest.mark.integration]

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / "README.md", PROJECT / "ARCHITECTURE.md", PROJECT / "DECISIONS.md", PROJECT / "CONTRIBUTING.md"]
PAGES += sorted(PROJECT.glob("docs/*.md"))
FIRST = "make run"
SERVER = "make ui"
SERVER_SECONDS = 240
FOR_REAL = ["make check-sources", "make status", "make help", "make test TESTS=tests/unit/test_suites.py"]
INSTALLED_BY_WHO_NEEDS_IT = {"uv"}

# Taken once from the sample company; without them the first run would calibrate, which other tests look at.
SCORE_REFERENCES = """scoring_version,reference,reference_group,value,n,from_on,to_on
v1,person_raw_p95,all,30723958,33271,2026-01-01,2026-03-31
v1,depth_p95,all,4250000,13946,2026-01-01,2026-03-31
v1,mrr_p90,all,385205,174,2026-01-01,2026-03-31
"""


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """(page, content) of every fenced block of a language."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
            yield page.name, block


def commands() -> list[str]:
    lines = [line.strip() for _, block in blocks("sh") for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


@dataclass(frozen=True)
class Company:
    """The small company's folder, and the environment in which the commands find it."""

    folder: Path
    environment: dict[str, str]

    @property
    def home(self) -> Home:
        return Home(self.folder / "data")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=600
        )

    def here(self, text: str) -> str:
        """A block of the documents with its data folder replaced by the company's."""
        return text.replace("data/published", str(self.home.published))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The shipped sources.yml with 24 accounts over 40 days, before anything is run."""
    folder = tmp_path_factory.mktemp("company")
    mapping = yaml.safe_load((PROJECT / "sources.yml").read_text(encoding="utf-8"))
    mapping["sample"] = {"accounts": 24, "days": 40, "seed": 1}
    mapping["exports"] = "sample/exports"
    mapping["event_catalogue"] = str(PROJECT / mapping["event_catalogue"])
    mapping["score_references"] = "score_references.csv"
    (folder / "sources.yml").write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    (folder / "score_references.csv").write_text(SCORE_REFERENCES, encoding="utf-8")
    (folder / "home").mkdir()
    shutil.copy(PROJECT / ".dagster" / "dagster.yaml", folder / "home")
    # make finds its environments up to date, uses the one that runs this test, and cannot build another
    (folder / "venv").mkdir()
    for stamp in (".base", ".dev"):
        (folder / "venv" / stamp).touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}
    return Company(
        folder,
        environment
        | {
            "CUSTOMER_SEGMENTS_DATA": str(folder / "data"),
            "CUSTOMER_SEGMENTS_SOURCES": str(folder / "sources.yml"),
            "CUSTOMER_SEGMENTS_DBT_TARGET_PATH": str(folder / "target"),
            "DAGSTER_HOME": str(folder / "home"),
            "MAKEFLAGS": f"VENV={folder / 'venv'} BIN={Path(sys.executable).parent} PYTHON=false",
        },
    )


@pytest.fixture(scope="module")
def published(company: Company) -> Company:
    """The company after the README's first command."""
    done = company.run(FIRST)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert f"The tables are in {database_path(company.home)}" in done.stdout
    return company


@contextmanager
def server(company: Company) -> Iterator[int]:
    """`make ui` on a free port; stopped with everything it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = company.environment | {"OPTIONS": f"--port {port}"}
    log = (company.folder / "ui.log").open("w")
    # timeout ends it also when this process is killed and cannot
    watched = ["timeout", "--kill-after=10", str(SERVER_SECONDS)] if shutil.which("timeout") else []
    process = subprocess.Popen(
        [*watched, *shlex.split(SERVER)],
        cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        yield port
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=15)
        log.close()


def answer(port: int, patience_seconds: int) -> str:
    """What the server says first."""
    until = time.monotonic() + patience_seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5) as response:
                return str(response.read().decode())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


@pytest.mark.parametrize("command", [c for c in commands() if c not in (FIRST, SERVER, *FOR_REAL)])
def test_a_command_that_would_take_long_is_one_that_make_and_the_parser_accept(company: Company, command: str) -> None:
    assert re.match(r"(\w+=\w+ )*make ", command), f"{command!r} is no target of make: run it for real"
    done = company.run(command.replace("make ", "make -n ", 1))
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        program, *arguments = shlex.split(line.split("PATH=")[-1])
        if Path(program).name not in ("python", *INSTALLED_BY_WHO_NEEDS_IT):
            assert shutil.which(program), line
        elif arguments[0] == "-m":
            assert importlib.util.find_spec(arguments[1]), line
        if arguments[:2] == ["-m", "dagster_project"]:
            options = _parser().parse_args(arguments[2:])
            assert (PROJECT / getattr(options, "sources", "sources.yml")).exists(), line
        if arguments[:2] == ["-m", "benchmarks"]:
            benchmark_options().parse_args(arguments[2:])


def test_the_commands_of_the_documents_work(published: Company) -> None:
    assert set(FOR_REAL) <= set(commands())
    with server(published) as port:
        for command in FOR_REAL:
            done = published.run(command)
            assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert "dagster_webserver_version" in answer(port, 120), (published.folder / "ui.log").read_text()


@pytest.mark.parametrize(("page", "block"), blocks("sql"), ids=lambda value: value if value.endswith(".md") else "")
def test_the_queries_of_the_documents_run_on_what_is_published(published: Company, page: str, block: str) -> None:
    with duckdb.connect(str(database_path(published.home)), read_only=True) as connection:
        for statement in duckdb.extract_statements(published.here(block)):
            connection.execute(statement)
            assert connection.description, statement.query


@pytest.mark.parametrize(
    ("page", "block"), blocks("sql warehouse"), ids=lambda value: value if value.endswith(".md") else ""
)
def test_the_queries_about_failed_runs_run_on_the_warehouse(published: Company, page: str, block: str) -> None:
    with duckdb.connect(str(published.home.warehouse), read_only=True) as connection:
        connection.execute(block)


@pytest.mark.parametrize(("page", "block"), blocks("python"), ids=lambda value: value if value.endswith(".md") else "")
def test_the_python_of_the_documents_runs(published: Company, page: str, block: str) -> None:
    done = subprocess.run([sys.executable, "-c", published.here(block)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_the_bridge_of_the_month_closes_as_the_page_of_money_says(published: Company) -> None:
    (bridge,) = (block for page, block in blocks("sql") if page == "money.md" and "start_mrr" in block)
    with duckdb.connect(str(database_path(published.home)), read_only=True) as connection:
        start, moved, end = connection.execute(bridge).fetchone() or (0, 0, 1)
    assert start + moved == end
