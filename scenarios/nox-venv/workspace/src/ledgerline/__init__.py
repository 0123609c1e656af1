"""A plain-text double-entry ledger."""

from ledgerline.balance import Balance, trial_balance
from ledgerline.journal import Journal, JournalError, Posting, Transaction, parse
from ledgerline.money import Amount, CurrencyError

__all__ = [
    "Amount",
    "Balance",
    "CurrencyError",
    "Journal",
    "JournalError",
    "Posting",
    "Transaction",
    "parse",
    "trial_balance",
]
