"""Dev and prod live in one checkout: whoever asks, the target decides where everything lies."""

from __future__ import annotations

import os
import re
from pathlib import Path

import jinja2
import pytest
import yaml

from dagster_project.resources import resources
from dagster_project.settings import (
    DBT_PROJECT,
    PROJECT,
    RefusedError,
    dagster_home,
    data_folder,
    dbt_target_path,
    exports_folder,
    make_dagster_home,
    read_env_file,
    setting,
    sources_file,
)
from dagster_project.sources.home import Home

NAMES = ("DATA", "SOURCES", "EXPORTS", "TARGET", "THREADS", "MEMORY", "DBT_TARGET_PATH", "ALERT_WEBHOOK")


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"CUSTOMER_SEGMENTS_{name}", raising=False)


def profile_path(target: str, environment: dict[str, str]) -> Path:
    """The warehouse that dbt opens, as profiles.yml says it."""
    text = (DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8")
    rendered = jinja2.Template(text).render(env_var=lambda name, default: environment.get(name, default))
    outputs = yaml.safe_load(rendered)["customer_segments"]["outputs"]
    return (DBT_PROJECT / str(outputs[target]["path"])).resolve()


@pytest.mark.parametrize("target", ["prod", "dev"])
@pytest.mark.parametrize("data", [None, "/somewhere/data"])
def test_dbt_opens_the_warehouse_that_the_resources_mean(
    target: str, data: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"CUSTOMER_SEGMENTS_TARGET": target} | ({"CUSTOMER_SEGMENTS_DATA": data} if data else {})
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert profile_path(target, environment) == Home(data_folder()).warehouse


def test_dev_shares_nothing_that_is_written_with_prod(monkeypatch: pytest.MonkeyPatch) -> None:
    prod = (data_folder(), dbt_target_path(), dagster_home())
    monkeypatch.setenv("CUSTOMER_SEGMENTS_TARGET", "dev")
    dev = (data_folder(), dbt_target_path(), dagster_home())
    assert prod == (PROJECT / "data", Path("target"), PROJECT / ".dagster")
    assert dev == (PROJECT / "data" / "dev", Path("target/dev"), PROJECT / ".dagster" / "dev")


def test_another_data_folder_has_its_own_runs_by_the_same_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_DATA", str(tmp_path))
    assert make_dagster_home() == tmp_path / "dagster"
    assert (tmp_path / "dagster" / "dagster.yaml").read_text() == (PROJECT / ".dagster" / "dagster.yaml").read_text()


def test_both_targets_run_by_the_same_rules() -> None:
    assert (PROJECT / ".dagster" / "dev" / "dagster.yaml").resolve() == PROJECT / ".dagster" / "dagster.yaml"


def test_a_target_that_is_neither_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_TARGET", "staging")
    with pytest.raises(RefusedError, match="CUSTOMER_SEGMENTS_TARGET is 'staging'; it may be prod or dev"):
        data_folder()


@pytest.mark.parametrize("threads", ["two", "0", "1.5"])
def test_threads_that_are_no_number_are_refused_by_name_before_anything_runs(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_THREADS", threads)
    with pytest.raises(
        RefusedError, match=f"CUSTOMER_SEGMENTS_THREADS is '{threads}'; it may be a whole number from 1"
    ):
        resources()


def test_without_any_setting_the_projects_own_files_are_used() -> None:
    assert (sources_file(), exports_folder()) == (PROJECT / "sources.yml", None)


def test_the_example_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^#CUSTOMER_SEGMENTS_([A-Z_]+)=", (PROJECT / ".env.example").read_text(encoding="utf-8"), re.M)
    read = set()
    for file in [*(PROJECT / "dagster_project").rglob("*.py"), DBT_PROJECT / "profiles.yml"]:
        text = file.read_text(encoding="utf-8")
        read |= set(re.findall(r"setting\(\"([A-Z_]+)\"", text)) | set(
            re.findall(r"CUSTOMER_SEGMENTS_([A-Z_]+)'", text)
        )
    assert sorted(listed) == sorted(read) == sorted(NAMES)


def test_the_env_file_fills_in_what_the_environment_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_DATA", "/by/environment")
    monkeypatch.setenv("CUSTOMER_SEGMENTS_SOURCES", "to be put back")
    monkeypatch.delenv("CUSTOMER_SEGMENTS_SOURCES")
    lines = [
        "# a comment",
        "",
        "CUSTOMER_SEGMENTS_DATA=/by/file",
        'CUSTOMER_SEGMENTS_SOURCES = "/by/file.yml"',
        "PATH=/x",
    ]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    before = os.environ["PATH"]
    read_env_file(tmp_path / ".env")
    assert (setting("DATA"), setting("SOURCES"), os.environ["PATH"]) == ("/by/environment", "/by/file.yml", before)


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        file.relative_to(PROJECT).as_posix()
        for file in (PROJECT / "dagster_project").rglob("*.py")
        if re.search(r"os\.(environ\.get|environ\[[^]]+\](?! =)|getenv)", file.read_text(encoding="utf-8"))
    }
    # resources.py and __main__.py put this environment's programs first in PATH
    assert readers == {"dagster_project/settings.py", "dagster_project/resources.py", "dagster_project/__main__.py"}
    assert setting("NOT_SET", "default") == "default"
