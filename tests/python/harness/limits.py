"""Time limits. Nothing in the suite waits without one, so that a hung kernel is a failure and not
a hung suite. HILUM_TEST_TIMEOUT_SCALE stretches them all (valgrind needs about 20)."""
import os
import time

SCALE = float(os.environ.get("HILUM_TEST_TIMEOUT_SCALE", "1"))

# Seconds to wait for one event that should come at once on an idle machine.
EVENT = 10 * SCALE
# Seconds for a process to come up, or to go away after it was told to.
START = 20 * SCALE
STOP = 5 * SCALE
# Seconds for one whole test, unless it has the mark time_limit(seconds).
TEST = 60 * SCALE


class TimeLimit(AssertionError):
    """Something that was waited for did not happen in time."""


class Deadline:
    """A point in time that a series of waits shares."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def passed(self):
        return time.monotonic() >= self.end


def poll_until(condition, seconds, what):
    """Waits for something that has no event to wait on (a number in another process's /proc).
    Returns the first true value of condition()."""
    deadline = Deadline(seconds)
    while True:
        value = condition()
        if value:
            return value
        if deadline.passed():
            raise TimeLimit(f"{what() if callable(what) else what}: not within {seconds:g} s")
        time.sleep(0.01)
