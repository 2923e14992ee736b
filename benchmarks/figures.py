"""What the measured times say: each figure with its aim, what was measured, and where the time goes.

A ratio is taken between processes of the same repeat; a figure is the median over the repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, median

from benchmarks.measuring import Measured
from benchmarks.records import Records
from benchmarks.where import by_difference, by_table, of_run
from benchmarks.work import Bench

MEMORY_AIM_GIB = 4.0
GIB = float(1 << 30)
MB = 1e6


@dataclass(frozen=True)
class Figure:
    """One line of the result. `value` is what is held against the aim; `cpu` is the same ratio in CPU time."""

    title: str
    value: float | None
    cpu: float | None
    aim: float | None
    unit: str
    measured: str
    where: list[str]

    @property
    def is_missed(self) -> bool:
        """Whether the aim is missed; an aim that was not measured is missed."""
        return self.aim is not None and (self.value is None or self.value > self.aim)

    @property
    def verdict(self) -> str:
        """Held against the aim, in words."""
        if self.aim is None:
            return ""
        if self.value is None:
            return "not measured"
        return f"missed, {self.value / self.aim:.1f} times the aim" if self.is_missed else "met"


def sql_cpu(run: Measured) -> float:
    """CPU seconds of the SQL of a run: of dbt's statements, and of the other steps, which are almost all SQL."""
    steps = ("land", "load", "prepare", "publish", "finish")
    return run.cpu(*steps) + float(run.step("dbt").facts["sql_cpu"])


def rebuild_sql_cpu(run: Measured) -> float:
    """The same of a rebuild from raw, which takes nothing in."""
    return sql_cpu(run) - run.cpu("land", "load")


def models_wall(run: Measured) -> float:
    """Seconds that dbt spent on its models: from the first node to the last, less its tests and seeds."""
    dbt = run.step("dbt").facts
    return float(dbt["nodes_wall"] - sum(n["seconds"] for n in dbt["nodes"] if not n["node"].startswith("model.")))


def models_sql_cpu(run: Measured) -> float:
    """CPU seconds of the models' statements alone."""
    by_node = run.step("dbt").facts["sql_cpu_by_node"]
    return float(sum(cpu for node, cpu in by_node.items() if node.startswith("model.")))


def _seconds(values: list[float]) -> str:
    return f"{median(values):.1f} s"


def _ratios(above: list[float], below: list[float]) -> float:
    return float(median(a / b for a, b in zip(above, below, strict=True)))


def _nearest_to_median(runs: list[Measured]) -> Measured:
    middle = median(run.wall() for run in runs)
    return min(runs, key=lambda run: abs(run.wall() - middle))


@dataclass(frozen=True)
class Runs:
    """The measured processes, by what they are."""

    builds: list[Measured]
    loads: list[Measured]
    models: list[Measured]
    newest: list[Measured]
    spread: list[Measured]
    recent: list[Measured]
    backfill: Measured
    of_pipeline: list[Measured]

    @staticmethod
    def of(bench: Bench) -> Runs:
        """All that was measured in a bench."""
        records, size = bench.records, bench.size
        numbers = range(1, size.repeats + 1)
        return Runs(
            builds=[records.measured(f"build-{n}") for n in numbers],
            loads=[records.measured(f"load-{n}") for n in numbers],
            models=[records.measured(f"models-{n}") for n in numbers],
            newest=[records.measured(f"day-{day}") for day in size.last_days],
            spread=[records.measured(f"day-{day}") for day in size.spread_days],
            recent=[records.measured(f"recent-{day}") for day in size.last_days],
            backfill=records.measured("backfill"),
            of_pipeline=[run for run in records.all() if run.name.split("-")[0] not in ("load", "models")],
        )


REBUILD = ("prepare", "dbt", "publish", "finish")


def refresh_against_rebuild(runs: Runs) -> list[Figure]:
    """A day's refresh, take-in included, against a rebuild of everything from raw."""
    refreshes, rebuilds = [r.wall() for r in runs.newest], [b.wall(*REBUILD) for b in runs.builds]
    refreshes_cpu, rebuilds_cpu = [sql_cpu(r) for r in runs.newest], [rebuild_sql_cpu(b) for b in runs.builds]
    cpu, wall = _ratios(refreshes_cpu, rebuilds_cpu), _ratios(refreshes, rebuilds)
    where = of_run("a daily refresh", _nearest_to_median(runs.newest))
    return [
        Figure("daily refresh / full rebuild, CPU of the SQL work", cpu, cpu, 1 / 20, "",
               f"{_seconds(refreshes_cpu)} / {_seconds(rebuilds_cpu)} CPU of SQL; newest days, whole history", where),
        Figure("daily refresh / full rebuild, wall", wall, cpu, 1 / 20, "",
               f"{_seconds(refreshes)} / {_seconds(rebuilds)}; with start-up; the rebuild takes nothing in", where),
    ]  # fmt: skip


def long_against_short_history(runs: Runs, days: int, short: int) -> Figure:
    """The same days refreshed with the whole history and by a company that connected recently."""
    long, brief = [r.wall() for r in runs.newest], [r.wall() for r in runs.recent]
    longest = _nearest_to_median(runs.newest)
    partner = runs.recent[runs.newest.index(longest)]
    return Figure(
        f"refresh with {days} days of history / with {short}", _ratios(long, brief),
        _ratios([sql_cpu(r) for r in runs.newest], [sql_cpu(r) for r in runs.recent]), 1.15, "",
        f"{_seconds(long)} / {_seconds(brief)}; the same {len(long)} newest day(s), CPU of the SQL work",
        by_difference(f"{days} days", longest, f"{short} days", partner),
    )  # fmt: skip


def checked_against_bare_load(runs: Runs) -> Figure:
    """Landing and loading against `create table as` of the same files."""
    checked, bare = [b.wall("land", "load") for b in runs.builds], [load.wall() for load in runs.loads]
    return Figure(
        "checked load / bare create table as read_csv", _ratios(checked, bare),
        _ratios([b.cpu("land", "load") for b in runs.builds], [load.cpu() for load in runs.loads]), 2.0, "",
        f"{_seconds(checked)} / {_seconds(bare)}; {runs.builds[0].step('load').facts['rows']:,} rows of "
        f"{runs.builds[0].step('land').facts['files']:,} files; bare: types as sniffed, bad lines skipped",
        by_table(_nearest_to_median(runs.builds), _nearest_to_median(runs.loads)),
    )  # fmt: skip


def pipeline_against_script(runs: Runs) -> Figure:
    """dbt's models against their SQL in one DuckDB connection, in the same order."""
    through, script = [models_wall(b) for b in runs.builds], [m.wall() for m in runs.models]
    whole = [b.wall(*REBUILD) - b.step("dbt").facts["start"] for b in runs.builds]
    build, alone = _nearest_to_median(runs.builds), _nearest_to_median(runs.models)
    return Figure(
        "rebuild through the pipeline / the same SQL in one script", _ratios(through, script),
        _ratios([models_sql_cpu(b) for b in runs.builds], [m.cpu() for m in runs.models]), 1.3, "",
        f"{_seconds(through)} / {_seconds(script)}: models without process start, CPU of their SQL; "
        f"with tests, seeds, prepare and publish {_seconds(whole)}, {_ratios(whole, script):.2f} times the script",
        by_difference("through the pipeline", build, "script", alone),
    )  # fmt: skip


def backfill_against_days(runs: Runs, days: int) -> Figure:
    """One run over many days against single days, a few of them measured and scaled up."""
    single = [r.wall() for r in runs.spread]
    cpu = [r.cpu() for r in runs.spread]
    return Figure(
        f"{days}-day backfill in one run / day by day", median(runs.backfill.wall() / (days * one) for one in single),
        median(runs.backfill.cpu() / (days * one) for one in cpu), 0.4, "",
        f"{runs.backfill.wall():.1f} s / {days} x {mean(single):.1f} s; {len(single)} single days spread over the "
        f"{days} were measured ({min(single):.1f} to {max(single):.1f} s) and scaled",
        of_run("the backfill", runs.backfill),
    )  # fmt: skip


def peak_memory(runs: Runs) -> Figure:
    """The highest resident memory of a run's process tree."""
    measured = [run for run in runs.of_pipeline if run.peak_bytes is not None]
    measured.sort(key=lambda run: -(run.peak_bytes or 0))
    worst = measured[0] if measured else None
    return Figure(
        "peak memory of a run", (worst.peak_bytes or 0) / GIB if worst else None, None, MEMORY_AIM_GIB, "GiB",
        f"resident memory of the process tree, sampled; highest in {worst.name}: {worst.peak_step}" if worst
        else "there is no /proc here",
        ["highest: " + ", ".join(f"{r.name} {(r.peak_bytes or 0) / GIB:.2f} ({r.peak_step})" for r in measured[:5])],
    )  # fmt: skip


def disk(records: Records, accounts: int) -> Figure:
    """What a data folder takes after one run over everything."""
    parts = {name: size for name, size in records.fact("disk-1", dict).items() if name not in ("target", "logs", "tmp")}
    used = ", ".join(f"{name.split('.')[0]} {size / MB:,.0f}" for name, size in parts.items() if size >= MB)
    return Figure(
        "disk used per 1,000 accounts", sum(parts.values()) / MB / accounts * 1000, None, None, "MB",
        f"{sum(parts.values()) / MB:,.0f} MB in all: {used}", [],
    )  # fmt: skip


def figures(bench: Bench) -> list[Figure]:
    """Every figure of a complete bench."""
    runs, size = Runs.of(bench), bench.size
    return [
        *refresh_against_rebuild(runs),
        long_against_short_history(runs, size.days, size.short_history_days),
        checked_against_bare_load(runs),
        pipeline_against_script(runs),
        backfill_against_days(runs, size.backfill_days),
        peak_memory(runs),
        disk(bench.records, size.accounts),
    ]
