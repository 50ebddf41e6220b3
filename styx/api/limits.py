"""How long and how large things may be; a server refuses what is more."""

LEASE_S = 30.0
"""How long a claim holds without a heartbeat."""
HEARTBEAT_S = 10.0
"""How often an agent says that it lives."""
DELIVERIES = 3
"""How many agents may be lost with a task before it is dead."""

BODY_BYTES = 2 << 20
"""The largest request."""
OUTPUT_CHARACTERS = 64 << 10
"""How much of the end of the output a result keeps; the log has all of it."""
LOG_BYTES = 64 << 20
"""How much of the log of one attempt is kept."""
CHUNK_BYTES = 1 << 20
"""The largest piece of a log in one request."""
QUEUED = 1_000_000
"""How many tasks may wait."""
CLAIMED = 100
"""How many tasks one claim may get."""
PAGE = 500
"""How many tasks one page of a list may have."""
