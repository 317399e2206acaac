"""Many of everything: nothing grows, nothing is lost."""
import pytest

from harness import kernel as kernels
from harness import limits, procs
from harness.checkpoints import let_fork

EVALUATORS = ["lua"]
pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(120)]

# Allocators keep some; a leak of 100 bytes per message would show.
GROWTH_KIB = 600


def memory(kernel):
    return procs.memory_kib(kernel.pid), procs.memory_kib(kernel.worker)


def check_memory(before, after):
    growth = [now - then for now, then in zip(after, before)]
    if not kernels.is_instrumented():
        assert max(growth) < GROWTH_KIB, f"kernel and worker grew by {growth} KiB"


def steady(kernel, client):
    """The measures, when they do not change: a copy of the worker is one more worker for the moment
    that it takes to become a checkpoint, and one checkpoint too many while it takes its end."""
    seen = []
    let_fork(client)

    def settled():
        measures = kernel.measures()
        calm = len(kernel.workers()) == 1 and measures[-1] == 0
        seen.append(measures if calm else None)
        return len(seen) >= 5 and len(set(seen[-5:])) == 1 and seen[-1]
    return limits.poll_until(settled, limits.STOP, "a steady number of descriptors and processes")


def check_no_growth(kernel, client, work, rounds):
    """Does the work some times to warm up, then many times, and compares."""
    for number in range(rounds // 5):
        work(client, number)
    before, measures = memory(kernel), steady(kernel, client)
    for number in range(rounds):
        work(client, number)
    after = memory(kernel)
    check_memory(before, after)
    assert steady(kernel, client) == measures


def test_a_thousand_cells_leave_no_growth(kernel, client):
    def work(client, number):
        assert client.run(f"local x = {number} print(x) return x").result == str(number)
    check_no_growth(kernel, client, work, 1000)


def test_errors_leave_no_growth(kernel, client):
    def work(client, number):
        assert client.run(f'error("number {number}")').status == "error"
    check_no_growth(kernel, client, work, 300)


def test_completions_leave_no_growth(kernel, client):
    def work(client, number):
        client.ask("complete_request", {"code": "string.", "cursor_pos": 7})
        client.ask("inspect_request", {"code": "print", "cursor_pos": 3, "detail_level": 1})
        client.ask("is_complete_request", {"code": "for i = 1, 3 do"})
    check_no_growth(kernel, client, work, 300)


def test_malformed_messages_leave_no_growth(kernel, client):
    kernel.expect_log("")

    def work(client, number):
        client.send_frames("shell", [b"noise"] * 5)
        client.send("shell", "kernel_info_request", signature=b"0" * 64)
        client.ask("kernel_info_request")
    check_no_growth(kernel, client, work, 300)


def test_clients_that_come_and_go_leave_no_growth(kernel, client):
    def work(client, number):
        with kernel.client() as visitor:
            visitor.ask("kernel_info_request")
    for number in range(5):
        work(client, number)
    before = memory(kernel)
    for number in range(40):
        work(client, number)
    check_memory(before, memory(kernel))


def test_children_leave_nothing_behind(kernel, client):
    def work(client, number):
        client.run('os.execute("true") local p = io.popen("echo x") p:read("a") p:close()')
    check_no_growth(kernel, client, work, 50)


def test_a_thousand_queued_cells_run_in_order(kernel, client):
    requests = [client.execute(f"return {number}") for number in range(1000)]
    for number, request in enumerate(requests):
        assert client.recv("shell", 6 * limits.EVENT).parent_id == request.msg_id
    for number, request in enumerate(requests):
        result = client.iopub_of(request, "execute_result")
        assert result.content["data"]["text/plain"] == str(number)
        client.iopub(lambda m, r=request: m.parent_id == r.msg_id and client._is_idle(m))


# ---- floods ----

FLOOD_COUNT = 100_000
# What 10,000 queued requests take, and what ZeroMQ keeps for a client that sends.
FLOOD_MEMORY_KIB = 64 * 1024


@pytest.fixture
def sender(kernel):
    """A client that hears nothing on IOPub."""
    with kernel.client(subscription=b"nothing has this topic") as sender:
        yield sender


def check_flood_memory(kernel, before):
    growth = procs.memory_kib(kernel.pid) - before
    if not kernels.is_instrumented():
        assert growth < FLOOD_MEMORY_KIB, f"the kernel grew by {growth} KiB"


def test_a_hundred_thousand_malformed_messages_cost_a_log_line_each(kernel, sender):
    garbage = [[b"<IDS|MSG>", b""], [b"noise"] * 7, [b"<IDS|MSG>", b"0" * 64, b"{", b"{}", b"{}", b"{}"],
               [b"<IDS|MSG>", b"short", b"{}", b"{}", b"{}", b"{}"],
               [b"<IDS|MSG>", b"0" * 64, b"[" * 10_000, b"{}", b"{}", b"{}"]]
    kernel.new_log_lines()
    before = procs.memory_kib(kernel.pid)
    for number in range(FLOOD_COUNT):
        sender.send_frames(("shell", "control")[number % 2], garbage[number % len(garbage)])
    for channel in ("shell", "control"):
        request = sender.send(channel, "kernel_info_request")
        sender.reply(request, 6 * limits.EVENT)
    check_flood_memory(kernel, before)
    lines = kernel.new_log_lines()
    assert len(lines) == FLOOD_COUNT
    assert all("was dropped" in line for line in lines)


def test_a_hundred_thousand_requests_wait_outside_and_are_all_answered(kernel, sender):
    """The queue takes 10,000; the rest is left to ZeroMQ, whose buffers at the client are the
    client's. Control answers meanwhile."""
    before = procs.memory_kib(kernel.pid)
    cell = sender.execute("while true do end")
    requests = [sender.send("shell", "kernel_info_request").msg_id for _ in range(FLOOD_COUNT)]
    for _ in range(100):
        sender.reply(sender.send("control", "kernel_info_request"))
    check_flood_memory(kernel, before)
    request = sender.send("control", "interrupt_request")
    sender.reply(request)
    assert sender.reply(cell).content["status"] == "aborted"
    for number, msg_id in enumerate(requests):
        sender._await_readable(sender.sockets["shell"], limits.Deadline(limits.EVENT),
                               f"reply {number}")
        frames = sender.sockets["shell"].recv_multipart()
        assert msg_id.encode() in frames[3]
    check_flood_memory(kernel, before)


# ---- readers that do not read ----

LINES = 60_000
FLOOD = f'print("started") local s = ("x"):rep(1000) for i = 1, {LINES} do print(i, s) end'
FLOODED = "started\n" + "".join(f"{i}\t{'x' * 1000}\n" for i in range(1, LINES + 1))


@pytest.fixture
def stalled(start_kernel):
    """A kernel with a reader that has not read for so long that a cell which prints 60 MB waits for
    it: (kernel, the slow client, another, the cell's request)."""
    kernel = start_kernel().settle()
    with kernel.client(rcvhwm=10) as slow, kernel.client() as fast:
        running = fast.start(FLOOD)
        with pytest.raises(limits.TimeLimit):
            fast.reply(running, timeout=1)
        yield kernel, slow, fast, running


def flooded(messages):
    return "".join(m.content["text"] for m in messages if m.type == "stream")


def test_a_slow_reader_misses_nothing(stalled):
    kernel, slow, fast, running = stalled
    assert flooded(slow.until_idle(running, timeout=6 * limits.EVENT)) == FLOODED
    assert flooded(fast.finish(running, timeout=6 * limits.EVENT).messages) == FLOODED


def test_a_slow_reader_costs_little_memory(stalled):
    kernel, slow, fast, running = stalled
    slow.until_idle(running, timeout=6 * limits.EVENT)
    fast.finish(running)
    if not kernels.is_instrumented():
        assert procs.peak_memory_kib(kernel.pid) < 48 * 1024


def test_control_and_heartbeat_answer_while_a_reader_is_slow(stalled):
    kernel, slow, fast, running = stalled
    for _ in range(5):
        fast.reply(fast.send("control", "kernel_info_request"))
        assert fast.heartbeat([b"x"]) == [b"x"]
    slow.until_idle(running, timeout=6 * limits.EVENT)
    fast.finish(running)


def test_a_cell_that_waits_for_a_slow_reader_can_be_interrupted(stalled):
    kernel, slow, fast, running = stalled
    fast.reply(fast.send("control", "interrupt_request"))
    slow.until_idle(running, timeout=6 * limits.EVENT)
    run = fast.finish(running)
    assert run.status == "aborted"
    assert FLOODED.startswith(run.text())


def test_a_cell_that_waits_for_a_slow_reader_goes_on_when_it_leaves(stalled):
    kernel, slow, fast, running = stalled
    slow.context.destroy(linger=0)
    assert flooded(fast.finish(running, timeout=6 * limits.EVENT).messages) == FLOODED


def test_shutdown_does_not_wait_for_a_slow_reader(stalled):
    kernel, slow, fast, running = stalled
    kernel.expect_log("")
    fast.reply(fast.send("control", "shutdown_request", {"restart": False}))
    assert kernel.wait() == 0


def test_nothing_is_lost_between_a_fast_kernel_and_its_readers(kernel):
    with kernel.client() as first, kernel.client() as second:
        request = first.execute(f'for i = 1, {LINES} do print(i) end')
        expected = "".join(f"{i}\n" for i in range(1, LINES + 1))
        assert first.finish(request, timeout=6 * limits.EVENT).text() == expected
        assert flooded(second.until_idle(request, timeout=6 * limits.EVENT)) == expected
