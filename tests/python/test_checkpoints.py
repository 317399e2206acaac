"""No state is lost: a session whose process dies goes on from the state before the cell."""
import json
import os
import signal

import pytest

from harness import kernel as kernels
from harness import procs
from harness.checkpoints import let_fork, new_session, settled

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

KILL = 'os.execute("kill -{} $PPID; sleep 10")'


@pytest.fixture(autouse=True)
def crashes(request):
    """Valgrind reports what we do to the worker here; its own faults show in the other modules."""
    if "kernel" in request.fixturenames:
        kernel = request.getfixturevalue("kernel")
        kernel.crashes_expected = True
        kernel.expect_log("worker")


@pytest.fixture
def configured(start_kernel, tmp_path):
    """configured(depth=3): a kernel with these members in the section "checkpoints"."""
    def start(**members):
        file = tmp_path / "hilum.json"
        file.write_text(json.dumps({"checkpoints": members}))
        kernel = start_kernel(env={"HILUM_CONFIG": str(file)}).settle()
        kernel.crashes_expected = True
        kernel.expect_log("worker")
        return kernel
    return start


def value(client, expression):
    run = client.run(expression)
    assert run.status == "ok", run
    return run.result


@pytest.mark.parametrize("name", ["SEGV", "KILL", "ABRT", "FPE", "BUS", "TERM"])
def test_a_crash_costs_the_cell_and_not_the_state(client, name):
    client.run("before = 41")
    run = client.run("before = 0; " + KILL.format(name))
    assert run.status == "error"
    assert f"SIG{name}" in run.content["evalue"]
    assert "as it was before this cell" in run.content["evalue"]
    again = client.run("before + 1")
    assert again.result == "42"
    assert again.count == run.count + 1


def test_states_survive_crash_after_crash(client):
    client.run("n = 0")
    for expected in range(1, 11):
        assert client.run("n = n + 1").status == "ok"
        assert client.run("n = -1; " + KILL.format("SEGV")).status == "error"
        assert value(client, "n") == str(expected)


def test_a_crash_in_the_very_first_cell_loses_nothing(configured):
    with configured().client() as client:
        run = client.run(KILL.format("SEGV"))
        assert "as it was before this cell" in run.content["evalue"]
        client.check_alive()


def test_a_death_between_cells_costs_nothing(kernel, client):
    client.run("between = 4")
    client.run("between = 5")
    for _ in range(3):
        settled(client, 2)
        old = kernel.worker
        procs.kill(old, signal.SIGKILL)
        new_session(client, old)
        assert value(client, "between") == "5"
        client.run("between = 5")


def test_a_cell_that_ignores_the_interrupt_costs_itself(client, kernel):
    client.run("kept = {1, 2, 3}")
    running = client.start('kept = nil; print("started"); '
                           'while true do pcall(function() while true do end end) end')
    worker = kernel.worker
    procs.kill(worker, signal.SIGSTOP)  # deaf for certain
    client.interrupt()
    run = client.finish(running)
    assert run.status == "aborted"
    assert "killed" in run.errors[0]["evalue"]
    assert "as it was before this cell" in run.errors[0]["evalue"]
    assert value(client, "#kept") == "3"


def test_a_dying_completion_costs_nothing(client):
    client.run("known_name = 1; setmetatable(_G, {__index = function() end})")
    client.run('fatal = setmetatable({}, {__index = function() ' + KILL.format("KILL") + ' end})')
    assert value(client, "known_name") == "1"


def test_functions_and_closures_come_back(client):
    client.run("local count = 0; function counter() count = count + 1; return count end")
    client.run("counter(); counter()")
    client.run("counter(); " + KILL.format("ABRT"))
    assert value(client, "counter()") == "3"


def test_errors_and_interrupts_leave_a_checkpoint_too(client):
    client.run('partly = 1; error("half way")')
    client.run(KILL.format("KILL"))
    assert value(client, "partly") == "1"


def test_a_silent_cell_changes_the_state_that_comes_back(client):
    client.run("quietly = 7", silent=True, store_history=False)
    client.run(KILL.format("KILL"))
    assert value(client, "quietly") == "7"


def test_there_are_no_more_checkpoints_than_the_depth_allows(configured):
    kernel = configured(depth=3)
    with kernel.client() as client:
        for n in range(10):
            client.run(f"x = {n}")
        settled(client, 4)
        client.run("x = -1; " + KILL.format("SEGV"))
        assert value(client, "x") == "9"


def test_a_cell_that_only_looks_needs_no_checkpoint(kernel, client):
    client.run("looked_at = {inner = 5}")
    client.run("looked_at.inner = 6")
    before = settled(client, 2)
    for expression in ("1+1", "looked_at.inner", "looked_at.inner // 2 == 3 and 'yes'"):
        value(client, expression)
    assert settled(client, 2) == before
    client.run(KILL.format("KILL"))
    assert value(client, "looked_at.inner") == "6"


@pytest.mark.parametrize("code", [
    "changed()", "trap.anything", "trap + 1", "-trap", "trap .. 'x'", "trap == other",
    "('x'):upper()", "x = 1"])
def test_whatever_calls_a_function_gets_a_checkpoint(kernel, client, code):
    client.run("""
        hits = 0
        function changed() hits = hits + 1; return hits end
        local meta = {__index = changed, __add = changed, __unm = changed, __concat = changed,
                      __eq = changed}
        trap, other = setmetatable({}, meta), setmetatable({}, meta)""")
    client.run("hits = 0")
    before = settled(client, 2)
    client.run(code)
    assert settled(client, 2) != before


def test_without_checkpoints_the_user_is_told_of_the_loss(configured):
    kernel = configured(enabled=False)
    with kernel.client() as client:
        client.run("gone = 1")
        let_fork(client)
        assert kernel.workers() == [kernel.worker]
        assert kernel.sleepers() == []
        assert '"checkpoints.enabled" is false' in client.run("%status").of_type(
            "display_data")[0]["data"]["text/plain"]
        run = client.run(KILL.format("SEGV"))
        assert "state is lost" in run.content["evalue"]
        assert client.run("gone").result is None


def test_a_lost_checkpoint_is_not_missed_until_it_is_needed(kernel, client):
    client.run("x = 0")
    client.run("x = 1")
    for pid in settled(client, 2):
        procs.kill(pid, signal.SIGKILL)
    client.run("x = 2")  # makes a new one
    client.run(KILL.format("KILL"))
    assert value(client, "x") == "2"


def test_a_death_with_all_its_checkpoints_starts_afresh(kernel, client):
    client.run("x = 1")
    client.run("x = 2")
    killed = [*settled(client, 2), kernel.worker]
    for pid in killed:
        procs.kill(pid, signal.SIGKILL)
    new_session(client, *killed)
    client.check_alive()
    assert client.run("x").result is None


def test_nothing_survives_the_kernel(start_kernel):
    kernel = start_kernel().settle()
    with kernel.client() as client:
        client.run("x = 1")
        client.run("x = 2")
        settled(client, 2)
        client.start('print("started"); while true do end')
        procs.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    kernel.check_gone()


def test_output_after_a_crash_belongs_to_its_cell(client):
    client.run(KILL.format("SEGV"))
    run = client.run('print("one"); io.stderr:write("two\\n"); return 3')
    assert run.text() == "one\n"
    assert run.text("stderr") == "two\n"
    assert run.result == "3"


def test_interrupts_work_after_a_crash(client, snippet):
    client.run(KILL.format("SEGV"))
    running = client.start(snippet("spin"))
    client.interrupt()
    assert client.finish(running).status == "aborted"


# ---- %undo ----

def test_undo_goes_back_one_cell(client):
    client.run("u = 1")
    client.run("u = 2")
    run = client.run("%undo")
    assert run.status == "ok"
    assert "Went back 1 cell" in run.text()
    again = client.run("u")
    assert again.result == "1"
    assert again.count == run.count + 1


def test_the_rest_of_the_cell_runs_in_the_state_before(client):
    client.run("u = {1}")
    client.run("table.insert(u, 2)")
    run = client.run("%undo 1\ntable.insert(u, 3)\nreturn #u, u[2]")
    assert run.result == "2\t3"


def test_undo_goes_back_as_far_as_the_depth(configured):
    kernel = configured(depth=3)
    with kernel.client() as client:
        for n in range(6):
            client.run(f"u = {n}")
        assert client.run("%undo 3\nreturn u").result == "2"
        for n in range(6):
            client.run(f"u = {n}")
        run = client.run("%undo 5")
        assert run.status == "error"
        assert "checkpoints.depth" in run.content["evalue"]
        run = client.run("%undo 50")
        assert "50 cells ago" in run.content["evalue"]
        assert client.run("u").result == "5"


def test_undo_of_everything_is_a_fresh_session(configured):
    kernel = configured(depth=1)
    with kernel.client() as client:
        client.run("u = 1")
        assert client.run("%undo").status == "ok"
        assert client.run("u").result is None


@pytest.mark.parametrize("argument", ["x", "0", "-1", "1 2", "99999999999999999999"])
def test_undo_says_what_it_takes(client, argument):
    run = client.run(f"%undo {argument}")
    assert run.status == "error"
    assert run.content["ename"] == "UsageError"


def test_a_crash_after_undo_comes_back_to_the_undone_state(client):
    client.run("u = 1")
    client.run("u = 2")
    client.run("%undo")
    client.run(KILL.format("SEGV"))
    assert value(client, "u") == "1"


def test_status_tells_of_the_checkpoints(kernel, client):
    client.run("x = 1")
    client.run("x = 2")
    sleeping = settled(client, 2)
    run = client.run("%status")
    text = run.of_type("display_data")[0]["data"]["text/plain"]
    assert all(str(pid) in text for pid in sleeping)
    assert str(kernel.worker) in text


# ---- answers while a cell runs ----

def test_completion_is_answered_while_a_cell_runs(client, snippet):
    client.run("asked_about = {alpha = 1, beta = 2}")
    running = client.start(snippet("spin"))
    for _ in range(3):
        reply = client.ask("complete_request", {"code": "asked_about.", "cursor_pos": 12})
        assert reply.content["status"] == "ok"
        assert set(reply.content["matches"]) == {"asked_about.alpha", "asked_about.beta"} or \
            set(reply.content["matches"]) == {"alpha", "beta"}
    client.interrupt()
    assert client.finish(running).status == "aborted"


def test_lines_for_the_kernel_are_completed_while_a_cell_runs(client, snippet):
    client.run("asked_about = {alpha = 1, beta = 2}")
    running = client.start(snippet("spin"))
    reply = client.ask("complete_request", {"code": "%un", "cursor_pos": 3})
    assert reply.content["matches"] == ["%undo"]
    code = "%%time\nasked_about.al"
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)})
    content = reply.content
    assert [code[:content["cursor_start"]] + match + code[content["cursor_end"]:]
            for match in content["matches"]] == ["%%time\nasked_about.alpha"]
    client.interrupt()
    assert client.finish(running).status == "aborted"


def test_inspection_is_answered_while_a_cell_runs(client, snippet):
    client.run("asked_about = 12345")
    running = client.start(snippet("spin"))
    reply = client.ask("inspect_request", {"code": "asked_about", "cursor_pos": 5,
                                           "detail_level": 0})
    assert reply.content["found"]
    assert "12345" in reply.content["data"]["text/plain"]
    client.interrupt()
    assert client.finish(running).status == "aborted"


def test_many_questions_while_a_cell_runs_are_answered_in_order(client, snippet):
    client.run("questioned = 1")
    running = client.start(snippet("spin"))
    asked = [client.send("shell", "is_complete_request", {"code": f"x = {n}"}) for n in range(20)]
    for request in asked:
        assert client.reply(request).content["status"] == "complete"
    client.interrupt()
    assert client.finish(running).status == "aborted"


@pytest.mark.parametrize("code", ["pri", "%un"])
def test_a_question_to_an_unknown_subshell_is_refused_also_while_a_cell_runs(client, snippet, code):
    client.run("questioned = 1")
    running = client.start(snippet("spin"))
    header = client.header("complete_request", subshell_id="no-such-subshell")
    request = client.send("shell", "complete_request", {"code": code, "cursor_pos": 3}, header=header)
    client.let_arrive()
    client.interrupt()
    assert client.finish(running).status == "aborted"
    assert client.reply(request).content["ename"] == "SubshellNotFound"
    client.until_idle(request)


def test_a_question_outlives_the_cell_it_was_asked_in(client, snippet):
    client.run("questioned = 1")
    running = client.start(snippet("spin"))
    asked = [client.send("shell", "complete_request", {"code": "question", "cursor_pos": 8})
             for _ in range(10)]
    client.interrupt()
    assert client.finish(running).status == "aborted"
    for request in asked:
        assert "questioned" in client.reply(request).content["matches"]


@pytest.mark.time_limit(120)
def test_a_thousand_cells_of_which_every_tenth_crashes(kernel, client):
    client.run("n = 0")
    count = client.run("n").count
    memory = procs.memory_kib(kernel.pid)
    for i in range(1, 1001):
        if i % 10 == 0:
            assert client.run("n = n + 1; " + KILL.format("SEGV")).status == "error"
        else:
            assert client.run("n = n + 1").status == "ok"
    last = client.run("n")
    assert last.result == "900"
    assert last.count == count + 1001
    if not kernels.is_instrumented():
        assert procs.memory_kib(kernel.pid) < memory + 2048
