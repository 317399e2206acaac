"""The worker may die at any time and in any way: it costs the running cell, never the kernel."""
import signal

import pytest

from harness import kernel as kernels
from harness import limits, procs
from harness.checkpoints import new_session

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum


@pytest.fixture(autouse=True)
def crashes(kernel):
    """Valgrind reports what we do to the worker here; its own faults show in the other modules."""
    kernel.crashes_expected = True
    kernel.expect_log("worker")


FATAL = ["SIGSEGV", "SIGKILL", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTERM", "SIGQUIT"]


@pytest.mark.parametrize("name", FATAL)
def test_a_killed_worker_costs_the_running_cell(kernel, client, snippet, name):
    running = client.start(snippet("spin"))
    procs.kill(kernel.worker, getattr(signal, name))
    run = client.finish(running)
    assert run.status == "error"
    assert name in run.content["evalue"]
    error, = run.errors
    assert error["evalue"] == run.content["evalue"]
    assert run.text() == "started\n"
    client.check_alive()


def test_a_cell_that_kills_its_own_process(kernel, client):
    run = client.run('print("last words"); os.execute("kill -SEGV $PPID; sleep 10")')
    assert run.status == "error"
    assert "SIGSEGV" in run.content["evalue"]
    assert run.text() == "last words\n"
    client.check_alive()


def test_a_worker_killed_between_cells_is_replaced(kernel, client):
    for _ in range(3):
        old = kernel.worker
        procs.kill(old, signal.SIGSEGV)
        new_session(client, old)
        client.check_alive()


def test_a_cell_sent_right_after_the_kill_runs_or_fails_but_is_answered(kernel, client, snippet):
    for _ in range(5):
        procs.kill(kernel.worker, signal.SIGKILL)
        run = client.run(snippet("value")[0])
        assert run.status in ("ok", "error")
        client.check_alive()


def test_queued_cells_are_aborted_when_the_worker_dies(kernel, client, snippet):
    """As after any error."""
    running = client.start(snippet("spin"))
    queued = [client.execute(snippet("value")[0]) for _ in range(3)]
    client.let_arrive()
    procs.kill(kernel.worker, signal.SIGKILL)
    assert client.finish(running).status == "error"
    assert [client.finish(request).status for request in queued] == ["aborted"] * 3
    client.check_alive()


def test_queued_cells_run_without_stop_on_error(kernel, client, snippet):
    running = client.start(snippet("spin"), stop_on_error=False)
    queued = [client.execute(snippet("value")[0]) for _ in range(3)]
    client.let_arrive()
    procs.kill(kernel.worker, signal.SIGKILL)
    client.finish(running)
    assert [client.finish(request).result for request in queued] == [snippet("value")[1]] * 3


def test_the_execution_count_goes_on(kernel, client, snippet):
    running = client.start(snippet("spin"))
    procs.kill(kernel.worker, signal.SIGKILL)
    count = client.finish(running).count
    assert client.run(snippet("value")[0]).count == count + 1


def test_an_interrupt_of_a_dead_worker_is_harmless(kernel, client, snippet):
    worker = kernel.worker
    procs.kill(worker, signal.SIGKILL)
    client.interrupt()
    new_session(client, worker)
    client.check_alive()


def test_death_while_asking_for_input(kernel, client, snippet):
    kernel.expect_log("input_reply")
    running = client.execute(snippet("read_line"), allow_stdin=True)
    question = client.recv("stdin")
    procs.kill(kernel.worker, signal.SIGKILL)
    assert client.finish(running).status == "error"
    client.send("stdin", "input_reply", {"value": "too late"}, parent_header=question.header)
    client.check_alive()


def test_death_during_a_completion(kernel, client):
    """No cell is running: the request is answered all the same."""
    for _ in range(5):
        worker = kernel.worker
        request = client.send("shell", "complete_request", {"code": "pri", "cursor_pos": 3})
        procs.kill(worker, signal.SIGKILL)
        client.reply(request)
        client.until_idle(request)
        new_session(client, worker)
        client.check_alive()


def test_a_silent_cell_that_dies_says_nothing_on_iopub(kernel, client, snippet):
    begun = kernel.folder / "begun"
    request = client.execute(f'io.open("{begun}", "w"):close() while true do end', silent=True)
    # A worker that dies before it has read the cell costs nothing: another one runs it.
    limits.poll_until(begun.exists, limits.EVENT, "a cell that spins")
    procs.kill(kernel.worker, signal.SIGSEGV)
    run = client.finish(request)
    assert run.status == "error"
    assert run.types == ["status", "status"]


def test_children_of_a_dead_worker_die_with_it(kernel, client, snippet):
    """The audit after the test looks for the sleep as well."""
    worker = kernel.worker
    running = client.start(snippet("sleep"))
    procs.kill(worker, signal.SIGKILL)
    assert client.finish(running).status == "error"
    client.check_alive()


def test_a_stopped_worker_can_be_interrupted_or_replaced(kernel, client):
    """SIGSTOP: no signal handler runs; the kernel has to use force in the end."""
    running = client.start('print("started"); while true do end')
    procs.kill(kernel.worker, signal.SIGSTOP)
    client.interrupt()
    run = client.finish(running, timeout=2 * limits.EVENT)
    assert run.status in ("aborted", "error")
    client.check_alive()


def test_the_kernel_answers_while_the_worker_hangs(kernel, client, snippet):
    running = client.start(snippet("spin"))
    procs.kill(kernel.worker, signal.SIGSTOP)
    client.let_arrive()
    assert client.heartbeat([b"x"]) == [b"x"]
    procs.kill(kernel.worker, signal.SIGKILL)
    client.finish(running)


def test_ten_deaths_in_a_row(kernel, client, snippet):
    for _ in range(10):
        running = client.start(snippet("spin"))
        procs.kill(kernel.worker, signal.SIGKILL)
        assert client.finish(running).status == "error"


def test_closing_all_descriptors_does_not_hang_the_kernel(kernel, client):
    """A child of the cell closes what it inherited and goes on; the worker itself is fine."""
    run = client.run('os.execute("exec 0<&- 1>&- 2>&-; sleep 0.01")\n;')
    assert run.status == "ok"
    client.check_alive()


def test_memory_that_runs_out_costs_the_cell(start_kernel):
    """Lua turns a failed allocation into an error of its own; the kernel stays as it is."""
    if kernels.is_instrumented():
        pytest.skip("sanitizers and valgrind need more address space than the limit leaves")
    kernel = start_kernel(parent=["sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh"])
    kernel.crashes_expected = True
    kernel.expect_log("")
    with kernel.client() as client:
        run = client.run('local t = {} while true do t[#t + 1] = ("x"):rep(10000000) end',
                         timeout=3 * limits.EVENT)
        assert run.status == "error"
        client.check_alive()


def test_workers_that_die_one_after_the_other_never_leave_a_cell_without_a_reply(kernel, client):
    """Also a worker that dies while the kernel is still burying the one before it."""
    kernel.expect_log("")
    for _ in range(60):
        worker = kernel.worker
        if worker:
            procs.kill(worker)
        assert client.run("1").status in ("ok", "error")
