from datetime import date

import pytest

from ledgerline import JournalError, parse

BOOKS = """\
; a year of it
2026-01-03 Groceries   ; weekly
    expenses:food        42.10 EUR
    assets:bank
2026-02-01 Exchange
    assets:dollars       110.00 USD
    assets:bank         -100.00 EUR
    equity:exchange
~ monthly from 2026-01-31 until 2026-04-30 Rent
    expenses:rent       800.00 EUR
    assets:bank
"""


def test_the_missing_amount_is_filled_in_for_every_currency() -> None:
    exchange = parse(BOOKS).transactions[1]
    left = {str(posting.amount) for posting in exchange.postings if "equity" in posting.account}
    assert left == {"100.00 EUR", "-110.00 USD"}
    assert exchange.accounts() == {"assets:dollars", "assets:bank", "equity:exchange"}


def test_rules_repeat_between_their_days_and_keep_the_last_of_the_month() -> None:
    rents = [entry.day for entry in parse(BOOKS).until(date(2026, 12, 31)) if entry.text == "Rent"]
    assert [(day.month, day.day) for day in rents] == [(1, 31), (2, 28), (3, 31), (4, 30)]


def test_days_are_in_order() -> None:
    days = [entry.day for entry in parse(BOOKS).until(date(2026, 3, 1))]
    assert days == sorted(days)
    assert len(days) == 4


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("    assets:bank  1 EUR", 1, "without a transaction"),
        ("2026-13-01 Late", 1, "no day"),
        ("Groceries", 1, "begins no transaction"),
        ("2026-01-01 A\n    b  1 EUR\n    c  1 EUR", 1, "does not balance: 2 EUR"),
        ("2026-01-01 A\n    b\n    c", 1, "2 postings"),
        ("2026-01-01 A\n    b", 1, "no amount at all"),
        ("2026-01-01 A\n    b  1 euro", 2, "no amount"),
        ("2026-01-01 A\n    b c d", 2, "no posting"),
        ("~ daily from 2026-01-01 A", 1, "none of weekly"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(JournalError, match=message) as found:
        parse(text)
    assert found.value.line == line
