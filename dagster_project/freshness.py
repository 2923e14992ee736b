"""Whether today's tables are today's: what is published against the day that should be.

Plain functions of a clock that is passed in; who asks, and whom to tell, is in `sensors.py` and `__main__.py`.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import logging
import urllib.request
import zoneinfo
from dataclasses import dataclass

from dagster_project.publication import published_days
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping

logger = logging.getLogger(__name__)
WEBHOOK_SECONDS = 10
HOUR = 6
"""Hour of the reporting timezone at which the day that has just ended is refreshed, and from which it is due."""


@dataclass(frozen=True)
class Freshness:
    """The newest published day against the day expected; `missing_from` is the first day still to publish."""

    published: dt.date | None
    expected: dt.date

    @property
    def is_current(self) -> bool:
        """Whether the newest published day is the day expected, or later."""
        return self.published is not None and self.published >= self.expected

    def missing_from(self, first_day: dt.date) -> dt.date | None:
        """First day still to publish, or None when current."""
        if self.is_current:
            return None
        return self.published + dt.timedelta(days=1) if self.published else first_day


def last_sample_day(mapping: Mapping) -> dt.date | None:
    """Last day of the sample company, when `sources.yml` describes it."""
    if not mapping.sample:
        return None
    return mapping.first_day + dt.timedelta(days=int(mapping.sample["days"]) - 1)


def last_ended_day(mapping: Mapping, now: dt.datetime) -> dt.date:
    """The last day that has ended at `now` (an aware time) in the reporting timezone."""
    return now.astimezone(zoneinfo.ZoneInfo(mapping.timezone)).date() - dt.timedelta(days=1)


def expected_day(mapping: Mapping, now: dt.datetime, due_hour: int = 0) -> dt.date:
    """The day that should be published at `now` (an aware time): the last one that has ended in the reporting
    timezone and whose refresh was due by `due_hour`. The sample company ends on its last day."""
    sample = last_sample_day(mapping)
    if sample:
        return sample
    local = now.astimezone(zoneinfo.ZoneInfo(mapping.timezone))
    return local.date() - dt.timedelta(days=1 if local.hour >= due_hour else 2)


def freshness(mapping: Mapping, home: Home, now: dt.datetime, due_hour: int = 0) -> Freshness:
    """What is published and what should be."""
    days = published_days(home)
    return Freshness(days[-1] if days else None, expected_day(mapping, now, due_hour))


def alert(message: str, webhook: str) -> None:
    """Say it in the log and, where one is set, to the webhook as `{"text": message}`; never raises."""
    logger.error(message)
    if not webhook:
        return
    try:
        if not webhook.startswith(("http://", "https://")):
            raise ValueError("not a web address")
        request = urllib.request.Request(
            webhook, data=json.dumps({"text": message}).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS) as response:
            response.read(1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        # the address may hold a secret, and so may the error's words
        logger.error("the alert could not be delivered to the webhook: %s", type(error).__name__)
