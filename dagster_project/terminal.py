"""The console of every command."""

from __future__ import annotations

from rich.console import Console

WIDE = 1000
"""Columns of a file or a pipe: no line is broken there, and no row of a table cut."""


def new_console() -> Console:
    """A console as wide as the terminal; where there is none, wide enough for any line."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
