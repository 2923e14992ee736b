"""Where the time of a run goes: its steps, and the five models that take most of it."""

from __future__ import annotations

from benchmarks.measuring import Measured

SHOWN = 5


def _short(node: str) -> str:
    return node.split(".")[2] if node.count(".") >= 2 else node


def step_seconds(run: Measured) -> dict[str, float]:
    """Seconds of each step; dbt in its parts."""
    dbt = run.step("dbt").facts
    return {
        "take-in": run.wall("land", "load"),
        "prepare": run.wall("prepare"),
        "dbt start": dbt["start"],
        "dbt SQL": dbt["sql_wall"],
        "dbt besides SQL": dbt["nodes_wall"] - dbt["sql_wall"],
        "dbt end": dbt["end"],
        "publish": run.wall("publish"),
        "finish": run.wall("finish"),
    }


def node_seconds(run: Measured) -> dict[str, float]:
    """Seconds of each model, seed and test of a pipeline run, of each model of a script."""
    if any(step.name == "dbt" for step in run.steps):
        return {_short(node["node"]): node["seconds"] for node in run.step("dbt").facts["nodes"]}
    return {_short(step.name): step.wall for step in run.steps}


def _top(seconds: dict[str, float], unit: str = "s") -> str:
    most = sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]
    return ", ".join(f"{name} {value:.2f} {unit}" for name, value in most)


def of_run(title: str, run: Measured) -> list[str]:
    """Steps and models of one run."""
    steps, nodes = step_seconds(run), node_seconds(run)
    total = run.wall()
    shares = ", ".join(f"{name} {value:.1f} s ({value / total:.0%})" for name, value in steps.items())
    return [
        f"{title} ({run.name}, {total:.1f} s): {shares}",
        f"models: {_top(nodes)}; all {len(nodes)} nodes {sum(nodes.values()):.1f} s",
    ]


def by_difference(long_title: str, long: Measured, short_title: str, short: Measured) -> list[str]:
    """What one run spends beyond another: in which steps, in which models."""
    more_nodes = {name: s - node_seconds(short).get(name, 0.0) for name, s in node_seconds(long).items()}
    lines = []
    if any(step.name == "dbt" for step in short.steps):
        other = step_seconds(short)
        more = ", ".join(f"{name} {value - other[name]:+.1f} s" for name, value in step_seconds(long).items())
        lines.append(f"{long_title} less {short_title}: {more}")
    else:
        dbt = long.step("dbt").facts
        lines.append(
            f"{long_title}: SQL {dbt['sql_wall']:.1f} s of {dbt['nodes_wall']:.1f} s "
            f"({dbt['statements']} statements); {short_title}: {short.wall():.1f} s ({len(short.steps)} statements)"
        )
    lines.append(f"models, {long_title} less {short_title}: {_top(more_nodes)}")
    return lines


def by_table(checked: Measured, bare: Measured) -> list[str]:
    """Seconds of the checked load by contract table and of the bare one by source."""
    tables = checked.step("load").facts["seconds_by_table"]
    return [
        f"land {checked.wall('land'):.1f} s, load {checked.wall('load'):.1f} s: {_top(tables)}",
        f"bare: {_top({step.name: step.wall for step in bare.steps})}",
    ]
