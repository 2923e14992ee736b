"""Memory of a process and all of its descendants, from `/proc` (Linux only)."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
SECONDS_BETWEEN_SAMPLES = 0.1


def _parents() -> dict[int, int]:
    """Parent of every process; a process may vanish while it is read."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                # the name in brackets may itself hold brackets and blanks
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    return parents


def tree_of(root: int) -> list[int]:
    """The process and its descendants."""
    parents = _parents()
    tree = [root]
    for process in tree:
        tree += [child for child, parent in parents.items() if parent == process]
    return tree


def resident_bytes(processes: list[int]) -> int:
    """Resident memory of the processes together; what they share is counted in each."""
    total = 0
    for process in processes:
        try:
            total += int((PROC / str(process) / "statm").read_text().split()[1]) * PAGE
        except (OSError, IndexError, ValueError):
            continue
    return total


class MemoryWatch(threading.Thread):
    """Samples a process tree until stopped; keeps the highest sample and when it was taken."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak_bytes: int | None = None
        self.peak_at = 0.0
        self._over = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        while PROC.exists() and not self._over.wait(SECONDS_BETWEEN_SAMPLES):
            size = resident_bytes(tree_of(self.root))
            if size > (self.peak_bytes or 0):
                self.peak_bytes, self.peak_at = size, time.time()

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()
