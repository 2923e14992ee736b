"""The result as an aligned table for the terminal and as Markdown."""

from __future__ import annotations

from benchmarks.figures import Figure

HEADINGS = ("figure", "aim", "measured", "in CPU time", "verdict")


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 3 if value < 0.1 else 2 if value < 100 else 0
    return f"{value:,.{digits}f} {unit}".strip()


def rows(figures: list[Figure]) -> list[tuple[str, ...]]:
    """The cells of the table, one row per figure."""
    return [
        (f.title, f"at most {_number(f.aim, f.unit)}" if f.aim is not None else "", _number(f.value, f.unit),
         _number(f.cpu, ""), f.verdict)
        for f in figures
    ]  # fmt: skip


def _aligned(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _notes(figures: list[Figure]) -> list[tuple[str, list[str]]]:
    return [(f.title, [f.measured]) for f in figures]


def _missed(figures: list[Figure]) -> list[tuple[str, list[str]]]:
    shown: list[tuple[str, list[str]]] = []
    for figure in figures:
        # two figures of one run have one explanation
        if figure.is_missed and figure.where not in [lines for _, lines in shown]:
            shown.append((f"{figure.title}: {figure.verdict}", figure.where))
    return shown


def as_text(figures: list[Figure], conditions: list[str], always: list[tuple[str, list[str]]]) -> str:
    """For the terminal."""
    lines = [*conditions, "", *_aligned([HEADINGS, *rows(figures)])]
    for heading, blocks in (
        ("What was measured", _notes(figures)),
        ("Where the time goes, for each aim that is missed", _missed(figures)),
        ("Where the time goes, in any case", always),
    ):
        if blocks:
            lines += ["", heading]
            for title, texts in blocks:
                lines += [f"  {title}", *(f"      {text}" for text in texts)]
    return "\n".join(lines)


def as_markdown(figures: list[Figure], conditions: list[str], always: list[tuple[str, list[str]]]) -> str:
    """For a file; the same content."""
    lines = ["# Benchmark", "", *(f"- {text}" for text in conditions), ""]
    lines += [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows(figures)]
    for heading, blocks in (
        ("What was measured", _notes(figures)),
        ("Where the time goes, for each aim that is missed", _missed(figures)),
        ("Where the time goes, in any case", always),
    ):
        if blocks:
            lines += ["", f"## {heading}", ""]
            for title, texts in blocks:
                lines += [f"- {title}", *(f"  - {text}" for text in texts)]
    return "\n".join(lines) + "\n"
