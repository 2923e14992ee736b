"""The documents say what is there: links, tables, keys, and the page of the inbound contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dagster_project.sources.contract import Column, Table, contract
from dagster_project.sources.mapping import SOURCE_KEYS, TOP_KEYS, read_mapping
from dagster_project.sources.preview import preview

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")
MENTIONED = re.compile(r"`((?:dagster_project|dbt|docs|examples|expectations|tests|sources)/[\w./-]+)`")
AS_PUBLISHED = "One row per account per published day and scoring version, as it was when that day was first published."


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def marts() -> Iterator[tuple[str, str]]:
    """Name and description of every mart."""
    for file in sorted((PROJECT / "dbt/models/marts").rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            yield model["name"], " ".join(model["description"].split())


def contract_type(column: Column) -> str:
    if column.allowed:
        return ", ".join(column.allowed)
    return f"{column.type} {column.minimum} to {column.maximum}" if column.minimum is not None else column.type


def contract_page(table: Table) -> str:
    """The section of docs/sources.md about one table of the contract."""
    needed = "" if table.needed_by is None else f" Without it unknown: {table.needed_by}."
    lines = [
        f"### {table.name}",
        "",
        f"{table.description}{' Required for scores.' if table.required and not table.needed_by else ''}{needed}",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    for column in table.columns.values():
        name = f"`{column.name}`"
        if column.required:
            name = f"**{name}**"
        elif column.must_be_mapped:
            name = f"*{name}*"
        default = "" if column.default is None else f" Default {str(column.default).lower()}."
        lines.append(f"| {name} | {contract_type(column)} | {column.description}{default} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_relative_link_leads_to_a_file(page: Path) -> None:
    targets = [target.split("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [t for t in targets if t and not t.startswith("http") and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_path_of_the_project_that_is_mentioned_exists(page: Path) -> None:
    mentioned = MENTIONED.findall(page.read_text(encoding="utf-8"))
    assert [path for path in mentioned if not (PROJECT / path).exists()] == []


def test_the_readme_opens_with_every_published_table_and_its_grain() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \| [^|]+\? \|$", text_of("README.md"), flags=re.MULTILINE)
    said = {name: re.split(r"[.;]", grain)[0] for name, grain in rows}
    true = dict(marts()) | {"account_segments_as_published": AS_PUBLISHED}
    assert said == {name: re.split(r"[.;]", description)[0] for name, description in true.items()}


@pytest.mark.parametrize("table", contract().values(), ids=lambda table: table.name)
def test_the_page_of_sources_shows_the_contract(table: Table) -> None:
    assert contract_page(table) in text_of("docs/sources.md"), f"docs/sources.md should say:\n\n{contract_page(table)}"


def test_the_page_of_sources_explains_every_key() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \|", text_of("docs/sources.md"), flags=re.MULTILINE))
    assert {*TOP_KEYS, *SOURCE_KEYS} - explained == set()


@pytest.mark.parametrize("page", ["README.md", "docs/sources.md"])
def test_a_complete_mapping_in_the_documents_is_valid(page: str, tmp_path: Path) -> None:
    complete = [block for block in blocks(text_of(page), "yaml") if "calendar:" in block]
    assert complete
    (tmp_path / "event_catalogue.csv").touch()
    for block in complete:
        (tmp_path / "sources.yml").write_text(block, encoding="utf-8")
        assert read_mapping(tmp_path / "sources.yml").feeds


def test_the_mapping_of_the_readme_loads_two_exports(tmp_path: Path) -> None:
    (mapping,) = (block for block in blocks(text_of("README.md"), "yaml") if "calendar:" in block)
    (tmp_path / "sources.yml").write_text(mapping, encoding="utf-8")
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "events_2026-01-02.csv").write_text(
        "id,company,user,name,time\ne1,acct_champion,u1,edit,2026-01-02 09:00:00\n", encoding="utf-8"
    )
    (exports / "subscriptions_2026-01-02.csv").write_text(
        "id,company,state,start,end,seats,price\ns1,acct_champion,active,2025-03-01,,12,49.00\n", encoding="utf-8"
    )
    assert preview(read_mapping(tmp_path / "sources.yml")) == 0
