"""One writer at a time on a data folder, and none when its process is gone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.sources.home import Home
from dagster_project.sources.writer_lock import is_being_written, sole_writer

HOLDER = """
import sys, time
from pathlib import Path
from dagster_project.sources.home import Home
from dagster_project.sources.writer_lock import sole_writer
with sole_writer(Home(Path(sys.argv[1])), lambda: None):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def holder(home: Home) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(home.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_killed_process_leaves_no_lock(home: Home, holder: subprocess.Popen[str]) -> None:
    assert is_being_written(home)
    holder.kill()
    holder.wait()
    assert not is_being_written(home)


def test_the_second_writer_says_so_and_waits_for_the_first(home: Home, holder: subprocess.Popen[str]) -> None:
    order: list[str] = []
    told = threading.Event()

    def waiting() -> None:
        order.append("waiting")
        told.set()

    def write() -> None:
        with sole_writer(home, waiting):
            order.append("written")

    writer = threading.Thread(target=write)
    writer.start()
    assert told.wait(timeout=30)
    assert order == ["waiting"]
    holder.kill()
    writer.join(timeout=30)
    assert order == ["waiting", "written"]


def test_two_folders_do_not_wait_for_one_another(home: Home, holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with sole_writer(Home(tmp_path / "data" / "dev"), lambda: pytest.fail("it waited")):
        assert is_being_written(home)
