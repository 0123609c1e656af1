from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline.schedule import Every, Rule

days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@given(days, st.sampled_from(Every))
def test_days_rise_and_begin_with_the_first(start: date, every: Every) -> None:
    found = list(Rule(every, start).days(start + timedelta(days=1200)))
    assert found[0] == start
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("every", "count"), [(Every.WEEKLY, 53), (Every.MONTHLY, 12), (Every.YEARLY, 1)]
)
def test_a_year_has_so_many(every: Every, count: int) -> None:
    assert len(list(Rule(every, date(2026, 1, 1)).days(date(2026, 12, 31)))) == count


def test_a_leap_day_comes_back() -> None:
    found = list(Rule(Every.YEARLY, date(2024, 2, 29)).days(date(2028, 12, 31)))
    assert found[1] == date(2025, 2, 28)
    assert found[-1] == date(2028, 2, 29)


@given(days, days, days)
def test_nothing_is_after_the_end(start: date, end: date, last: date) -> None:
    assert all(day <= min(end, last) for day in Rule(Every.WEEKLY, start, end).days(last))
