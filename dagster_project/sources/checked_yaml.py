"""Walking a YAML document by hand while collecting every problem, instead of stopping at the first.

What the keys of `sources.yml` mean is in `mapping.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import yaml

TOP = "top level"
"""Place of the whole document: its keys are places by their own name."""


def nearest(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the closest candidate, or nothing."""
    match = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def repeated_keys(node: yaml.MappingNode) -> dict[str, list[int]]:
    """The keys that a mapping gives more than once, with their lines; a YAML reader keeps the last without a word."""
    lines: dict[str, list[int]] = {}
    for key, _ in node.value:
        lines.setdefault(str(key.value), []).append(key.start_mark.line + 1)
    return {key: found for key, found in lines.items() if len(found) > 1}


class CheckedYaml:
    """Reads values of a document; what is wrong is kept in `problems`, each with its place."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._missing: set[str] = set()
        self._walked: set[yaml.Node] = set()

    def say(self, place: str, what: str) -> None:
        """Note a problem at a place such as `sources.events.slot`; of a key that is missing, no more than that."""
        if place not in self._missing:
            self.problems.append(f"{place}: {what}")

    def refuse_repeated_keys(self, node: yaml.Node | None, place: str = TOP) -> None:
        """Note every key below a node that its mapping gives more than once; an alias is the node it stands for."""
        if node is None or node in self._walked:
            return
        self._walked.add(node)
        if isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value, 1):
                self.refuse_repeated_keys(item, f"{place}[{number}]")
        if isinstance(node, yaml.MappingNode):
            inside = "" if place == TOP else f"{place}."
            for key, lines in repeated_keys(node).items():
                self.say(f"{inside}{key}", f"is given twice, on lines {' and '.join(map(str, lines))}")
            for key_node, value in node.value:
                self.refuse_repeated_keys(value, f"{inside}{key_node.value}")

    def keys(self, place: str, found: Any, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Any]:
        """The mapping at a place; unknown and missing keys are problems. Something else reads as empty."""
        allowed, given = list(allowed), found if isinstance(found, dict) else {}
        missing = [key for key in required if key not in given]
        if given is not found:
            self.say(place, f"must be a mapping, found {type(found).__name__} {found!r}")
        else:
            for key in given:
                if key not in allowed:
                    self.say(place, f"unknown key {key!r}{nearest(str(key), allowed)}")
            for key in missing:
                self.say(place, f"key {key!r} is missing")
        self._missing |= {key if place == TOP else f"{place}.{key}" for key in missing}
        return given

    def entries(self, place: str, found: Any) -> dict[str, Any]:
        """A mapping whose keys are free names, as at `sources` and `tables`."""
        if isinstance(found, dict):
            return {str(name): value for name, value in found.items()}
        self.say(place, f"must be a mapping of names, found {type(found).__name__} {found!r}")
        return {}

    def one_of(self, place: str, value: Any, allowed: Iterable[str], default: str | None = None) -> str:
        """One of the allowed words."""
        allowed = list(allowed)
        if value is None and default is not None:
            return default
        if value not in allowed:
            self.say(place, f"{value!r} is none of {', '.join(allowed)}{nearest(str(value), allowed)}")
            return allowed[0]
        return str(value)

    def text(self, place: str, found: dict[str, Any], key: str) -> str | None:
        """The text of a key; None when the key is absent."""
        value = found.get(key)
        if value is None and key not in found:
            return None
        if not isinstance(value, str) or not value:
            self.say(f"{place}.{key}", f"must be a text, found {value!r}")
            return None
        return value

    def texts(self, place: str, found: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """The list of texts of a key."""
        value = found.get(key, list(default))
        if not isinstance(value, list) or any(isinstance(v, list | dict) or v is None for v in value):
            self.say(f"{place}.{key}", f"must be a list of texts, found {value!r}")
            return default
        return tuple(str(v) for v in value)
