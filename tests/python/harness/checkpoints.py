"""Waiting for checkpoints and for sessions. A cell is answered before its checkpoint is made, so their
number alone does not tell whether the last cell's is among them; and from outside, a copy that is
about to sleep looks like a session."""
from harness import limits


def usage(client):
    """What the kernel itself knows of the session."""
    return client.ask("usage_request", {}, channel="control").content["hilum"]


def let_fork(client):
    """Returns when the worker has forked what it is to fork for the cells that were answered: it
    reads the next message only then."""
    client.ask("is_complete_request", {"code": ""})


def await_sleep(client):
    """Returns when all copies that were forked sleep: until then they count as the session's."""
    let_fork(client)
    limits.poll_until(lambda: client.kernel.workers() == [client.kernel.worker], limits.STOP,
                      "copies that sleep")


def settled(client, count):
    """The pids of the checkpoints, when they are `count`, that of the last cell is there, and those
    that are no longer needed are gone."""
    kernel = client.kernel
    let_fork(client)

    def look():
        """In this order: a copy that has forked turns from a worker into a sleeper, and becomes
        known to the kernel, but never the other way round."""
        born = kernel.workers() == [kernel.worker]
        known = usage(client)["checkpoints"]
        pids = kernel.sleepers()
        return born and known == len(pids) == count, pids
    done, pids = limits.poll_until(lambda: (found := look())[0] and found, limits.STOP,
                                   lambda: f"{count} checkpoints instead of {look()}")
    return pids


def new_session(client, *old):
    """The pid of the session's process, when the kernel has another one than `old`."""
    return limits.poll_until(lambda: (pid := usage(client)["session_pid"]) not in (0, *old) and pid,
                             limits.START, "another session")
