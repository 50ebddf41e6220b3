"""The time that an agent waits by, which a test may let run as fast as it likes."""

import threading
import time


class Clock:
    """The machine's own time."""

    def now(self) -> float:
        """Return the seconds since some moment; they only grow."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, but no longer than `seconds`; say whether it is."""
        return event.wait(seconds)


CLOCK = Clock()
