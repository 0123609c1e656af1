from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ledgerline import Amount, Posting, Transaction, trial_balance

accounts = st.sampled_from(["a", "a:b", "a:b:c", "d", "d:e"])
cents = st.decimals(min_value=-999, max_value=999, places=2)


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    currency = draw(st.sampled_from(["EUR", "USD"]))
    drawn = draw(st.lists(st.tuples(accounts, cents), min_size=1, max_size=4))
    postings = [Posting(account, Amount(number, currency)) for account, number in drawn]
    rest = -sum((number for _, number in drawn), Decimal())
    postings.append(Posting(draw(accounts), Amount(rest, currency)))
    return Transaction(date(2026, 1, 1), "drawn", tuple(postings))


@given(st.lists(transactions(), max_size=12))
def test_books_always_sum_to_zero(entries: list[Transaction]) -> None:
    balance = trial_balance(entries)
    assert balance.is_zero()
    tops = [amount.number for depth, _, total in balance.tree() if depth == 0 for amount in total]
    assert sum(tops, Decimal()) == 0


def test_an_account_holds_what_is_below_it() -> None:
    euros = [Posting(name, Amount(Decimal(1), "EUR")) for name in ("a:b", "a:c", "ab")]
    balance = trial_balance([Transaction(date(2026, 1, 1), "t", tuple(euros))])
    assert balance.total("a") == [Amount(Decimal(2), "EUR")]
    assert [name for _, name, _ in balance.tree()] == ["a", "a:b", "a:c", "ab"]
    assert not balance.is_zero()
