"""What the faults that tests make have come to."""

from collections import Counter

TALLY: Counter[str] = Counter()
"""kills; leaks, duplicates and losses, which must stay 0."""
