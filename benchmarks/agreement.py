"""`make agreement`: how far the segments agree with the truth of simulated companies, and how often they change.

Each seed's company is simulated, refreshed as of its last day by the shipped job, and its published classes are
compared with the labels that the simulator drew from its latent variables, which appear in no export. An account that
the truth gives no class on an axis (it does not pay, say) is left out; an account that the tables give none counts as
missed. Asserts nothing.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import stability

PROJECT = Path(__file__).resolve().parents[1]
AXES = {"avatar": "avatar", "advocacy": "advocacy", "fit": "fit_class", "touch": "touch", "playbook": "playbook"}
"""Axis to the column of the truth that has its label."""
NOT_IN_THE_TRUTH = {"playbook": {"onboarding"}}
"""Classes that speak of the account's age alone; the latents say nothing of them, so these accounts are left out."""
NO_CLASS = "none"
FIRST_DAY = dt.date(2025, 1, 1)


@dataclass(frozen=True)
class Agreement:
    """How many accounts of a true class were given which class."""

    axis: str
    pairs: Counter[tuple[str, str]]

    @property
    def classes(self) -> list[str]:
        """The classes of the truth."""
        return sorted({true for true, _ in self.pairs})

    @property
    def accounts(self) -> int:
        """Accounts compared."""
        return self.pairs.total()

    def f1(self, name: str) -> float:
        """Harmonic mean of precision and recall of a class, from 0 to 1."""
        both = self.pairs[name, name]
        true = sum(n for (was, _), n in self.pairs.items() if was == name)
        said = sum(n for (_, given), n in self.pairs.items() if given == name)
        return 2 * both / (true + said) if true + said else 0.0

    @property
    def macro_f1(self) -> float:
        """Mean of the classes' F1, whatever their sizes."""
        return sum(self.f1(name) for name in self.classes) / len(self.classes) if self.pairs else 0.0

    def __add__(self, other: Agreement) -> Agreement:
        """The agreement over both companies."""
        return Agreement(self.axis, self.pairs + other.pairs)


def compare(axis: str, rows: Iterable[tuple[str, str]]) -> Agreement:
    """The agreement of (true class, class given) on an axis; without a true class a row says nothing."""
    left_out = NOT_IN_THE_TRUTH.get(axis, set())
    return Agreement(axis, Counter((true, given) for true, given in rows if true and given not in left_out))


def as_markdown(agreements: list[Agreement]) -> str:
    """Each axis as a table: true classes down, classes given across."""
    parts = []
    for found in agreements:
        given = sorted(
            {name for _, name in found.pairs} | set(found.classes), key=lambda name: (name == NO_CLASS, name)
        )
        lines = [
            f"### {found.axis.capitalize()}: macro-F1 {found.macro_f1:.2f} over {found.accounts:,} accounts",
            "",
            f"| true | {' | '.join(given)} | F1 |",
            "|---|" + "---|" * (len(given) + 1),
            *(
                f"| {true} | {' | '.join(str(found.pairs[true, name]) for name in given)} | {found.f1(true):.2f} |"
                for true in found.classes
            ),
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def of_company(published: Path, truth: Path, suffix: str = "") -> list[Agreement]:
    """The agreement of a published database with a company's truth, by axis; `_noisy` takes the labels with noise."""
    with duckdb.connect(str(published), read_only=True) as connection:
        known = {row[0] for row in connection.execute("describe marts.account_segments").fetchall()}
        axes = [axis for axis in AXES if f"{axis}_class" in known]
        columns = ", ".join(f"coalesce({axis}_class, '{NO_CLASS}')" for axis in axes)
        rows = connection.execute(
            f"select account_id, {columns} from marts.account_segments "
            "where not is_internal and scoring_version = (select min(scoring_version) from marts.account_segments)"
        ).fetchall()
    given = {row[0]: dict(zip(axes, row[1:], strict=True)) for row in rows}
    with truth.open(encoding="utf-8", newline="") as stream:
        labels = {row["account_id"]: row for row in csv.DictReader(stream)}
    return [
        compare(axis, [(labels[a][AXES[axis] + suffix], given[a][axis]) for a in sorted(given.keys() & labels.keys())])
        for axis in axes
    ]


def _run(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", *map(str, arguments)], cwd=PROJECT, check=True)


def _company(folder: Path, seed: int, accounts: int, days: int) -> Path:
    """Simulate and refresh one company; returns its folder. What is there already is not made again."""
    company, data = folder / f"seed-{seed}", folder / f"seed-{seed}" / "data"
    if not company.exists():
        size = ["--accounts", accounts, "--days", days, "--seed", seed, "--first-day", FIRST_DAY]
        _run("examples.sample_company", *size, "--out", company)
    if not (data / "published" / "customer_segments.duckdb").exists():
        last = FIRST_DAY + dt.timedelta(days=days - 1)
        _run("dagster_project", "--sources", company / "sources.yml", "--data", data, "run", "--as-of", last)
    return company


def main() -> None:
    """Run as told by the arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one company each (1 2 3)")
    parser.add_argument("--accounts", type=int, default=300, help="accounts of a company (300)")
    parser.add_argument(
        "--days", type=int, default=400, help="days of a company (400: momentum asks for 180 paid days)"
    )
    parser.add_argument("--work", type=Path, help="folder that keeps the companies (default: a temporary one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.work or Path(temporary)).resolve()
        companies = [_company(folder, seed, arguments.accounts, arguments.days) for seed in arguments.seeds]
        for title, suffix in (("the truth", ""), ("the truth with label noise", "_noisy")):
            found = [
                of_company(c / "data" / "published" / "customer_segments.duckdb", c / "truth" / "accounts.csv", suffix)
                for c in companies
            ]
            print(f"## Against {title}, seeds {', '.join(map(str, arguments.seeds))}\n")
            print(as_markdown([sum(axis[1:], axis[0]) for axis in zip(*found, strict=True)]) + "\n")
            for seed, axes in zip(arguments.seeds, found, strict=True):
                print(f"seed {seed}: " + ", ".join(f"{axis.axis} {axis.macro_f1:.2f}" for axis in axes))
            print()
        stable = [
            stability.stability_of_company(c / "data" / "published" / "customer_segments.duckdb") for c in companies
        ]
        print(f"## Changes of class over {arguments.days} days\n")
        print(stability.as_markdown([sum(axis[1:], axis[0]) for axis in zip(*stable, strict=True)]))


if __name__ == "__main__":
    main()
