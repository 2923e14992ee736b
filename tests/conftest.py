"""The order of the tests' files: with two workers, the longest must not begin last."""

from __future__ import annotations

import pytest

LONGEST_FIRST = [
    "test_replay.py",
    "test_crash.py",
    "test_dagster.py",
    "test_documentation.py",
    "test_examples.py",
    "test_characters.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes; the others keep their order."""
    items.sort(key=lambda item: LONGEST_FIRST.index(item.path.name) if item.path.name in LONGEST_FIRST else 99)
