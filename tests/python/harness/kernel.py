"""A kernel process under test: started with a connection file of its own, audited after each test,
and gone without a trace at the end."""
import collections
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import zmq

from harness import limits, procs, wire
from harness.snippets import LANGUAGES

TOP = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("HILUM_BUILD_DIR", TOP)).resolve()
HILUM = str(BUILD / "hilum")

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|LeakSanitizer|Sanitizer:DEADLYSIGNAL")


class AuditFailure(AssertionError):
    """The kernel leaks, logs or leaves something that it should not."""


@dataclass
class Dialect:
    """Where kernels may differ and the suite still wants to talk to all of them."""
    strict: bool  # parent headers come back byte for byte, and the process is audited
    welcomes: bool  # sends iopub_welcome (JEP 65)
    interrupted_status: str
    interrupted_name: str


HILUM_DIALECT = Dialect(True, True, "aborted", "Interrupted")
SLEEPING = "hilum-sleeping"
SLEEPING_MAX = 2  # of the default depth: for the state now, and for the one before
FOREIGN_DIALECT = Dialect(False, False, "error", "KeyboardInterrupt")


# ---- which kernel is under test -------------------------------------------------------------

DEFAULT_COMMAND = "{hilum} run -f {connection_file} --evaluator {evaluator}"
COMMAND = os.environ.get("HILUM_TEST_COMMAND", DEFAULT_COMMAND)
WRAPPER = os.environ.get("HILUM_TEST_WRAPPER", "")

# A command that does not take an evaluator is another project's kernel: the tests of what the
# specification says run on it (to test the tests), those of Hilum's own decisions skip.
FOREIGN = "{evaluator}" not in COMMAND
EVALUATORS = [os.environ.get("HILUM_TEST_LANGUAGE", "python")] if FOREIGN else ["echo", "lua"]
if not FOREIGN and list(BUILD.glob("plugins/ghc/**/ghc.so")):
    EVALUATORS.append("ghc")


def is_instrumented():
    """Whether a sanitizer or a wrapper such as valgrind is at work: then memory is no measure of the
    kernel's own, and address space cannot be limited."""
    return bool(WRAPPER) or (os.path.exists(HILUM) and b"__asan_init" in Path(HILUM).read_bytes())


def reports_in(folder):
    """[(file name, text)] of what sanitizers or valgrind had to say. Lines of valgrind that begin
    with "--" are about itself, such as system calls that it does not know."""
    found = []
    for path in sorted(folder.iterdir()):
        lines = path.read_text("utf-8", "replace").splitlines()
        text = "\n".join(line for line in lines if line.strip() and not line.startswith("--"))
        if text:
            found.append((path.name, text))
    return found


def evaluator_path():
    """Where the build tree's evaluators are, unless the environment says."""
    if "HILUM_EVALUATOR_PATH" in os.environ:
        return os.environ["HILUM_EVALUATOR_PATH"]
    wanted = {f"{name}.so" for name in EVALUATORS}
    found = {path.parent for path in BUILD.glob("plugins/**/*.so") if path.name in wanted}
    return ":".join(sorted(map(str, found)))


def environment(home, tag, reports, changes=None):
    """A clean room: nothing of the user's configuration, and everything findable by the tag."""
    env = {name: value for name, value in os.environ.items()
           if not re.match(r"(HILUM|JUPYTER|JPY|IPYTHON|XDG|LUA|PYTEST)_?", name)}
    env.update({
        procs.TAG: tag, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"), "XDG_RUNTIME_DIR": str(home / "run"),
        "IPYTHONDIR": str(home / "ipython"), "JUPYTER_RUNTIME_DIR": str(home / "jupyter"),
        "HILUM_EVALUATOR_PATH": evaluator_path(),
        # Logos are sources: out of the source tree, nothing in the build tree leads to them.
        "HILUM_DATA_PATH": str(Path(__file__).resolve().parents[3] / "plugins"),
    })
    # The worker's stderr is the cell's output; reports have to go elsewhere. And a worker that is
    # killed by a signal shall die of it, instead of reporting it.
    dying = [f"handle_{name}=0" for name in ("segv", "sigbus", "sigfpe", "sigill", "abort")]
    for name, options in (("ASAN_OPTIONS", dying), ("UBSAN_OPTIONS", ["print_stacktrace=1"]),
                          ("LSAN_OPTIONS", [])):
        env[name] = ":".join(filter(None, [os.environ.get(name), *options,
                                           f"log_path={reports}/sanitizer"]))
    env.update(changes or {})
    return {name: value for name, value in env.items() if value is not None}


# ---- connection files -----------------------------------------------------------------------

given_out = collections.deque(maxlen=1000)


def free_ports(number):
    """Below the range that connecting sockets get their ports from: a client that connects before
    the kernel has bound could otherwise meet itself."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = set()
    while len(ports) < number:
        port = random.randrange(10_000, max(lowest, 11_000))
        if port in given_out:  # to a kernel that may not have bound it yet
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                ports.add(port)
            except OSError:
                pass  # taken
    given_out.extend(ports)
    return list(ports)


def new_connection(folder, transport="tcp", key=None):
    ports = free_ports(5) if transport == "tcp" else range(1, 6)
    return {
        "transport": transport,
        "ip": "127.0.0.1" if transport == "tcp" else str(folder / "kernel-ipc"),
        "signature_scheme": "hmac-sha256",
        "key": uuid.uuid4().hex if key is None else key,
        "kernel_name": "",
        **{f"{channel}_port": port for channel, port in zip(CHANNELS, ports)},
    }


def write_private(path, text):
    """As Jupyter writes connection files: readable by their owner only, from the first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                   encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    return path


# ---- the process ----------------------------------------------------------------------------

class Kernel:
    """Starts on construction. Everything is in one temporary folder that goes at the end."""

    def __init__(self, evaluator, *, transport="tcp", key=None, env=None, arguments=(),
                 command=None, connection_text=None, dialect=None, parent=None):
        self.evaluator = evaluator
        self.snippets = LANGUAGES.get(evaluator, {})
        foreign = FOREIGN and command is None
        self.dialect = dialect or (FOREIGN_DIALECT if foreign else HILUM_DIALECT)
        # Not below pytest's tmp_path: the path of an ipc socket may have 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="hilum-"))
        self.reports = self.folder / "reports"
        self.reports.mkdir()
        (self.folder / "run").mkdir(mode=0o700)
        self.tag = uuid.uuid4().hex
        self.connection = new_connection(self.folder, transport, key)
        self.ledger = wire.Ledger(self.connection["key"].encode(), self.dialect.strict)
        self.connection_file = write_private(
            self.folder / "connection.json",
            json.dumps(self.connection) if connection_text is None else connection_text)
        self.command = self._command(command or COMMAND, arguments)
        self.env = environment(self.folder, self.tag, self.reports, env)
        self.log_patterns = []
        self.log_read = 0
        self.baseline = None
        self.crashes_expected = False
        self.stdout = open(self.folder / "stdout", "wb")
        self.stderr = open(self.folder / "stderr", "wb")
        self.process = subprocess.Popen(
            (parent or []) + self.command, env=self.env, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=self.stdout, stderr=self.stderr,
            start_new_session=True)
        self.pidfd = os.pidfd_open(self.process.pid)

    def _command(self, template, arguments):
        names = {"connection_file": str(self.connection_file), "evaluator": self.evaluator,
                 "hilum": HILUM, "build": str(BUILD), "reports": str(self.reports)}
        words = shlex.split(WRAPPER) + shlex.split(template)
        return [word.format_map(names) for word in words] + list(arguments)

    def endpoint(self, channel):
        port = self.connection[f"{channel}_port"]
        if self.connection["transport"] == "ipc":
            return f"ipc://{self.connection['ip']}-{port}"
        ip = self.connection["ip"]
        return f"tcp://[{ip}]:{port}" if ":" in ip else f"tcp://{ip}:{port}"

    def secure(self, socket):
        """Prepares a client's socket as jupyter_client >= 8.9 does: with the connection file's key
        pair, which is the kernel's, too."""
        if ":" in self.connection["ip"]:
            socket.ipv6 = True
        if "curve_publickey" in self.connection:
            socket.curve_secretkey = self.connection["curve_secretkey"].encode()
            socket.curve_publickey = self.connection["curve_publickey"].encode()
            socket.curve_serverkey = self.connection["curve_publickey"].encode()

    def learn_ports(self):
        """Waits until the kernel has written the ports that it chose into its file."""
        def written():
            self.connection = {**self.connection, **json.loads(self.connection_file.read_text())}
            return all(self.connection.get(f"{channel}_port") for channel in CHANNELS)
        limits.poll_until(written, limits.START, "ports in the connection file")
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def alive(self):
        return self.process.poll() is None

    def client(self, **options):
        return wire.Client(self, **options)

    def settle(self):
        """Brings the kernel to the state that it should come back to after each test: a client was
        there and left, a cell has run."""
        with self.client() as client:
            client.check_alive()
        return self.take_measures()

    def take_measures(self):
        """What the audits compare with. A closed connection that the kernel has not noticed yet
        would hide a leak later, so those are waited for."""
        seen = []

        def steady():
            seen.append(self.measures())
            return not self.connections() and len(seen) >= 5 and len(set(seen[-5:])) == 1
        limits.poll_until(steady, limits.STOP, "a steady number of descriptors and processes")
        self.baseline = seen[-1]
        return self

    def connections(self):
        """How many TCP connections the kernel has not closed."""
        if self.connection["transport"] != "tcp" or not self.dialect.strict:
            return 0  # ipykernel keeps a connection to itself
        ports = {self.connection[f"{channel}_port"] for channel in CHANNELS}
        return procs.tcp_connections(ports)

    def measures(self):
        """Descriptors of the kernel process, descriptors of its descendants, processes."""
        asleep, sleepers = self._asleep(), self.sleepers()
        family = [pid for pid in procs.family(self.tag) if pid not in asleep]
        others = [fd for pid in family if pid != self.pid for fd in procs.fds(pid).values()
                  if "[pidfd]" not in fd]
        return (len(procs.fds(self.pid)) - len(sleepers), len(others), len(family),
                max(0, len(sleepers) - SLEEPING_MAX))

    def workers(self):
        """The worker processes, the one that runs the cells last; no checkpoints."""
        workers = [pid for pid in procs.family(self.tag)
                   if pid != self.pid and procs.name(pid) != SLEEPING and self._is_worker(pid)]
        # What it has just forked off looks like the worker, too, for a moment.
        return sorted(workers, key=lambda pid: procs.parent(pid) not in workers)

    def sleepers(self):
        """The checkpoints of the worker."""
        return [pid for pid in self._asleep() if self._is_worker(pid)]

    def _asleep(self):
        """They, and those of a program that the evaluator drives."""
        return [pid for pid in procs.family(self.tag) if procs.name(pid) == SLEEPING]

    @staticmethod
    def _is_worker(pid):
        return any(word.endswith("hilum-worker") for word in procs.command(pid))

    @property
    def worker(self):
        """The process that runs the cells; None while there is none."""
        workers = self.workers()
        return workers[-1] if workers else None

    # ---- what it wrote ----

    def stderr_text(self):
        return (self.folder / "stderr").read_text("utf-8", "replace")

    def stdout_text(self):
        return (self.folder / "stdout").read_text("utf-8", "replace")

    def new_log_lines(self):
        """The lines on stderr since this was called last."""
        lines = self.stderr_text()[self.log_read:].splitlines()
        self.log_read = len(self.stderr_text())
        return lines

    def expect_log(self, pattern):
        """Until the next audit, lines that match are all right."""
        self.log_patterns.append(re.compile(pattern))

    # ---- audit ----

    def audit(self):
        """Called after each test, and again at the end. Everything that is wrong, in one error."""
        wrong = self._reports() + self._unexpected_lines()
        if self.baseline and self.alive:
            wrong += self._leaks()
        if wrong:
            raise AuditFailure("\n".join(wrong))

    def _reports(self):
        """Reports of sanitizers or of valgrind, in their files or on stderr."""
        found = []
        if not self.crashes_expected:
            found = [f"report {name}:\n{text[:8000]}" for name, text in reports_in(self.reports)]
        if SANITIZER.search(self.stderr_text()):
            found.append("a sanitizer's report on stderr:\n" + self.stderr_text()[-8000:])
        return found

    def _unexpected_lines(self):
        if not self.dialect.strict:
            return []
        patterns, self.log_patterns = self.log_patterns, []
        found = [f"unexpected on stderr: {line}" for line in self.new_log_lines()
                 if not any(pattern.search(line) for pattern in patterns)]
        if self.stdout_text():
            found.append(f"unexpected on stdout: {self.stdout_text()[:2000]}")
        return found

    def _leaks(self):
        """Waits a little, because the kernel learns of closed connections on its own time."""
        if not self.dialect.strict:
            return []

        def back_to_normal():
            return (all(now <= then for now, then in zip(self.measures(), self.baseline))
                    and not procs.zombies(procs.family(self.tag)))
        try:
            limits.poll_until(back_to_normal, limits.STOP, "back to normal")
            return []
        except limits.TimeLimit:
            family = procs.family(self.tag)
            zombies = procs.zombies(family)
            names = ("descriptors of the kernel", "descriptors of its descendants", "processes",
                     "checkpoints too many")
            counts = ", ".join(f"{now} {name} (was {then})" for now, then, name
                               in zip(self.measures(), self.baseline, names))
            return [f"leak: {counts}; zombies: {zombies}; descriptors: {procs.fds(self.pid)}; "
                    f"processes: {[procs.describe(pid) for pid in family]}"]

    # ---- end ----

    def wait(self, seconds=limits.STOP):
        """Waits for the end of the process; returns its exit code."""
        poller = zmq.Poller()
        poller.register(self.pidfd, zmq.POLLIN)
        if not poller.poll(seconds * 1000):
            raise limits.TimeLimit(f"the kernel process has not ended within {seconds:g} s")
        return self.process.wait()

    def shutdown(self):
        """The orderly end: request, reply, exit 0."""
        with self.client() as client:
            request = client.send("control", "shutdown_request", {"restart": False})
            client.reply(request)
            code = self.wait()
        if code != 0 and self.dialect.strict:
            raise AuditFailure(f"exit code {code}\n{self.stderr_text()[-4000:]}")

    def check_gone(self):
        """After the end of the process: nothing that it started lives on."""
        try:
            limits.poll_until(lambda: not procs.family(self.tag), limits.STOP, "nothing left over")
        except limits.TimeLimit:
            left = [procs.describe(pid) for pid in procs.family(self.tag)]
            raise AuditFailure(f"left over: {left}") from None

    def finish(self):
        """Shuts down if that has not happened, and audits for the last time."""
        if self.alive:
            self.shutdown()
        self.check_gone()
        self.audit()

    def dispose(self):
        """Kills what is left, without questions, and removes the folder. Never fails."""
        for _ in range(3):  # a process may start another between the look and the kill
            for pid in procs.family(self.tag):
                procs.kill(pid, signal.SIGKILL)
        if self.pidfd is not None:
            self.process.kill()
            self.process.wait()
            os.close(self.pidfd)
            self.pidfd = None
            self.stdout.close()
            self.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)
