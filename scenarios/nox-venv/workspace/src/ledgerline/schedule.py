"""Days on which something repeats."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Every(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


def _months_later(start: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


@dataclass(frozen=True, slots=True)
class Rule:
    """Repeats from a first day, up to a last one when there is one."""

    every: Every
    start: date
    end: date | None = None

    def days(self, last: date) -> Iterator[date]:
        """All days up to `last`, each reckoned from the first: a 31st stays one after February."""
        limit = last if self.end is None else min(last, self.end)
        count = 0
        while (day := self._nth(count)) <= limit:
            yield day
            count += 1

    def _nth(self, count: int) -> date:
        match self.every:
            case Every.WEEKLY:
                return self.start + timedelta(weeks=count)
            case Every.MONTHLY:
                return _months_later(self.start, count)
            case Every.YEARLY:
                return _months_later(self.start, 12 * count)
