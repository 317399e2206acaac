"""Interrupts. Each test proves by another cell that the kernel is well, not by the reply alone."""
import os
import signal

import pytest

EVALUATORS = ["lua", "python"]

# Some of the tests that are marked as Hilum's own fail on ipykernel 6.17, which aborts also what is
# sent after the interrupt.

# Ways not to end, each after it has printed "started".
ENDLESS = {
    "an empty loop": 'print("started"); while true do end',
    "an empty repeat": 'print("started"); repeat until false',
    "a goto": 'print("started"); ::again:: goto again',
    "a loop that calls": 'print("started"); local function f() end; while true do f() end',
    "a pcall in a loop": 'print("started"); while true do pcall(function() while true do end end) end',
    "pcall of error in a loop": 'print("started"); while true do pcall(error, "x") end',
    "a coroutine": 'print("started"); coroutine.wrap(function() while true do end end)()',
    "coroutines in a loop": 'print("started"); while true do coroutine.wrap(function() '
                            'coroutine.yield() end)() end',
    "a coroutine that was made before": 'co = co or coroutine.create(function() while true do end end);'
                                        'print("started"); while true do coroutine.resume(co) end',
    "a coroutine in a coroutine": 'print("started"); coroutine.wrap(function() coroutine.wrap('
                                  'function() while true do end end)() end)()',
    "string.rep in a loop": 'print("started"); while true do local s = ("x"):rep(1000000) end',
    "patterns in a loop": 'print("started"); local s = ("a"):rep(30); while true do s:find("a-a-a-b") end',
    "gsub with a callback": 'print("started"); while true do ("x"):rep(1000):gsub("x", function() end) end',
    "sort with a comparison": 'print("started"); while true do local t = {} for i = 1, 1000 do '
                              't[i] = -i end table.sort(t, function(a, b) return a < b end) end',
    "a metamethod": 'print("started"); local t = setmetatable({}, {__index = function(t, k) '
                    'while true do end end}); return t.x',
    "a deep recursion": 'print("started"); local function f(n) if n == 0 then while true do end end '
                        'return 1 + f(n - 1) end f(1000)',
    "a printing loop": 'print("started"); while true do print("x") end',
    "os.execute": 'print("started"); os.execute("sleep 100")',
    "os.execute in a loop": 'print("started"); while true do os.execute("sleep 100") end',
    "a shell that ignores SIGINT's first child": 'print("started"); os.execute("sleep 100; sleep 100")',
    "io.popen": 'print("started"); local p = io.popen("sleep 100"); local r = p:read("a"); p:close(); return r',
    "a for loop over huge numbers": 'print("started"); for i = 1, math.maxinteger do end',
    "load": 'print("started"); while true do load("return 1")() end',
    "a finalizer": 'print("started"); while true do setmetatable({}, {__gc = function() end}) end',
}


def check_interrupted(kernel, run):
    assert run.status == kernel.dialect.interrupted_status
    error, = run.errors
    assert error["ename"] == kernel.dialect.interrupted_name
    assert isinstance(run.count, int)


def interrupt_when_started(kernel, client, code):
    running = client.start(code)
    client.interrupt()
    run = client.finish(running)
    check_interrupted(kernel, run)
    return run


@pytest.mark.hilum
def test_an_interrupt_is_answered(client):
    assert client.interrupt().content == {"status": "ok"}


@pytest.mark.parametrize("name", ["spin", "sleep"])
def test_a_cell_stops_when_interrupted(kernel, client, snippet, name):
    interrupt_when_started(kernel, client, snippet(name))
    client.check_alive()


@pytest.mark.hilum
@pytest.mark.parametrize("name", ENDLESS)
def test_every_kind_of_endless_lua_stops(kernel, client, name):
    client.run("kept = 42")
    interrupt_when_started(kernel, client, ENDLESS[name])
    assert client.run("return kept").result == "42", "the session is another one"
    # What the cell left open is Lua's to close, as is a child that nobody has waited for.
    client.run("collectgarbage() collectgarbage()")


@pytest.mark.hilum
@pytest.mark.parametrize("code", [
    # A single call into C.
    'print("started"); return (("a"):rep(40)):find((".-"):rep(20) .. "b")',
    # An error handler that loops on the interrupt itself.
    'print("started"); while true do xpcall(function() while true do end end, '
    'function() while true do end end) end',
], ids=["pattern", "handler"])
def test_what_only_force_can_stop_is_stopped_by_force(kernel, client, code):
    """Either way the cell ends and the next one runs."""
    kernel.expect_log("")
    running = client.start(code)
    client.interrupt()
    run = client.finish(running)
    assert run.status in ("aborted", "error")
    client.check_alive()


def test_what_was_printed_before_an_interrupt_is_kept(kernel, client, snippet):
    assert interrupt_when_started(kernel, client, snippet("spin")).text() == "started\n"


@pytest.mark.hilum
def test_state_survives_an_interrupt(kernel, client, snippet):
    client.run(snippet("assign"))
    interrupt_when_started(kernel, client, snippet("spin"))
    code, expected = snippet("recall")
    assert client.run(code).result == expected


@pytest.mark.hilum
@pytest.mark.time_limit(90)
def test_twenty_interrupts_in_a_row(kernel, client, snippet):
    for _ in range(20):
        interrupt_when_started(kernel, client, snippet("spin"))
        code, expected = snippet("value")
        assert client.run(code).result == expected


@pytest.mark.hilum
def test_an_interrupt_right_after_busy_is_not_lost(kernel, client):
    """The kernel has taken the cell on, the evaluator may not have: it counts all the same."""
    for _ in range(60):
        running = client.execute("while true do end")
        client.waiting["iopub"].insert(0, client.iopub_of(running, "status"))
        client.interrupt()
        check_interrupted(kernel, client.finish(running))
    client.check_alive()


def test_an_interrupt_while_idle_does_not_hit_the_next_cell(client, snippet):
    code, expected = snippet("value")
    for _ in range(10):
        client.interrupt()
        assert client.run(code).result == expected


@pytest.mark.hilum
def test_many_interrupts_while_idle_do_not_hit_the_next_cell(client, snippet):
    code, expected = snippet("value")
    for _ in range(10):
        for request in [client.send("control", "interrupt_request") for _ in range(10)]:
            client.reply(request)
            client.until_idle(request)
        assert client.run(code).result == expected


@pytest.mark.hilum
def test_many_interrupts_of_one_cell_do_not_hit_the_next(kernel, client, snippet):
    code, expected = snippet("value")
    for _ in range(10):
        running = client.start(snippet("spin"))
        interrupts = [client.send("control", "interrupt_request") for _ in range(10)]
        check_interrupted(kernel, client.finish(running))
        for request in interrupts:
            client.reply(request)
            client.until_idle(request)
        assert client.run(code).result == expected


@pytest.mark.hilum
def test_an_interrupt_races_with_the_end_of_a_cell(kernel, client):
    """Whoever wins, the reply is valid and the next cell is not hit."""
    for number in range(30):
        running = client.execute(f"for i = 1, {number * 20000} do end")
        client.interrupt()
        assert client.finish(running).status in ("ok", "aborted")
        assert client.run("1+1").result == "2"


@pytest.mark.hilum
def test_an_interrupt_aborts_what_is_queued(kernel, client, snippet):
    value, expected = snippet("value")
    running = client.start(snippet("spin"))
    queued = [client.execute(value) for _ in range(5)]
    client.let_arrive()
    client.interrupt()
    check_interrupted(kernel, client.finish(running))
    statuses = [client.finish(request).status for request in queued]
    assert statuses == ["aborted"] * 5
    assert client.run(value).result == expected


@pytest.mark.hilum
def test_cells_sent_after_the_interrupt_run(client, snippet):
    value, expected = snippet("value")
    running = client.start(snippet("spin"))
    client.interrupt()
    client.finish(running)
    requests = [client.execute(value) for _ in range(5)]
    assert [client.finish(request).result for request in requests] == [expected] * 5


def test_sigint_to_the_kernel_interrupts_the_cell(kernel, client, snippet):
    running = client.start(snippet("spin"))
    os.kill(kernel.pid, signal.SIGINT)
    check_interrupted(kernel, client.finish(running))
    client.check_alive()


def test_sigint_to_an_idle_kernel_does_nothing(kernel, client):
    for _ in range(5):
        os.kill(kernel.pid, signal.SIGINT)
        client.check_alive()


@pytest.mark.hilum
def test_sigint_to_the_whole_process_group_interrupts_the_cell(kernel, client, snippet):
    """What Ctrl-C in a terminal does."""
    running = client.start(snippet("spin"))
    os.killpg(kernel.pid, signal.SIGINT)
    check_interrupted(kernel, client.finish(running))
    os.killpg(kernel.pid, signal.SIGINT)
    client.check_alive()


@pytest.mark.hilum
def test_an_interrupted_child_leaves_no_process(kernel, client):
    """The audit after the test looks for the sleep as well."""
    interrupt_when_started(kernel, client, 'print("started"); os.execute("sleep 100 | sleep 100")')
    client.check_alive()


@pytest.mark.hilum
def test_interrupt_on_shell_is_answered_too(client, snippet):
    """Some clients have no control channel. While nothing runs, that is all that can be seen."""
    request = client.send("shell", "interrupt_request")
    client.reply(request)
    client.until_idle(request)
    client.check_alive()
