"""The documents say what is there: links, tables, keys, knobs, sums, and the page of the inbound contract."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import math
import operator
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

METHODS = ["advocacy", "avatar", "fit", "lifecycle", "playbook", "touch"]
HEADINGS = ["What it says", "How it is computed", "Its knobs", "One account, taken apart"]

# The seeds whose rows move a class, by page: which rows (all, or those of the page's axis), what names a row, what it sets.
KNOBS: dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "advocacy": [
        ("segment_parameters", ("parameter",), ("value",)),
        ("segment_borders", ("border",), ("enter_at", "exit_at", "decisive_days")),
        ("advocacy_acts", ("kind", "act"), ("lowest_sentiment", "highest_sentiment")),
    ],
    "avatar": [
        ("segment_parameters", ("parameter",), ("value",)),
        ("segment_borders", ("border",), ("enter_at", "exit_at", "decisive_days")),
        ("avatar_treatments", ("class", "situation"), ("personalisation", "frequency", "review")),
    ],
    "fit": [
        ("segment_parameters", ("parameter",), ("value",)),
        ("discovery_questions", ("question",), ("pillar",)),
        ("icp_points", ("attribute", "value"), ("points",)),
        ("icp_tiers", ("tier",), ("points_from",)),
        ("size_bands", ("size_band",), ("employees_from", "employees_to")),
    ],
    "health-and-growth": [
        ("health_weights", ("component",), ("weight",)),
        ("health_parameters", ("parameter",), ("value",)),
        ("health_floors", ("floor",), ("risk",)),
        ("growth_parameters", ("parameter",), ("value",)),
    ],
    "lifecycle": [
        ("segment_parameters", ("parameter",), ("value",)),
        ("segment_axes", ("axis",), ("decisive_days",)),
        ("segment_classes", ("class",), ("is_immediate",)),
    ],
    "playbook": [("segment_borders", ("border",), ("enter_at", "exit_at", "decisive_days"))],
    "segments": [("segment_history_parameters", ("parameter",), ("value",))],
    "touch": [
        ("segment_parameters", ("parameter",), ("value",)),
        ("segment_borders", ("border",), ("enter_at", "exit_at", "decisive_days")),
        ("arr_bands", ("arr_band",), ("arr_from", "arr_to")),
    ],
}


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
def test_a_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if anchor and not target.startswith("http"):
            text = (page.parent / name if name else page).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings], target


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


def section(page: str, heading: str) -> str:
    """What stands below a heading of the second level, up to the next one."""
    (found,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text_of(page), flags=re.MULTILINE | re.DOTALL)
    return str(found)


def knobs_of(page: str) -> Iterator[tuple[str, str, str]]:
    """(file, row, default) of every row of the seeds that a page has to explain."""
    for seed, names, figures in KNOBS[page]:
        with (PROJECT / f"dbt/seeds/{seed}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("axis", page) != page:
                    continue
                for figure in figures:
                    name = " ".join(row[key] for key in names)
                    yield f"{seed}.csv", name if len(figures) == 1 else f"{name} {figure}", row[figure] or "none"


@pytest.mark.parametrize("method", METHODS)
def test_the_page_of_a_method_has_the_same_headings_as_the_others(method: str) -> None:
    headings = re.findall(r"^## (.+)$", text_of(f"docs/{method}.md"), flags=re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == HEADINGS
    assert {*headings} - {*HEADINGS} <= {"What it does not say", "Ideal customer profile"}


@pytest.mark.parametrize("method", METHODS)
def test_an_account_that_is_taken_apart_ends_with_its_query_and_what_it_prints(method: str) -> None:
    account = section(f"docs/{method}.md", HEADINGS[-1])
    assert re.search(r"^```sql\n[^`]+^```\n\n```text\n[^`]+^```\s*\Z", account, flags=re.MULTILINE), account[-400:]


@pytest.mark.parametrize("page", KNOBS)
def test_a_page_tells_every_row_of_the_seeds_that_moves_its_class_with_its_default(page: str) -> None:
    rows = re.findall(
        r"^\| `(\w+\.csv)` \| `([^`]+)` \| (\S+)[^|]* \| [^|]{3,} \|$", text_of(f"docs/{page}.md"), re.MULTILINE
    )
    assert sorted(rows) == sorted(knobs_of(page))


def test_the_readme_lists_every_page_with_the_question_that_it_answers() -> None:
    listed = re.findall(r"^\| \[[^\]]+\]\(docs/([\w-]+\.md)\) \| [^|]+\? \|$", text_of("README.md"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in PROJECT.glob("docs/*.md"))


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
             ast.Pow: operator.pow}  # fmt: skip
FUNCTIONS = {"sqrt": math.sqrt, "ln": math.log, "min": min, "max": max}


def worked_out(formula: str) -> float | dt.date:
    """What a formula of the pages gives: `100 sqrt(.625 x .190477)`, `2026-02-25 + 90`."""
    if day := re.fullmatch(r"(\d{4}-\d\d-\d\d) ([+-]) (\d+)(?: days)?", formula):
        return dt.date.fromisoformat(day[1]) + dt.timedelta(days=int(day[2] + day[3]))
    text = re.sub(r"(?<=\d),(?=\d{3})", "", formula).replace(" x ", " * ").replace("^", "**")
    text = re.sub(r"(?<=[\d)]) (?=(?:sqrt|ln|min|max)\()", " * ", text)

    def value(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return float(OPERATORS[type(node.op)](value(node.left), value(node.right)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return float(FUNCTIONS[node.func.id](*(value(argument) for argument in node.args)))
        assert isinstance(node, ast.Constant), formula
        return float(node.value)

    return value(ast.parse(text, mode="eval").body)


def sums(text: str) -> Iterator[tuple[str, str]]:
    """(formula, result) of what is worked out on a page: `a / b = c`, or a formula and its figure in a row of a table."""
    number, formula = r"-?[\d,]*\.?\d+", r"[-\d(.][-+\d.,x/^() ]*(?:(?:sqrt|ln|min|max)\([-+\d.,x/^() ]*)*"
    date = r"\d{4}-\d\d-\d\d"
    yield from re.findall(rf"`({formula}|(?:ln|sqrt|min|max)\({formula}) = ({number})`", text)
    yield from re.findall(rf"`({date} [+-] \d+ days) = ({date})`", text)
    for found, result in re.findall(rf"`([^`=]+)` \| ({number}) \|", text):
        if re.fullmatch(rf"{formula}|(?:ln|sqrt|min|max)\({formula}", found) and re.search(r" [-+x/] |\^|\(", found):
            yield found, result


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_works_out_is_right_to_its_last_digit(page: Path) -> None:
    for formula, result in sums(page.read_text(encoding="utf-8")):
        found = worked_out(formula)
        if isinstance(found, dt.date):
            assert found == dt.date.fromisoformat(result), formula
        else:
            plain = result.replace(",", "")
            half = 0.5 * 10.0 ** -len(plain.partition(".")[2])
            assert abs(found - float(plain)) <= half + 1e-9, f"{page.name}: {formula} = {found}, not {result}"
