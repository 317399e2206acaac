"""Cells that wait are sent to the worker ahead of their turn. Nobody may notice: each is answered as if
the one before it had been told and done with first."""
import os
import random
import signal

import pytest

from harness import limits, procs

EVALUATORS = ["lua"]
pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(60)]


def send_all(client, codes, **options):
    return [client.execute(code, **options) for code in codes]


def finish_all(client, requests):
    return [client.finish(request) for request in requests]


# What a cell may be: how it is written, and what is to be seen of it. {n} is its place.
KINDS = {
    "value": ("n = {n}; return n", {"result": "{n}"}),
    "nothing": ("n = {n}", {}),
    "print": ('n = {n}; print("p{n}")', {"stdout": "p{n}\n"}),
    "child": ('n = {n}; os.execute("echo c{n}")', {"stdout": "c{n}\n"}),
    "child's errors": ('n = {n}; os.execute("echo e{n} >&2")', {"stderr": "e{n}\n"}),
    "both": ('n = {n}; io.write("a{n}"); io.stderr:write("b{n}"); io.write("c{n}")',
             {"stdout": "a{n}c{n}", "stderr": "b{n}"}),
    "error": ('n = {n}; error("boom {n}")', {"error": "boom {n}"}),
    "error with print": ('n = {n}; print("p{n}"); error("boom {n}")',
                         {"stdout": "p{n}\n", "error": "boom {n}"}),
    "syntax": ("n = = {n}", {"error": "", "unchanged": True}),
    "long": ('n = {n}; print(("x"):rep(30000))', {"stdout": "x" * 30000 + "\n"}),
    "state": ("return n", {"state": True, "unchanged": True}),
    "limit": ("%limit wall=20s\nn = {n}; return n", {"result": "{n}"}),
    "silent": ("n = {n}; print(n)", {"silent": True}),
}
# Not through the evaluator, so that nobody can tell the kernel of it.
RAW = {
    "raw": ('n = {n}; local s = "r{n}\\n"; ffi.C.write(1, s, #s)', {"stdout": "r{n}\n"}),
    "raw with value": ('n = {n}; local s = "r{n}\\n"; ffi.C.write(2, s, #s); return n',
                       {"stderr": "r{n}\n", "result": "{n}"}),
    "raw and printed": ('n = {n}; io.write("a{n}"); ffi.C.write(1, "b", 1); io.write("c{n}")',
                        {"stdout": "a{n}bc{n}"}),
    "by C's stdio": ('n = {n}; ffi.C.puts("q{n}")', {"stdout": "q{n}\n"}),
}
CRASHES = {
    "crash": ('n = {n}; os.execute("kill -9 $PPID; sleep 5")', {"error": "SIGKILL"}),
    "crash with print": ('n = {n}; print("p{n}"); os.execute("kill -9 $PPID; sleep 5")',
                         {"stdout": "p{n}\n", "error": "SIGKILL"}),
}


def check(run, seen, number, before):
    """`before`: the value of n that the cell found."""
    def text(name):
        return seen.get(name, "").format(n=number)
    if "error" in seen:
        assert run.status == "error", (number, run)
        assert text("error") in run.content["evalue"]
        assert seen.get("silent") or len(run.errors) == 1
    else:
        assert run.status == "ok", (number, run)
        assert run.errors == []
    if "result" in seen:
        assert run.result == text("result")
    if "state" in seen:
        assert run.result == str(before), (number, run)
    assert run.text("stdout") == text("stdout"), (number, run)
    assert run.text("stderr") == text("stderr"), (number, run)
    assert run.types[0] == "status" and run.types[-1] == "status"


def play(client, seed, kinds, cells):
    """Sends `cells` cells at once, and checks that each is what it would have been alone."""
    rng = random.Random(seed)
    chosen = [rng.choice(list(kinds)) for _ in range(cells)]
    client.run("n = 0")
    count = client.run("return n").count
    requests = [client.execute(kinds[kind][0].format(n=number), stop_on_error=False,
                               silent="silent" in kinds[kind][1])
                for number, kind in enumerate(chosen, 1)]
    state = 0
    for number, (kind, request) in enumerate(zip(chosen, requests), 1):
        seen = kinds[kind][1]
        run = client.finish(request)
        check(run, seen, number, state)
        if not seen.get("silent"):
            count += 1
        assert run.count == count
        if kind in CRASHES:
            # What a crash costs is told: with cells waiting, not each has a checkpoint of its own.
            state = None
        elif not seen.get("unchanged"):
            state = number
        elif state is None and kind == "state":
            state = run.result


@pytest.mark.parametrize("seed", range(4))
def test_cells_sent_at_once_are_what_they_are_alone(client, seed):
    play(client, seed, KINDS, 150)


@pytest.mark.skipif(os.environ.get("HAVE_FFI", "yes") == "no", reason="needs Lua's ffi")
@pytest.mark.parametrize("seed", range(4))
def test_what_is_written_past_the_evaluator_stays_with_its_cell(client, seed):
    client.run('ffi = require "ffi"; ffi.cdef[[long write(int, const char *, unsigned long); '
               'int puts(const char *);]]')
    quick = {name: KINDS[name] for name in ("value", "nothing", "print", "both", "state")}
    play(client, seed, {**quick, **RAW}, 300)


def test_quick_cells_sent_at_once_come_in_order(client):
    requests = send_all(client, [f"return {n}" for n in range(1000)])
    runs = finish_all(client, requests)
    assert [run.result for run in runs] == [str(n) for n in range(1000)]
    counts = [run.count for run in runs]
    assert counts == list(range(counts[0], counts[0] + 1000))
    for run in runs:
        assert run.types == ["status", "execute_input", "execute_result", "status"]


def test_output_never_shows_under_the_next_cell(client):
    """Prints, and what children and C write by themselves, with silence between."""
    codes = []
    for n in range(100):
        codes += ["x = 1", f'io.write("a{n}")', "return 1", f'os.execute("echo b{n}")', "x = 2",
                  f'os.execute("echo c{n} >&2"); return x']
    runs = finish_all(client, send_all(client, codes))
    for n in range(100):
        part = runs[6 * n:6 * n + 6]
        assert [run.text() for run in part] == ["", f"a{n}", "", f"b{n}\n", "", ""]
        assert [run.text("stderr") for run in part] == ["", "", "", "", "", f"c{n}\n"]


def test_an_error_aborts_what_was_sent_with_it(client):
    client.run("ran = 0")
    requests = send_all(client, ["ran = ran + 1"] * 20 + ['error("boom")'] + ["ran = ran + 1"] * 20)
    runs = finish_all(client, requests)
    assert [run.status for run in runs] == ["ok"] * 20 + ["error"] + ["aborted"] * 20
    assert client.run("return ran").result == "20"
    assert client.run("return ran").count == runs[20].count + 2


def test_without_stop_on_error_the_others_run(client):
    client.run("ran = 0")
    codes = ["ran = ran + 1", 'error("boom")'] * 50
    runs = finish_all(client, send_all(client, codes, stop_on_error=False))
    assert [run.status for run in runs] == ["ok", "error"] * 50
    assert client.run("return ran").result == "50"


def test_an_interrupt_costs_one_cell_and_aborts_the_others(kernel, client):
    """The others have not even begun, though the worker had them."""
    client.run("ran = 0")
    for _ in range(20):
        running = client.start('print("started"); while true do end')
        queued = send_all(client, ["ran = ran + 1"] * 40)
        client.let_arrive()
        client.interrupt()
        assert client.finish(running).status == "aborted"
        assert [run.status for run in finish_all(client, queued)] == ["aborted"] * 40
        assert client.run("return ran").result == "0"


def test_an_interrupt_among_quick_cells(kernel, client):
    """Some have run, one may be hit, the others that had come are aborted; those that had not, run."""
    for number in range(10):
        client.run("ran = 0")
        requests = send_all(client, ["ran = ran + 1"] * 200)
        client.interrupt()
        after = client.execute("return ran")
        statuses = [run.status for run in finish_all(client, requests)]
        done = statuses.count("ok")
        first = statuses.index("aborted") if done < 200 else 0
        assert statuses[first:first + 200 - done] == ["aborted"] * (200 - done)
        run = client.finish(after)
        assert run.status == "ok"
        assert int(run.result) in (done, done + 1)


def test_a_signal_of_its_own_stops_only_one_cell(client):
    """The kernel knows nothing of it: the cells behind run."""
    client.run("ran = 0")
    codes = ["ran = ran + 1", 'os.execute("kill -INT $PPID"); while true do end', "ran = ran + 1"]
    requests = send_all(client, codes)
    assert [run.status for run in finish_all(client, requests)] == ["ok", "aborted", "ok"]
    assert client.run("return ran").result == "2"


@pytest.mark.parametrize("stop", [True, False])
def test_a_crash_costs_its_cell_only(kernel, client, stop):
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    client.run("kept = 7")
    sent = kernel.folder / "sent"
    crash = f'os.execute("until [ -e {sent} ]; do sleep 0.01; done; kill -SEGV $PPID; sleep 5")'
    codes = ["return kept"] * 10 + [crash] + ["return kept"] * 10
    requests = send_all(client, codes, stop_on_error=stop)
    sent.touch()  # what is sent after the crash is not aborted by it
    runs = finish_all(client, requests)
    sent.unlink()
    assert [run.result for run in runs[:10]] == ["7"] * 10
    assert runs[10].status == "error"
    assert "as it was before this cell" in runs[10].content["evalue"]
    if stop:
        assert [run.status for run in runs[11:]] == ["aborted"] * 10
    else:
        assert [run.result for run in runs[11:]] == ["7"] * 10
    assert client.run("return kept").result == "7"
    assert client.run("return 1").count == runs[10].count + (2 if stop else 12)


def test_crashes_among_cells_sent_at_once(kernel, client):
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    kinds = {**{name: KINDS[name] for name in ("value", "nothing", "print", "child", "error")},
             **CRASHES}
    play(client, 7, kinds, 60)


def test_a_worker_killed_from_outside_costs_at_most_one_cell(kernel, client):
    """Whenever it dies, each cell is answered once, in order, and runs at most once."""
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    folder = kernel.folder
    for number in range(10):
        log = folder / f"log-{number}"
        codes = [f'local f = io.open("{log}", "a"); f:write("{n}\\n"); f:close()' for n in range(60)]
        requests = send_all(client, codes, stop_on_error=False)
        limits.poll_until(lambda: log.exists() and len(log.read_text().split()) > number,
                          limits.STOP, "some of them")
        procs.kill(kernel.worker, signal.SIGKILL)
        runs = finish_all(client, requests)
        failed = [n for n, run in enumerate(runs) if run.status != "ok"]
        assert len(failed) <= 1
        ran = [int(line) for line in log.read_text().split()]
        assert ran == sorted(set(ran))
        assert set(range(60)) - set(ran) <= set(failed)


def test_other_requests_keep_their_place(client):
    requests = []
    for n in range(20):
        requests.append(client.execute(f"x = {n}"))
        requests.append(client.send("shell", "kernel_info_request"))
        requests.append(client.execute("return x"))
        requests.append(client.send("shell", "history_request", {
            "hist_access_type": "tail", "n": 1, "output": False, "raw": True}))
    for n in range(20):
        client.finish(requests[4 * n])
        client.reply(requests[4 * n + 1])
        run = client.finish(requests[4 * n + 2])
        assert run.result == str(n)
        history = client.reply(requests[4 * n + 3]).content["history"]
        assert history[0][1:] == [run.count, "return x"]
        client.until_idle(requests[4 * n + 1])
        client.until_idle(requests[4 * n + 3])


def test_a_question_to_the_user_while_others_wait(client):
    code = 'local line = io.read("l"); return line'
    requests = [client.execute(code, allow_stdin=True) for _ in range(3)]
    requests += send_all(client, ["return 1"] * 20)
    for n in range(3):
        question = client.recv("stdin")
        assert question.parent_id == requests[n].msg_id
        client.send("stdin", "input_reply", {"value": f"answer {n}"},
                    parent_header=question.header)
    runs = finish_all(client, requests)
    assert [run.result for run in runs] == [f'"answer {n}"' for n in range(3)] + ["1"] * 20


def test_undo_among_cells_sent_at_once(client):
    client.run("x = 1")
    requests = send_all(client, ["return x", "x = 2", "return x", "%undo 2\nreturn x", "x = x + 1",
                                 "return x"])
    runs = finish_all(client, requests)
    assert [run.status for run in runs][:3] == ["ok"] * 3
    assert runs[0].result == "1" and runs[2].result == "2"
    assert runs[3].status in ("ok", "error")
    if runs[3].status == "ok":
        assert runs[3].result == "1" and runs[5].result == "2"


def test_silent_cells_and_expressions_in_flight(client):
    requests = []
    for n in range(30):
        requests.append(client.execute(f"y = {n}", silent=True))
        requests.append(client.execute("", user_expressions={"y": "y"}))
        requests.append(client.execute("return y", store_history=False))
    runs = finish_all(client, requests)
    for n in range(30):
        quiet, asked, unstored = runs[3 * n:3 * n + 3]
        assert quiet.types == ["status", "status"]
        assert asked.content["user_expressions"]["y"]["data"]["text/plain"] == str(n)
        assert unstored.result == str(n)
    counts = [runs[3 * n + 1].count for n in range(30)]
    assert counts == list(range(counts[0], counts[0] + 30))


def test_what_a_cell_leaves_running_prints_under_it(client):
    client.late_streams = True
    gate = client.kernel.folder / "gate"
    requests = [client.execute(f'os.execute("(while [ ! -e {gate} ]; do sleep 0.02; done; echo late) &")')]
    requests += send_all(client, ["return 1"] * 20)
    runs = finish_all(client, requests)
    assert [run.result for run in runs[1:]] == ["1"] * 20
    gate.write_text("")
    late = client.iopub(lambda m: m.type == "stream" and "late" in m.content["text"])
    assert late.parent_id == requests[0].msg_id, [r.msg_id for r in requests].index(late.parent_id)


def test_a_shutdown_with_cells_in_flight(start_kernel):
    kernel = start_kernel().settle()
    with kernel.client() as client:
        log = kernel.folder / "log"
        codes = ['print("started"); while true do end'] + [f'io.open("{log}", "a"):write("x")'] * 40
        running = client.start(codes[0])
        queued = send_all(client, codes[1:])
        client.let_arrive()
        client.reply(client.send("control", "shutdown_request", {"restart": False}))
        statuses = [client.finish(request).status for request in [running] + queued]
        assert statuses[1:] == ["aborted"] * 40
    assert kernel.wait() == 0
    assert not log.exists()
