"""Every command, SQL and Python block of the documents, run on the README's company in a folder of its own.

What is cheap is run as it stands, in the order of the documents; the server is started, asked and stopped. What would
run the whole test suite, or build another company, is expanded by make and its options are read by the shipped parser.
A result that is printed below a query is what the query gives.
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
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
WIDTH = 118

# A query of one statement, and below it what it prints.
PRINTED = re.compile(r"^```(sql|sql warehouse)\n([^`]*)^```\n\n```text\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """(page, content) of every fenced block of a language."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
            yield page.name, block


def commands() -> list[str]:
    lines = [line.strip() for _, block in blocks("sh") for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def printed_results() -> Iterator[tuple[str, str, str, str]]:
    """(page, language, query, result) of every query whose result stands below it."""
    for page in PAGES:
        for language, query, result in PRINTED.findall(page.read_text(encoding="utf-8")):
            yield page.name, language, query, result


def as_text(value: Any) -> str:
    """A value as the pages print it."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def printed(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """As the pages print a result: one row as a line per column, several rows as a table.

    >>> print(printed(["account_id", "seats"], [("acct_champion", 12)]), end="")
    account_id | acct_champion
    seats      | 12
    """
    texts = [[as_text(value) for value in row] for row in rows]
    if len(texts) == 1:
        width = max(len(name) for name in names)
        lines = [
            f"{name if first else '':{width}} | {line}"
            for name, text in zip(names, texts[0], strict=True)
            for first, line in zip([True, *[False] * len(text)], textwrap.wrap(text, WIDTH - width - 3), strict=False)
        ]
    else:
        widths = [max(len(text) for text in column) for column in zip(names, *texts, strict=True)]
        lines = [
            " | ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)) for row in [names, *texts]
        ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


@dataclass(frozen=True)
class Company:
    """The company's folder, and the environment in which the commands find it."""

    folder: Path
    environment: dict[str, str]

    @property
    def home(self) -> Home:
        return Home(self.folder / "data")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=1800
        )

    def here(self, text: str) -> str:
        """A block of the documents with its data folder replaced by the company's."""
        return text.replace("data/published", str(self.home.published))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The shipped sources.yml in a folder of its own, before anything is run."""
    folder = tmp_path_factory.mktemp("company")
    mapping = yaml.safe_load((PROJECT / "sources.yml").read_text(encoding="utf-8"))
    mapping["exports"] = "sample/exports"
    mapping["event_catalogue"] = str(PROJECT / mapping["event_catalogue"])
    mapping["score_references"] = "score_references.csv"
    (folder / "sources.yml").write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
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
def first_run(company: Company) -> str:
    """What the README's first command prints."""
    done = company.run(FIRST)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert f"The tables are in {database_path(company.home)}" in done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def published(company: Company, first_run: str) -> Company:
    """The company after the README's first command."""
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


@pytest.mark.parametrize(
    ("page", "language", "query", "result"),
    printed_results(),
    ids=lambda value: value if value.endswith(".md") else "",
)
def test_a_result_that_is_printed_is_what_the_query_above_it_gives(
    published: Company, page: str, language: str, query: str, result: str
) -> None:
    database = published.home.warehouse if language == "sql warehouse" else database_path(published.home)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(published.here(query)).fetchall()
        names = [column[0] for column in connection.description or []]
    assert printed(names, rows) == result, f"{page} should print:\n\n{printed(names, rows)}"


def test_the_first_run_ends_as_the_readme_says(first_run: str, published: Company) -> None:
    (end,) = (block for page, block in blocks("text") if page == "README.md")
    said = [line.rstrip() for line in published.here(end).splitlines() if line.strip()]
    told = [line.rstrip().replace("\N{BOX DRAWINGS LIGHT HORIZONTAL}", "-") for line in first_run.splitlines()]
    told = [line for line in told if line and not line.startswith("  done in")]  # how long it took is left out
    assert told[-len(said) :] == said


@pytest.mark.parametrize(("page", "block"), blocks("python"), ids=lambda value: value if value.endswith(".md") else "")
def test_the_python_of_the_documents_runs(published: Company, page: str, block: str) -> None:
    done = subprocess.run([sys.executable, "-c", published.here(block)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_the_bridge_of_the_month_closes_as_the_page_of_money_says(published: Company) -> None:
    (bridge,) = (block for page, block in blocks("sql") if page == "money.md" and "end_mrr" in block)
    with duckdb.connect(str(database_path(published.home)), read_only=True) as connection:
        start, moved, end = connection.execute(bridge).fetchone() or (0, 0, 1)
    assert start + moved == end
