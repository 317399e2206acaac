"""What /proc says about a kernel and everything that it started.

Each kernel under test gets an environment variable with a value of its own, which all its
descendants inherit. So a process that left its parent, group and session is still found."""
import os
import signal
from pathlib import Path

TAG = "HILUM_TEST_TAG"
PROC = Path("/proc")


def _read(pid, name):
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:  # gone meanwhile, or another user's
        return b""


def _stat(pid):
    """The fields of /proc/PID/stat after the command, which may itself hold spaces and ')'."""
    text = _read(pid, "stat").decode("utf-8", "replace")
    return text.rpartition(")")[2].split()


def pids():
    return [int(entry) for entry in os.listdir(PROC) if entry.isdigit()]


def state(pid):
    """One letter as in ps: R, S, Z ...; empty when there is no such process."""
    fields = _stat(pid)
    return fields[0] if fields else ""


def parent(pid):
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def command(pid):
    return [part.decode("utf-8", "replace") for part in _read(pid, "cmdline").split(b"\0") if part]


def name(pid):
    """What ps shows as the command's name; a process may have given itself another one."""
    return _read(pid, "comm").decode("utf-8", "replace").rstrip("\n")


def children(pid):
    return [other for other in pids() if parent(other) == pid]


def family(tag):
    """All living processes that were started with this tag. Zombies have no environment, see
    zombies()."""
    wanted = f"{TAG}={tag}".encode()
    return [pid for pid in pids() if wanted in _read(pid, "environ").split(b"\0")]


def zombies(roots):
    """Dead and unreaped children of these processes."""
    roots = set(roots)
    return [pid for pid in pids() if state(pid) == "Z" and parent(pid) in roots]


def fds(pid):
    """{descriptor: what it is}."""
    found = {}
    try:
        for entry in os.listdir(PROC / str(pid) / "fd"):
            try:
                found[int(entry)] = os.readlink(PROC / str(pid) / "fd" / entry)
            except OSError:
                pass  # closed meanwhile
    except OSError:
        pass  # gone meanwhile
    return found


def tcp_connections(ports):
    """The number of connections with one of these local ports that this end has not closed."""
    open_here = {"01", "08"}  # ESTABLISHED, CLOSE_WAIT
    rows = [line.split() for line in (PROC / "net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows
               if row[3] in open_here and int(row[1].rpartition(":")[2], 16) in ports)


def memory_kib(pid):
    """Resident memory of its own (not shared with the files it maps), in KiB."""
    for line in _read(pid, "status").decode().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


def peak_memory_kib(pid):
    """The most that the process has had resident so far, in KiB."""
    for line in _read(pid, "status").decode().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid):
    """User and system time that the process has used."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def system_calls(pid):
    """For each thread that waits in one: its number and arguments, as texts. Needs a kernel that
    tells."""
    found = []
    for thread in _threads(pid):
        fields = _read(pid, f"task/{thread}/syscall").decode().split()
        if len(fields) > 7:
            found.append(fields[:7])
    return found


def _threads(pid):
    try:
        return os.listdir(PROC / str(pid) / "task")
    except OSError:
        return []


def describe(pid):
    return f"{pid} [{state(pid)}] {' '.join(command(pid)) or '?'}"


def kill(pid, number=signal.SIGKILL):
    """Sends a signal; True when there was somebody to get it."""
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False
