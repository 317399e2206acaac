"""What a cell shows keeps its order, whichever way it goes: Lua's prints, C's, children's, displays."""
import random

import pytest

from harness import limits

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

FFI = """
ffi = require "ffi"
ffi.cdef[[
long write(int, const void *, size_t); int puts(const char *); int fflush(void *); int fork(void);
int pipe(int *); int dup(int); int dup2(int, int); int close(int); long read(int, void *, size_t);
void _exit(int); int waitpid(int, int *, int); int getpid(void); int kill(int, int);
]]
"""

# What prints the text to stdout or stderr. Those to stdout only are for both.
WAYS = {
    "print": ("stdout", 'print("{}")', "{}\n"),
    "write": ("stdout", 'io.write("{}")', "{}"),
    "error": ("stderr", 'io.stderr:write("{}")', "{}"),
    "several": ("stdout", 'for i = 1, 30 do print("{}", i) end',
                "".join("{}" + f"\t{i}\n" for i in range(1, 31))),
    "child": ("stdout", 'os.execute("echo {}")', "{}\n"),
    "child error": ("stderr", 'os.execute("echo {} >&2")', "{}\n"),
    "popen": ("stdout", 'do local p = io.popen("cat", "w"); p:write("{}"); p:close() end', "{}"),
    "file": ("stdout", 'do local f = io.open("/dev/stdout", "a"); f:write("{}"); f:close() end',
             "{}"),
}
C_WAYS = {
    "C write": ("stdout", 'ffi.C.write(1, "{0}", #"{0}")', "{}"),
    "C write error": ("stderr", 'ffi.C.write(2, "{0}", #"{0}")', "{}"),
    "C puts": ("stdout", 'ffi.C.puts("{}"); ffi.C.fflush(nil)', "{}\n"),
}
SHOWS = ("display", "clear")


def shown(run):
    """[(kind, text)], neighbours of the same kind of stream joined."""
    sequence = []
    for message in run.outputs:
        content = message.content
        if message.type == "stream":
            item = (content["name"], content["text"])
        elif message.type == "display_data":
            item = ("display", content["data"]["text/plain"])
        elif message.type == "clear_output":
            item = ("clear", "")
        else:
            continue
        if sequence and item[0] in ("stdout", "stderr") and sequence[-1][0] == item[0]:
            sequence[-1] = (item[0], sequence[-1][1] + item[1])
        else:
            sequence.append(item)
    return sequence


LUA_WAYS = ("print", "write", "error", "several")


class Cell:
    """Code, and what it shows."""

    def __init__(self):
        self.code = []
        self.expected = []
        self.waiting = None  # the pipe in which something may wait

    def show(self, kind, text):
        self.code.append(f'display.text("{text}")' if kind == "display" else "display.clear()")
        self.expected.append((kind, text if kind == "display" else ""))
        self.waiting = None

    def print(self, kind, text, ways):
        name, line, output = ways[kind]
        if kind not in LUA_WAYS:
            if self.waiting not in (None, name):
                self.show("display", "between")  # two pipes have no order
            self.waiting = name
        elif self.waiting != name:
            self.waiting = None
        output = output.replace("{}", text)
        self.code.append(line.format(text))
        if self.expected and self.expected[-1][0] == name:
            self.expected[-1] = (name, self.expected[-1][1] + output)
        else:
            self.expected.append((name, output))


def make_cell(seed, ways, steps):
    rng = random.Random(seed)
    cell = Cell()
    for step in range(steps):
        kind = rng.choice([*ways, *LUA_WAYS, *LUA_WAYS, *SHOWS])
        text = f"{step}." + "x" * rng.choice([0, 1, 7, 300])
        if kind in SHOWS:
            cell.show(kind, text)
        else:
            cell.print(kind, text, ways)
    return "\n".join(cell.code) + "\n;", cell.expected


@pytest.mark.parametrize("seed", range(12))
def test_prints_children_and_displays_keep_their_order(client, seed):
    code, expected = make_cell(seed, WAYS, 60)
    run = client.run(code, timeout=6 * limits.EVENT)
    assert run.status == "ok", run
    assert shown(run) == expected


@pytest.mark.parametrize("seed", range(12))
def test_prints_of_c_code_keep_their_order_with_lua_s(client, seed):
    client.run(FFI)
    code, expected = make_cell(seed, WAYS | C_WAYS, 60)
    run = client.run(code, timeout=6 * limits.EVENT)
    assert run.status == "ok", run
    assert shown(run) == expected


def test_a_child_s_prints_come_between_those_around_it(client):
    run = client.run("for i = 1, 300 do print('a' .. i) os.execute('echo b' .. i) print('c' .. i) end",
                     timeout=6 * limits.EVENT)
    assert run.text() == "".join(f"a{i}\nb{i}\nc{i}\n" for i in range(1, 301))


def test_what_a_child_says_on_stderr_comes_before_what_is_printed_when_it_was_heard(client):
    """The child's line to us comes after its line to stderr."""
    run = client.run("""
        local child = io.popen("for i in 1 2 3 4 5 6 7 8 9; do echo e$i >&2; echo o$i; sleep 0.02; done")
        for line in child:lines() do print(line) end
        child:close()""")
    assert shown(run) == [pair for i in range(1, 10)
                          for pair in (("stderr", f"e{i}\n"), ("stdout", f"o{i}\n"))]


@pytest.mark.parametrize("code", [
    "os.execute('kill -9 $PPID')",
    "ffi = require 'ffi'; ffi.cdef 'void abort(void);'; ffi.C.abort()",
    "ffi = require 'ffi'; ffi.cast('int *', 8)[0] = 1",
], ids=["killed", "aborted", "segmentation fault"])
def test_what_was_printed_before_a_crash_is_shown(kernel, client, code):
    kernel.expect_log("was killed by signal")
    for count in (1, 20_000):
        run = client.run(f"for i = 1, {count} do print(i) end io.stderr:write('last')\n" + code,
                         timeout=6 * limits.EVENT)
        assert run.errors, run
        assert run.text("stdout") == "".join(f"{i}\n" for i in range(1, count + 1))
        assert run.text("stderr") == "last"


def test_a_checkpoint_prints_on_where_the_dead_session_stopped(kernel, client):
    kernel.expect_log("was killed by signal")
    for i in range(4):
        client.run(f"kept = {i}")
        client.run("print(('x'):rep(100000)) os.execute('kill -9 $PPID')")
        run = client.run("print(kept) io.stderr:write('e') print('on')")
        assert shown(run) == [("stdout", f"{i}\n"), ("stderr", "e"), ("stdout", "on\n")]


def test_a_forked_copy_prints_through_the_pipe(client):
    """What both print is there, and each one's is in order."""
    client.run(FFI)
    run = client.run("""
        print("parent before")
        local pid = ffi.C.fork()
        if pid == 0 then
            for i = 1, 1000 do print("child " .. i) io.stderr:write("error " .. i .. "\\n") end
            ffi.C._exit(0)
        end
        for i = 1, 1000 do print("parent " .. i) end
        ffi.C.waitpid(pid, nil, 0)
        print("parent after")""", timeout=6 * limits.EVENT)
    assert run.status == "ok", run
    lines = run.text("stdout").splitlines()
    assert lines[0] == "parent before" and lines[-1] == "parent after"
    assert [line for line in lines if line.startswith("child")] == \
        [f"child {i}" for i in range(1, 1001)]
    assert [line for line in lines[1:-1] if line.startswith("parent")] == \
        [f"parent {i}" for i in range(1, 1001)]
    assert run.text("stderr") == "".join(f"error {i}\n" for i in range(1, 1001))


def test_prints_follow_a_redirection_of_descriptor_1(client):
    """As those of any program do."""
    client.run(FFI)
    run = client.run("""
        local ends = ffi.new("int[2]")
        ffi.C.pipe(ends)
        print("before")
        local saved = ffi.C.dup(1)
        ffi.C.dup2(ends[1], 1)
        print("captured")
        io.stderr:write("error")
        ffi.C.dup2(saved, 1)
        ffi.C.close(saved) ffi.C.close(ends[1])
        local text = ffi.new("char[100]")
        local size = ffi.C.read(ends[0], text, 100)
        ffi.C.close(ends[0])
        print("after", ffi.string(text, size))""")
    assert shown(run) == [("stdout", "before\n"), ("stderr", "error"),
                          ("stdout", "after\tcaptured\n\n")]


def test_prints_to_a_closed_descriptor_are_gone(client):
    client.run(FFI)
    run = client.run("""
        local saved = ffi.C.dup(1)
        ffi.C.close(1)
        print("lost")
        io.stderr:write("error")
        ffi.C.dup2(saved, 1)
        ffi.C.close(saved)
        print("shown")""")
    assert run.status == "ok", run
    assert shown(run) == [("stderr", "error"), ("stdout", "shown\n")]


def test_the_first_print_after_one_that_left_processes_is_this_cell_s(client):
    client.late_streams = True
    for i in range(5):
        client.run(f"os.execute('sleep 0.2 &') print('one {i}')")
        run = client.run(f"print('two {i}') display.text('x') print('three')")
        assert shown(run) == [("stdout", f"two {i}\n"), ("display", "x"), ("stdout", "three\n")]


def test_an_interrupt_ends_a_flood_at_once(client):
    """While the memory for prints is full most of the time."""
    for _ in range(3):
        running = client.start("print('started') while true do print(('y'):rep(1000)) end")
        client.interrupt()
        assert client.finish(running).status == "aborted"
        assert client.run("print('on')").text() == "on\n"


def test_a_frozen_worker_holds_nobody_up(client):
    """What it printed before is shown; control answers; it goes on when it is woken."""
    client.run(FFI)
    running = client.start("""
        print("started")
        local pid = ffi.C.fork()
        if pid == 0 then
            os.execute("sleep 0.5")
            ffi.C.kill(tonumber(io.open("/proc/self/stat"):read("a"):match("%) %S (%d+)")), 18)
            ffi.C._exit(0)
        end
        ffi.C.kill(ffi.C.getpid(), 19)
        ffi.C.waitpid(pid, nil, 0)
        print("woken")""")
    assert client.ask("kernel_info_request", channel="control").content["status"] == "ok"
    assert client.finish(running).text().endswith("woken\n")


def test_buffered_prints_are_kept_in_order(client):
    run = client.run("""
        io.stdout:setvbuf("full")
        io.write("a") print("b", 1)
        io.stdout:setvbuf("no")
        print("c")""")
    assert run.text() == "ab\t1\nc\n"


@pytest.mark.parametrize("values, text", [
    ("1, -1, 0", "1\t-1\t0"), ("math.mininteger, math.maxinteger",
                              "-9223372036854775808\t9223372036854775807"),
    ("'', 'a', ''", "\ta\t"), ("1.5, 2.0, 1e100", "1.5\t2.0\t1e+100"),
    ("nil, true, false", "nil\ttrue\tfalse"), ("'a\\0b', 1", "a\0b\t1"),
    ("('x'):rep(479)", "x" * 479), ("('x'):rep(480), 1", "x" * 480 + "\t1"),
    ("('x'):rep(470), 123456789", "x" * 470 + "\t123456789"),
    ("('x'):rep(478), ''", "x" * 478 + "\t"),
    ("('x'):rep(2000)", "x" * 2000), ("setmetatable({}, {__tostring = function() return 'own' end})",
                                      "own"),
], ids=range(12))
def test_print_shows_each_value_as_tostring_does(client, values, text):
    assert client.run(f"print({values})").text() == text + "\n"


def test_print_respects_metamethods_of_plain_values(client):
    run = client.run("""
        local strings = getmetatable("")
        strings.__tostring = function(s) return "<" .. s .. ">" end
        debug.setmetatable(1, {__tostring = function(n) return "number" end})
        pcall(print, "s", 1)
        strings.__tostring = nil
        debug.setmetatable(1, nil)""")
    assert run.text() == "<s>\tnumber\n"
