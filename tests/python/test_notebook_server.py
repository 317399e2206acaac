"""The classic Notebook server between a browser and the kernel."""
import pytest

from harness import limits, procs
from harness.notebook_server import Browser, NotebookServer, digest
from harness.room import room  # noqa: F401, a fixture
from harness.samples import CLIENTS

pytest.importorskip("notebook")
pytest.importorskip("tornado")

EVALUATORS = list(CLIENTS)
pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(120)]

BUFFERS = [b"", bytes(range(256)), b"\xff\x00", b""]


@pytest.fixture(scope="module")
def server(room):
    server = NotebookServer(room)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def kernel_id(server, evaluator):
    kernel = server.call("POST", "/api/kernels", {"name": f"hilum-{evaluator}"})
    yield kernel["id"]
    if kernel["id"] in [other["id"] for other in server.call("GET", "/api/kernels")]:
        server.call("DELETE", f"/api/kernels/{kernel['id']}")


@pytest.fixture
def browser(server, kernel_id):
    with Browser(server, kernel_id) as browser:
        yield browser


def test_the_server_lists_the_kernels(server, evaluator):
    specs = server.call("GET", "/api/kernelspecs")["kernelspecs"]
    spec = specs[f"hilum-{evaluator}"]
    assert spec["spec"]["language"] == evaluator
    assert {"logo-32x32", "logo-64x64"} <= set(spec["resources"])


def test_cells_run_over_the_websocket(browser, snippet):
    reply, text, by_type = browser.run(snippet("print"))
    assert (reply["status"], reply["execution_count"], text) == ("ok", 1, "hello\n")
    code, result = snippet("value")
    reply, text, by_type = browser.run(code)
    assert by_type["execute_result"][0]["data"]["text/plain"] == result
    assert reply["execution_count"] == 2
    reply, text, by_type = browser.run(snippet("fail"))
    assert reply["status"] == "error"
    assert "boom" in by_type["error"][0]["evalue"]


def test_the_server_knows_when_the_kernel_is_idle(server, browser, kernel_id, snippet):
    """The server's own look at IOPub may begin a moment later than the browser's."""
    def idle():
        browser.run(snippet("value")[0])
        return server.call("GET", f"/api/kernels/{kernel_id}")["execution_state"] == "idle"
    limits.poll_until(idle, limits.EVENT, "idle as the server sees it")


def test_the_interrupt_button_stops_a_cell(server, browser, kernel_id, snippet):
    cell = browser.execute(snippet("spin"))
    while browser.receive()["msg_type"] != "stream":
        pass
    server.call("POST", f"/api/kernels/{kernel_id}/interrupt")
    reply, _, by_type = digest(browser.until_idle(cell))
    assert reply["status"] == "aborted"
    assert by_type["error"][0]["ename"] == "Interrupted"
    assert browser.run(snippet("value")[0])[0]["status"] == "ok"


def test_the_restart_button_starts_afresh(server, browser, kernel_id, snippet):
    browser.run(snippet("assign"))
    code, result = snippet("recall")
    assert browser.run(code)[2]["execute_result"][0]["data"]["text/plain"] == result
    server.call("POST", f"/api/kernels/{kernel_id}/restart")
    with Browser(server, kernel_id) as again:
        reply, _, _ = again.run(code)
        assert reply["status"] == "error"
        assert reply["execution_count"] == 1


def test_input_is_asked_for_in_the_page(browser, evaluator):
    code, prompt, typed, printed = CLIENTS[evaluator]["asks"]
    cell = browser.execute(code, allow_stdin=True)
    while True:
        message = browser.receive()
        if message["channel"] == "stdin":
            break
    assert message["content"] == {"prompt": prompt, "password": False}
    browser.send("stdin", "input_reply", {"value": typed}, parent=message["header"])
    reply, text, _ = digest(browser.until_idle(cell))
    assert reply["status"] == "ok" and printed in text


def test_comm_buffers_go_both_ways_through_the_server(browser, evaluator):
    code = CLIENTS[evaluator].get("echo_target")
    if not code:
        pytest.skip("has no comms")
    assert browser.run(code)[0]["status"] == "ok"
    browser.until_idle(browser.send("shell", "comm_open", {
        "comm_id": "c", "target_name": "echo", "data": {}}))
    said = browser.until_idle(browser.send("shell", "comm_msg", {
        "comm_id": "c", "data": {"a": [1, None]}}, BUFFERS))
    answer, = [m for m in said if m["msg_type"] == "comm_msg"]
    assert answer["content"] == {"comm_id": "c", "data": {"a": [1, None]}}
    assert answer["buffers"] == BUFFERS


def test_a_kernel_that_is_shut_down_leaves_no_process(server, browser, kernel_id, snippet, room):
    browser.run(snippet("value")[0])
    before = len(procs.family(room.tag))
    server.call("DELETE", f"/api/kernels/{kernel_id}")
    assert kernel_id not in [kernel["id"] for kernel in server.call("GET", "/api/kernels")]
    limits.poll_until(lambda: len(procs.family(room.tag)) <= before - 2, limits.STOP,
                      "the end of the kernel and its worker")
