"""Thirty ways to die or to hang. Each costs its cell only: what was defined before is there after it,
the next cell has the next number, and the kernel is as it was."""
import json
import os
import signal
import time

import pytest

from harness import kernel as kernels
from harness import limits, procs

EVALUATORS = ["lua"]
pytestmark = [pytest.mark.hilum, pytest.mark.skipif(
    os.environ.get("HAVE_FFI", "yes") == "no", reason="needs Lua's ffi")]

C = """
ffi = require "ffi"
ffi.cdef[[
int raise(int); int kill(int, int); void abort(void); void exit(int); void _exit(int);
int close(int); int execv(const char *, char *const *); int fork(void); int pause(void);
int getpid(void); int setsid(void); int setpgid(int, int); int usleep(unsigned);
void *malloc(size_t); void free(void *); void *memset(void *, int, size_t); int munmap(void *, size_t);
struct signals { unsigned long bits[16]; };
int sigfillset(struct signals *); int sigprocmask(int, const struct signals *, void *);
void longjmp(void *, int); unsigned alarm(unsigned);
]]
precious = {name = "kept", list = {1, 2, 3}}
"""

# What the cell does, and what its error says of the cause.
DEATHS = {
    "write to a bad address": ('ffi.cast("int *", 8)[0] = 1', "SIGSEGV"),
    "read from a bad address": ('return ffi.string(ffi.cast("char *", 8))', "SIGSEGV"),
    "call of a bad address": ('ffi.cast("void (*)(void)", 16)()', "SIGSEGV"),
    "memory overrun": ('ffi.C.memset(ffi.C.malloc(8), 1, 1e9)', "SIG"),
    "double free": ('local p = ffi.C.malloc(100); for i = 1, 9 do ffi.C.free(p) end', "SIGABRT"),
    "free of a bad address": ('ffi.C.free(ffi.cast("void *", 24))', "SIG"),
    "a library taken away": ('local a = ffi.cast("intptr_t", ffi.cast("void *", ffi.C.malloc)); '
                             'ffi.C.munmap(ffi.cast("void *", a - a % 4096 - 2^20), 2^21); '
                             'return {}', "SIG"),
    "longjmp to nowhere": ('ffi.C.longjmp(ffi.C.memset(ffi.C.malloc(1000), 9, 1000), 1)', "SIG"),
    "abort": ("ffi.C.abort()", "SIGABRT"),
    "exit": ("ffi.C.exit(0)", "exited with status 0"),
    "_exit": ("ffi.C._exit(7)", "exited with status 7"),
    "kill of the group": ("ffi.C.kill(0, 9)", "SIGKILL"),
    "kill by another process": ('os.execute("kill -9 $PPID; sleep 10")', "SIGKILL"),
    "an alarm": ("ffi.C.alarm(1); ffi.C.pause()", "SIGALRM"),
    "another session": ("ffi.C.setpgid(0, 0); ffi.C.setsid(); ffi.C.abort()", "SIGABRT"),
    "all descriptors closed": ("for i = 0, 200 do ffi.C.close(i) end", ""),
    "another program": ('ffi.C.execv("/bin/true", ffi.new("char *[1]"))', ""),
    "another program that stays": (
        'local a = ffi.new("char *[3]"); local s, n = ffi.new("char[6]", "sleep"), '
        'ffi.new("char[3]", "60"); a[0] = s; a[1] = n; ffi.C.execv("/bin/sleep", a)', ""),
    "a crash after fork": ("if ffi.C.fork() > 0 then ffi.C.abort() end; ffi.C.pause()", "SIGABRT"),
    **{f"signal {name}": (f"ffi.C.raise({int(getattr(signal, name))})", name) for name in
       ("SIGSEGV", "SIGFPE", "SIGBUS", "SIGILL", "SIGKILL", "SIGTRAP", "SIGSYS", "SIGTERM")},
}



def computes(pid):
    """Between the line that was printed and the call there are a few instructions only."""
    before = procs.cpu_seconds(pid)
    limits.poll_until(lambda: procs.cpu_seconds(pid) > before + 0.1, limits.EVENT, "a loop in C")


def has_stopped(pid):
    limits.poll_until(lambda: procs.state(pid) == "T", limits.EVENT, "a process that is stopped")


# These have to be interrupted, and do not care: what the cell does, and how to wait until it does.
HANGS = {
    "an endless loop in C": ('print("started"); ("").rep("", 1e15)', computes),
    "all signals blocked": ('local s = ffi.new("struct signals"); ffi.C.sigfillset(s); '
                            'ffi.C.sigprocmask(0, s, nil); print("started"); '
                            'while true do ffi.C.usleep(1000000) end', lambda pid: None),
    "stopped": ('print("started"); ffi.C.raise(19)', has_stopped),
}

# Sanitizers see these first, and say so.
SEEN_BY_SANITIZERS = {"double free", "memory overrun", "free of a bad address", "longjmp to nowhere",
                      "a library taken away"}


@pytest.fixture
def precious(kernel, client):
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    assert client.run(C).status == "ok"
    return client


def check_as_before(client, count):
    run = client.run("return precious.name, #precious.list, ffi.C.getpid() > 0")
    assert run.result == '"kept"\t3\ttrue'
    assert run.count == count + 1


@pytest.mark.parametrize("way", DEATHS)
def test_a_death_costs_its_cell_only(precious, way):
    code, cause = DEATHS[way]
    if way in SEEN_BY_SANITIZERS and kernels.is_instrumented():
        pytest.skip("a sanitizer reports it")
    run = precious.run("precious.name = nil; " + code)
    assert run.status == "error", run
    assert cause in run.content["evalue"]
    assert "as it was before this cell" in run.content["evalue"]
    check_as_before(precious, run.count)


@pytest.mark.parametrize("way", HANGS)
def test_a_hang_costs_its_cell_and_the_grace_period(precious, way):
    code, awaited = HANGS[way]
    running = precious.start("precious.list = nil; " + code)
    awaited(precious.kernel.worker)
    precious.interrupt()
    run = precious.finish(running)
    assert run.status == "aborted"
    assert "did not react to the interrupt" in run.errors[0]["evalue"]
    check_as_before(precious, run.count)


def limited(start_kernel, tmp_path, **values):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"limits": values}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)}).settle()
    kernel.crashes_expected = True
    kernel.expect_log("worker|limit")
    return kernel


def test_memory_without_end(start_kernel, tmp_path):
    if kernels.is_instrumented():
        pytest.skip("memory is no measure of the session's own")
    kernel = limited(start_kernel, tmp_path, session_memory_mb_hard=200)
    with kernel.client() as client:
        client.run(C)
        run = client.run("for i = 1, 10000 do ffi.C.memset(ffi.C.malloc(2^20), 1, 2^20); "
                         "ffi.C.usleep(5000) end")
        assert run.status == "error"
        assert run.content["ename"] == "MemoryLimitExceeded"
        check_as_before(client, run.count)


def test_processes_without_end(start_kernel, tmp_path):
    """They come from a loop that counts: should the limit fail, there are sixty."""
    kernel = limited(start_kernel, tmp_path, session_processes_hard=20)
    with kernel.client() as client:
        client.run(C)
        run = client.run("for i = 1, 60 do if ffi.C.fork() == 0 then ffi.C.pause() end; "
                         "ffi.C.usleep(20000) end; ffi.C.pause()")
        assert run.status == "error"
        assert run.content["ename"] == "ProcessLimitExceeded"
        check_as_before(client, run.count)


def test_a_session_with_threads_says_what_a_crash_will_cost(start_kernel):
    kernel = start_kernel().settle()
    kernel.crashes_expected = True
    kernel.expect_log("worker|checkpoint")
    with kernel.client() as client:
        client.run(C + 'ffi.cdef[[int pthread_create(unsigned long *, void *, void *, void *);]]')
        client.run('local t = ffi.new("unsigned long[1]"); '
                   'ffi.C.pthread_create(t, nil, ffi.cast("void *", ffi.C.pause), nil)')
        limits.poll_until(lambda: "threads" in kernel.stderr_text(), limits.STOP, "a line in the log")
        client.run("late = 1")

        def status():
            return client.run("%status").of_type("display_data")[0]["data"]["text/plain"]
        # The copy that the first cell left counts from when it says that it is ready.
        limits.poll_until(lambda: "there will be no more: it has started threads" in status(),
                          limits.STOP, status)
        run = client.run("ffi.C.abort()")
        assert run.status == "error"
        assert "before this one did is lost" in run.content["evalue"] or \
            "state is lost" in run.content["evalue"]
        client.check_alive()


@pytest.mark.time_limit(100)
def test_deaths_leave_nothing_behind(precious, kernel):
    memory = procs.memory_kib(kernel.pid)
    for n in range(200):
        run = precious.run("precious = nil; ffi.C.raise(11)")
        assert run.status == "error"
    check_as_before(precious, run.count)
    if not kernels.is_instrumented():
        assert procs.memory_kib(kernel.pid) < memory + 1024


def test_a_death_is_told_at_once(precious):
    start = time.monotonic()
    for _ in range(10):
        assert precious.run("ffi.C.raise(9)").status == "error"
    assert time.monotonic() - start < 10 * limits.SCALE
