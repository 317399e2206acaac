"""Limits: what a cell or a session may use. After each breach the next cell runs, and nothing is left
of the cell that went too far."""
import json
import os
import re

import pytest

from harness import kernel as kernels
from harness import limits, procs
from harness.checkpoints import settled

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

measures_memory = pytest.mark.skipif(kernels.is_instrumented(),
                                     reason="sanitizers and valgrind have memory of their own")

SPIN = "while true do end"
SPIN_PROTECTED = "while true do pcall(function() while true do end end) end"
# One call into C that no interrupt ends.
SPIN_IN_C = 'return (("a"):rep(40)):find((".-"):rep(20) .. "b")'
SHELL_SPIN = 'os.execute("while :; do :; done")'
# A limit that the cell of a test surely reaches, and those around it do not, on a busy machine either.
SOON = 0.5 * limits.SCALE
GROW = "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end"
GROW_SMALL = "local t = {} while true do t[#t + 1] = {} end"
# tail keeps all of a line that does not end.
CHILD_GROWS = 'os.execute("head -c 300000000 /dev/zero | tail -n 1 > /dev/null")'


@pytest.fixture
def limited(start_kernel, tmp_path):
    """limited(cell_wall_seconds=1): a client of a kernel that has these limits. At the end the kernel
    is audited: descriptors and processes are what they were."""
    clients = []

    def start(grace=2 * limits.SCALE, **values):
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"limits": values, "interrupt": {"grace_seconds": grace}}))
        kernel = start_kernel(arguments=["--config", str(config)]).settle()
        client = kernel.client()
        clients.append(client)
        client.run("kept = 41")
        settled(client, 1)  # else the first cell may be killed before it is safe
        return client
    yield start
    for client in clients:
        # Until checkpoints are gone that were made while the last test's processes ran.
        for number in range(3):
            client.run(f"kept = {number}")
        client.close()
        client.kernel.audit()


def told(seconds):
    """As the kernel writes it."""
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"


def check_breach(run, name, *parts):
    """An error, told in the reply and on IOPub, that has all the parts."""
    assert run.status == "error", run
    error, = run.errors
    assert error["ename"] == run.content["ename"] == name
    assert error["evalue"] == run.content["evalue"]
    for part in parts:
        assert part in error["evalue"]


def check_state_kept(client):
    assert client.run("return kept + 1").result == "42"


def breaks_softly(client, code, name, *parts, **options):
    check_breach(client.run(code, **options), name, *parts)
    check_state_kept(client)


def breaks_hard(client, code, name, *parts, **options):
    client.kernel.expect_log("The session's state is as it was before this cell")
    client.kernel.crashes_expected = True
    changed = "kept = 0 "
    check_breach(client.run(changed + code, **options), name, "and was killed",
                 "The session's state is as it was before this cell.", *parts)
    check_state_kept(client)


# ---- wall time ----

@pytest.mark.parametrize("code", [SPIN, SPIN_PROTECTED, 'os.execute("sleep 30")', SHELL_SPIN])
def test_a_cell_that_runs_too_long_is_interrupted(limited, code):
    client = limited(cell_wall_seconds=SOON)
    breaks_softly(client, code, "TimeLimitExceeded", "this cell ran for ",
                  f"the limit of {told(SOON)} (limits.cell_wall_seconds)")


def test_what_was_printed_before_the_breach_is_kept(limited):
    client = limited(cell_wall_seconds=SOON)
    run = client.run('print("before") ' + SPIN)
    assert run.text() == "before\n"


def test_time_begins_anew_with_each_cell(limited):
    """Together they take longer than one of them may."""
    client = limited(cell_wall_seconds=2 * limits.SCALE)
    for _ in range(4):
        assert client.run(f'os.execute("sleep {0.6 * limits.SCALE}")').status == "ok"


def test_a_cell_that_ignores_the_interrupt_is_killed_after_the_grace_period(limited):
    client = limited(grace=0.3, cell_wall_seconds=SOON)
    breaks_hard(client, SPIN_IN_C, "TimeLimitExceeded", "did not stop within 0.3 s",
                "limits.cell_wall_seconds")


@pytest.mark.parametrize("code", [SPIN, SPIN_IN_C])
def test_a_cell_above_the_hard_limit_of_time_is_killed(limited, code):
    client = limited(cell_wall_seconds_hard=SOON)
    breaks_hard(client, code, "TimeLimitExceeded",
                f"the hard limit of {told(SOON)} (limits.cell_wall_seconds_hard)")


def test_the_hard_limit_ends_the_grace_period(limited):
    client = limited(grace=60, cell_wall_seconds=SOON, cell_wall_seconds_hard=1.5 * SOON)
    breaks_hard(client, SPIN_IN_C, "TimeLimitExceeded", "limits.cell_wall_seconds_hard")


def spin_before(client, **fields):
    """A cell that will be stopped, and three that wait behind it. While it asks, its time stands
    still."""
    running = client.execute('io.read("l") ' + SPIN, allow_stdin=True, **fields)
    question = client.recv("stdin")
    queued = [client.execute("return 1") for _ in range(3)]
    client.let_arrive()
    client.send("stdin", "input_reply", {"value": ""}, parent_header=question.header)
    return running, queued


def test_queued_cells_are_aborted_as_after_any_error(limited):
    client = limited(cell_wall_seconds=SOON)
    running, queued = spin_before(client)
    check_breach(client.finish(running), "TimeLimitExceeded")
    assert [client.finish(request).status for request in queued] == ["aborted"] * 3
    check_state_kept(client)


def test_queued_cells_run_without_stop_on_error(limited):
    client = limited(cell_wall_seconds=SOON)
    running, queued = spin_before(client, stop_on_error=False)
    check_breach(client.finish(running), "TimeLimitExceeded")
    assert [client.finish(request).result for request in queued] == ["1"] * 3


def test_an_interrupt_by_the_user_is_none_by_a_limit(limited):
    client = limited(cell_wall_seconds=30, cell_cpu_seconds=30, session_memory_mb=10000)
    running = client.start('print("started") ' + SPIN)
    client.interrupt()
    assert client.finish(running).status == "aborted"
    check_state_kept(client)


def test_the_clock_stands_still_while_the_user_is_asked(limited):
    client = limited(cell_wall_seconds=SOON)
    running = client.execute('local line = io.read("l") print(line) ' + SPIN, allow_stdin=True)
    question = client.recv("stdin")
    with pytest.raises(limits.TimeLimit):
        client.reply(running, timeout=2 * SOON)
    client.send("stdin", "input_reply", {"value": "answer"}, parent_header=question.header)
    run = client.finish(running)
    check_breach(run, "TimeLimitExceeded")
    assert run.text() == "answer\n"


def test_a_completion_that_runs_too_long_is_answered(limited):
    client = limited(cell_wall_seconds=SOON)
    client.run("endless = setmetatable({}, {__pairs = function() while true do end end, "
               "__index = function() while true do end end})")
    reply = client.ask("complete_request", {"code": "endless.", "cursor_pos": 8})
    assert reply.content["status"] in ("ok", "error")
    check_state_kept(client)


# ---- CPU time ----

@pytest.mark.parametrize("code", [
    SPIN, SPIN_PROTECTED, SHELL_SPIN,
    'for i = 1, 1000 do os.execute("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done") end',
    'os.execute("while :; do :; done &") os.execute("sleep 30")'])
def test_a_cell_that_uses_too_much_cpu_is_interrupted(limited, code):
    client = limited(cell_cpu_seconds=0.3)
    breaks_softly(client, code, "CpuLimitExceeded", "this cell used ",
                  " of CPU time, more than the limit of 300 ms (limits.cell_cpu_seconds)")


def test_a_cell_above_the_hard_limit_of_cpu_is_killed(limited):
    client = limited(cell_cpu_seconds_hard=0.3)
    breaks_hard(client, SPIN_IN_C, "CpuLimitExceeded", "limits.cell_cpu_seconds_hard")


def test_waiting_uses_no_cpu(limited):
    client = limited(cell_cpu_seconds=0.3)
    assert client.run('os.execute("sleep 1")').status == "ok"


def test_cpu_of_earlier_cells_and_what_they_left_running_is_not_charged(limited):
    client = limited(cell_cpu_seconds=0.5)
    assert client.run('os.execute("(while :; do :; done) & echo $! > pid")').status == "ok"
    for _ in range(3):
        assert client.run('os.execute("sleep 0.5")').status == "ok"
    client.run('os.execute("kill -9 $(cat pid)")')


# ---- memory ----

@measures_memory
@pytest.mark.parametrize("code", [GROW, GROW_SMALL, "local s = ('x'):rep(200000000)"])
def test_lua_runs_out_of_memory_at_the_limit(limited, code):
    client = limited(session_memory_mb=60)
    breaks_softly(client, code, "MemoryLimitExceeded", "60 MB", "limits.session_memory_mb")


@measures_memory
def test_lack_of_memory_is_an_ordinary_error_in_lua(limited):
    client = limited(session_memory_mb=60)
    run = client.run(f"local ok, message = pcall(function() {GROW} end) "
                     "collectgarbage() return ok, message")
    assert run.status == "ok" and run.result == 'false\t"not enough memory"'
    check_state_kept(client)


@measures_memory
@pytest.mark.parametrize("code", [CHILD_GROWS, 'os.execute("trap \'\' INT; head -c 300000000 '
                                               '/dev/zero | tail -n 1 > /dev/null; sleep 30")'])
def test_memory_of_children_counts(limited, code):
    client = limited(session_memory_mb=60)
    breaks_softly(client, code, "MemoryLimitExceeded", "the session held ", "limits.session_memory_mb")


@measures_memory
def test_a_session_above_the_hard_limit_of_memory_is_killed(limited):
    client = limited(session_memory_mb_hard=60)
    breaks_hard(client, GROW_SMALL, "MemoryLimitExceeded", "limits.session_memory_mb_hard")


@measures_memory
def test_what_is_far_beyond_the_hard_limit_is_refused_by_the_system(limited):
    client = limited(session_memory_mb_hard=60)
    breaks_softly(client, "local s = ('x'):rep(1000000000)", "MemoryLimitExceeded",
                  "not enough memory", "limits.session_memory_mb_hard")


@measures_memory
def test_a_session_at_its_limit_can_clean_up(limited):
    client = limited(session_memory_mb=60)
    check_breach(client.run("big = {} while true do big[#big + 1] = ('x'):rep(100000) .. #big end"),
                 "MemoryLimitExceeded")
    assert int(client.run("return #big").result) > 300
    assert client.run("big = nil collectgarbage() collectgarbage()").status == "ok"
    assert client.run("local s = ('x'):rep(20000000) return #s").result == "20000000"


@measures_memory
def test_forked_children_that_share_memory_count_it_once(limited):
    """Lua has no fork, but a shell has."""
    client = limited(session_memory_mb=60)
    assert client.run('os.execute([[x=$(head -c 20000000 /dev/zero | tr "\\\\0" a); '
                      'for i in 1 2 3 4 5 6; do (sleep 0.4; :) & done; wait]])').status == "ok"
    check_state_kept(client)


# ---- processes ----

# Counted, and nothing that starts others: a test must not endanger the machine that it runs on.
START_MANY = 'for i = 1, 30 do os.execute("sleep 30 &") end '

def test_too_many_processes_are_stopped(limited):
    client = limited(session_processes=10)
    breaks_softly(client, START_MANY + SPIN,
                  "ProcessLimitExceeded", "the session had ",
                  " processes, more than the limit of 10 (limits.session_processes)")


def test_too_many_processes_under_the_hard_limit_cost_the_session(limited):
    client = limited(session_processes_hard=10)
    breaks_hard(client, START_MANY + SPIN, "ProcessLimitExceeded", "limits.session_processes_hard")


def test_processes_that_leave_the_group_are_killed_too(limited):
    client = limited(session_processes_hard=10)
    breaks_hard(client, 'for i = 1, 30 do os.execute("setsid sleep 30 &") end ' + SPIN,
                "ProcessLimitExceeded")


def test_what_a_quick_cell_leaves_running_is_watched_after_its_end(limited):
    client = limited(session_processes=5)
    client.kernel.expect_log("processes that cells had left running were killed")
    client.late_streams = True
    run = client.run('for i = 1, 6 do os.execute("sleep 30 &") end')
    if run.status == "ok":
        late = client.iopub(lambda m: m.type == "stream", limits.EVENT, "a notice")
        assert late.parent_id == run.request.msg_id and late.content["name"] == "stderr"
        assert "more than the limit of 5 (limits.session_processes)" in late.content["text"]
    limits.poll_until(lambda: not any(procs.command(pid)[:1] == ["sleep"]
                                      for pid in procs.family(client.kernel.tag)),
                      limits.EVENT, "no sleep left")
    client.drain()
    check_state_kept(client)


def test_a_few_processes_may_stay_in_the_background(limited):
    client = limited(session_processes=5, session_memory_mb=1000)
    client.run('os.execute("sleep 30 & echo $! > pid")')
    assert client.run('os.execute("sleep 0.6") return 1').result == "1"
    assert client.run('return os.execute("kill $(cat pid)")').result.startswith("true")


# ---- open files ----

OPEN_MANY = 'files = {} for i = 1, 100 do files[i] = assert(io.open("/dev/null")) end '
CLOSE_THEM = "for _, file in ipairs(files) do file:close() end files = nil"


def test_too_many_open_files_are_noticed(limited):
    client = limited(session_open_files=50)
    breaks_softly(client, OPEN_MANY + SPIN, "OpenFilesLimitExceeded",
                  "more than the limit of 50 (limits.session_open_files)")
    assert client.run(CLOSE_THEM).status == "ok"


def test_beyond_the_hard_limit_the_system_opens_no_more_files(limited):
    client = limited(session_open_files_hard=50)
    run = client.run(OPEN_MANY)
    assert run.status == "error" and "Too many open files" in run.content["evalue"]
    check_state_kept(client)
    assert client.run(CLOSE_THEM).status == "ok"
    assert client.run(OPEN_MANY.replace("100", "20")).status == "ok"
    assert client.run(CLOSE_THEM).status == "ok"
    assert client.run('os.execute("ulimit -n")').text() == "50\n"


# ---- output ----

def left_out(run):
    notice, = re.findall(r"hilum: (\d+) bytes? of output (?:was|were) left out", run.text("stderr"))
    return int(notice)


def test_output_beyond_the_limit_is_left_out_and_counted(limited):
    client = limited(cell_output_mb=0.001)
    run = client.run('for i = 1, 1000 do print(("x"):rep(99)) end ran_on = true return 7')
    assert run.status == "ok"
    assert run.text() == ("x" * 99 + "\n") * 10
    assert left_out(run) == 1000 * 100 - 1000 + result_size(run, "7")
    assert "1 kB for a cell (limits.cell_output_mb)" in run.text("stderr")
    assert run.result is None
    assert client.run("return ran_on").result == "true"


def result_size(run, text):
    """Bytes of the content of an execute_result, as Hilum writes it."""
    return len(json.dumps({"data": {"text/plain": text}, "metadata": {},
                           "execution_count": run.count}, separators=(",", ":")))


def test_output_up_to_the_limit_is_shown_whole(limited):
    client = limited(cell_output_mb=0.001)
    run = client.run('io.write(("x"):rep(1000))\n;')
    assert run.text() == "x" * 1000
    assert run.text("stderr") == ""
    assert left_out(client.run('io.write(("x"):rep(1001))\n;')) == 1


def test_output_is_cut_at_a_whole_code_point(limited):
    client = limited()
    run = client.run('%limit output=10B\nio.write("12345678\U0001d11e9")\n;')
    assert run.text() == "12345678"
    assert left_out(run) == 5


def test_both_streams_share_the_limit(limited):
    client = limited(cell_output_mb=0.001)
    run = client.run('io.write(("o"):rep(600)) io.stderr:write(("e"):rep(600))\n;')
    assert run.text() == "o" * 600
    assert run.text("stderr").startswith("e" * 400 + "\nhilum: 200 bytes")


def test_a_flood_of_megabytes_is_counted_to_the_byte(limited):
    client = limited(cell_output_mb=0.1)
    run = client.run('local s = ("y"):rep(65536) for i = 1, 500 do io.write(s) end\n;')
    assert run.text() == "y" * 100_000
    assert left_out(run) == 500 * 65536 - 100_000


def test_displays_are_left_out_whole(limited):
    client = limited(cell_output_mb=0.001)
    run = client.run('display("small") display(("x"):rep(5000)) print("later")')
    assert len(run.of_type("display_data")) == 1
    assert run.text() == ""
    assert left_out(run) > 5000


def test_an_error_is_told_however_much_was_printed(limited):
    client = limited(cell_output_mb=0.001)
    run = client.run('print(("x"):rep(5000)) error("boom")')
    check_breach(run, "RuntimeError", "boom")
    assert left_out(run) == 4001


def test_output_begins_anew_with_each_cell(limited):
    client = limited(cell_output_mb=0.001)
    for _ in range(3):
        assert client.run('io.write(("x"):rep(900))\n;').text() == "x" * 900


# ---- %limit ----

def test_a_cell_may_have_lower_limits(limited):
    client = limited(cell_wall_seconds=60)
    breaks_softly(client, "%limit wall=200ms\n" + SPIN, "TimeLimitExceeded", "200 ms (%limit wall)")
    assert client.run('os.execute("sleep 0.4")').status == "ok"


def test_a_cell_may_have_limits_where_the_operator_has_none(limited):
    client = limited()
    breaks_softly(client, "%limit cpu=200ms\n" + SPIN, "CpuLimitExceeded", "(%limit cpu)")
    breaks_softly(client, "%limit processes=5\nfor i = 1, 20 do os.execute('sleep 30 &') end "
                  + SPIN, "ProcessLimitExceeded", "(%limit processes)")
    breaks_softly(client, "%limit files=30\n" + OPEN_MANY + SPIN, "OpenFilesLimitExceeded",
                  "(%limit files)")
    client.run(CLOSE_THEM)
    run = client.run('%limit output=10B\nio.write(("x"):rep(11))\n;')
    assert run.text() == "x" * 10 and left_out(run) == 1


@measures_memory
def test_a_cell_may_have_less_memory(limited):
    client = limited(session_memory_mb=200)
    breaks_softly(client, "%limit memory=50MB wall=20s\n" + GROW, "MemoryLimitExceeded", "50 MB",
                  "(%limit memory)")
    assert client.run("local s = ('x'):rep(60000000) return #s").result == "60000000"


def test_a_cell_cannot_have_more_than_the_operator_allows(limited):
    client = limited(cell_wall_seconds=5, session_memory_mb_hard=100)
    for line, allowed in [("wall=6s", "the 5 s that limits.cell_wall_seconds allows"),
                          ("memory=1GB", "the 100 MB that limits.session_memory_mb_hard allows")]:
        run = client.run(f"%limit {line}\nran = true")
        check_breach(run, "UsageError", allowed)
    assert client.run("return ran").result is None


def test_a_client_cannot_give_itself_more_in_the_request(limited):
    client = limited(session_memory_mb=60)
    if not kernels.is_instrumented():
        run = client.run(GROW, limits={"memory_bytes": 10 ** 12})
        check_breach(run, "MemoryLimitExceeded")
    check_state_kept(client)


@pytest.mark.parametrize("line", ["%limit", "%limit wall", "%limit wall=5", "%limit wal=5s",
                                  "%limit wall=5s wall=5s", "%status now"])
def test_a_bad_line_is_an_error_and_the_cell_does_not_run(kernel, client, line):
    run = client.run(line + "\nran = true print('ran')")
    check_breach(run, "UsageError", "expected" if "wal=" not in line else "did you mean") \
        if "twice" not in run.content["evalue"] and "takes no" not in run.content["evalue"] \
        else check_breach(run, "UsageError")
    assert run.text() == ""
    assert client.run("return ran").result is None


def test_lines_keep_their_numbers(kernel, client):
    run = client.run("\n%limit wall=50s\n%limit cpu=50s\n\nerror('on line five')")
    assert "line 5, " in "\n".join(run.content["traceback"])


def test_the_input_is_told_and_remembered_as_it_was(kernel, client):
    code = "%limit wall=50s\nreturn 1"
    run = client.run(code)
    assert run.result == "1"
    assert run.of_type("execute_input")[0]["code"] == code
    history = client.ask("history_request", {"hist_access_type": "tail", "n": 1, "raw": True,
                                             "output": False})
    assert history.content["history"][-1][2] == code


@pytest.mark.parametrize("code", ["%unknown\n", "%limits wall=5s\n", "% limit wall=5s\n",
                                  " %limit wall=5s\n", "%Limit wall=5s\n", "%\n", "%%limit\n"])
def test_other_lines_with_a_percent_sign_are_the_languages(kernel, client, code):
    check_breach(client.run(code + "return 1"), "SyntaxError")


def test_lines_further_down_are_the_languages(kernel, client):
    check_breach(client.run("x = 1\n%limit wall=5s"), "SyntaxError")


def test_a_cell_of_nothing_else_succeeds(kernel, client):
    before = client.run("1").count
    run = client.run("%limit wall=5s")
    assert run.status == "ok" and run.count == before + 1
    assert run.content["user_expressions"] == {} and run.content["payload"] == []


def test_completion_after_such_a_line(kernel, client):
    code = "%limit wall=5s\nprin"
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)})
    assert "print" in reply.content["matches"]
    assert reply.content["cursor_start"] == len(code) - 4


def test_completeness_of_a_cell_with_such_a_line(kernel, client):
    for code, status in [("%limit wall=5s\nx = 1", "complete"), ("%status", "complete"),
                         ("%limit wall=5s\nfor i = 1, 2 do", "incomplete")]:
        assert client.ask("is_complete_request", {"code": code}).content["status"] == status


# ---- %status ----

def status_rows(run):
    data = run.of_type("display_data")[0]["data"]
    assert data["text/html"].startswith("<table>")
    return {line[:11].strip(): line[13:] for line in data["text/plain"].splitlines()}


def test_status_shows_session_limits_and_use(limited):
    client = limited(cell_wall_seconds=5, session_memory_mb=500, session_processes=20,
                     session_processes_hard=40)
    run = client.run("%status")
    assert run.status == "ok"
    rows = status_rows(run)
    assert rows["session"] == f"lua, ready, process {client.kernel.worker}"
    assert rows["wall time"] == "limit 5 s for a cell"
    assert rows["CPU time"] == "no limit for a cell"
    assert re.fullmatch(r"[\d.]+ [kM]B; limit 500 MB", rows["memory"])
    assert rows["processes"] == "1; limit 20, hard limit 40"
    assert re.fullmatch(r"\d+; no limit", rows["open files"])
    assert rows["queue"] == "0 waiting"
    assert rows["kernel"].startswith(f"process {client.kernel.pid}, ")


def test_status_shows_the_checkpoints(limited):
    client = limited()
    client.run("more = 1")
    sleepers = settled(client, 2)
    row = status_rows(client.run("%status"))["checkpoints"]
    found = re.fullmatch(r"2, depth 1, processes (\d+) (\d+), [\d.]+ [kM]B of their own", row)
    assert {int(pid) for pid in found.groups()} == set(sleepers)


def test_usage_has_the_numbers_of_status(limited):
    client = limited()
    client.run("more = 1")
    settled(client, 2)
    reply = client.ask("usage_request", {}, channel="control")
    numbers = reply.content["hilum"]
    assert numbers["session_pid"] == client.kernel.worker
    assert 0 < numbers["session_memory"] < reply.content["kernel_memory"]
    assert numbers["session_processes"] == 1
    assert numbers["session_open_files"] > 3
    assert numbers["queue"] == 0


def test_status_counts_what_waits(kernel, client):
    running = client.execute('io.read("l")', allow_stdin=True)
    question = client.recv("stdin")
    status, others = client.execute("%status"), [client.execute("1") for _ in range(2)]
    client.let_arrive()
    client.send("stdin", "input_reply", {"value": ""}, parent_header=question.header)
    client.finish(running)
    assert status_rows(client.finish(status))["queue"] == "2 waiting"
    for request in others:
        client.finish(request)


def test_status_can_stand_above_code(kernel, client):
    run = client.run("%status\nprint('and more')")
    assert len(run.of_type("display_data")) == 1
    assert run.text() == "and more\n"


def test_a_silent_status_shows_nothing(kernel, client):
    assert client.run("%status", silent=True).of_type("display_data") == []


# ---- %undo ----

def test_undo_goes_back_a_cell(limited):
    client = limited()
    client.run("kept = 42")
    settled(client, 2)
    run = client.run("%undo")
    assert run.status == "ok"
    assert run.text() == "Went back 1 cell: the session is as it was before it.\n"
    check_state_kept(client)


def test_the_rest_of_the_cell_runs_after_undo(limited):
    client = limited()
    client.run("kept = 0")
    settled(client, 2)
    assert client.run("%undo 1\nreturn kept").result == "41"


def test_undo_beyond_what_is_kept_is_an_error_and_changes_nothing(limited):
    client = limited()
    for _ in range(3):
        client.run("kept = kept + 0")
    run = client.run("%undo 3\nkept = 0")
    check_breach(run, "UsageError", "from 3 cells ago was not kept")
    check_state_kept(client)


@pytest.mark.parametrize("line", ["%undo 0", "%undo -1", "%undo x", "%undo 1 2",
                                  "%undo 99999999999999999999"])
def test_a_bad_undo_changes_nothing(limited, line):
    client = limited()
    check_breach(client.run(line + "\nkept = 0"), "UsageError", "how many cells to go back")
    check_state_kept(client)


def test_lines_that_are_wrong_undo_nothing(limited):
    client = limited()
    client.run("kept = 41")
    check_breach(client.run("%undo\n%limit wall=never"), "UsageError")
    check_state_kept(client)


# ---- cost ----

def test_limits_cost_no_cpu_while_nothing_runs(limited):
    client = limited(cell_wall_seconds=60, cell_cpu_seconds=60, session_memory_mb=10000,
                     session_processes=100, session_open_files=1000, cell_output_mb=100)
    client.check_alive()
    pid = client.kernel.pid
    limits.poll_until(lambda: procs.state(pid) == "S", limits.EVENT, "a sleeping kernel")
    before = switches(pid)
    with pytest.raises(limits.TimeLimit):
        limits.poll_until(lambda: False, 1, "nothing")
    assert switches(pid) - before <= 5


def switches(pid):
    """How often the process has gone to sleep."""
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("voluntary_ctxt_switches:"):
            return int(line.split()[1])
    return 0


def test_core_dumps_are_off_unless_they_are_wanted(limited):
    client = limited()
    assert client.run('os.execute("ulimit -c")').text() == "0\n"
    hard = limited(core_dumps=True).run('os.execute("ulimit -c")').text()
    assert hard.strip() == str(os.popen("ulimit -H -c").read().strip())
