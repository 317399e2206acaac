"""Metrics: who may ask for them, how, and that they are what clients saw."""
import json
import os
import re
import signal
import socket
import stat
import subprocess

import pytest

from harness import kernel as kernels
from harness import limits, metrics, procs, wire
from harness.kernel import TOP

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

if os.environ.get("HAVE_METRICS") == "no":
    pytest.skip("configured without libmicrohttpd", allow_module_level=True)

CRASH = 'os.execute("kill -SEGV $PPID; sleep 10")'
MANUAL = TOP / "docs/operations/README.md"


@pytest.fixture
def serve(start_kernel, tmp_path):
    """serve("127.0.0.1:0", **other settings of "metrics"): a kernel, and where its metrics are."""
    def start(listen="127.0.0.1:0", env=None, sections=None, wait=True, **settings):
        targets = tmp_path / "targets"
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"metrics": {"listen": listen, "targets": str(targets),
                                                  **settings}, **(sections or {})}))
        kernel = start_kernel(env={"HILUM_CONFIG": str(config), **(env or {})})
        if ":0" in listen and wait:
            return kernel, metrics.target(targets)
        return kernel, listen.removeprefix("unix:")
    return start


def maps(kernel):
    return (procs.Path("/proc") / str(kernel.pid) / "maps").read_text()


# ---- Who may ask, and how ----

def test_by_default_nothing_listens_and_nothing_is_loaded(kernel, client):
    assert "microhttpd" not in maps(kernel)
    sockets = [fd for fd in procs.fds(kernel.pid).values() if fd.startswith("socket:")]
    inodes = {fd.strip("socket:[]") for fd in sockets}
    ports = {int(line.split()[1].rpartition(":")[2], 16)
             for line in open(f"/proc/{kernel.pid}/net/tcp").readlines()[1:]
             if line.split()[3] == "0A" and line.split()[9] in inodes}
    assert ports == {kernel.connection[f"{channel}_port"]
                     for channel in ("shell", "iopub", "stdin", "control", "hb")}


def test_a_port_is_chosen_and_told_to_prometheus(serve, tmp_path):
    kernel, address = serve(env={"USER": "somebody"})
    file, = (tmp_path / "targets").iterdir()
    entry, = json.loads(file.read_text())
    assert file.name == f"hilum-{os.uname().nodename}-{kernel.pid}.json"
    assert entry["labels"]["evaluator"] == "lua" and entry["labels"]["user"] == "somebody"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", address)
    assert "microhttpd" not in maps(kernel)  # until somebody asks
    assert metrics.scrape(address)("hilum_build_info", version="0.1.0", evaluator="lua") == 1
    kernel.shutdown()
    assert list((tmp_path / "targets").iterdir()) == []


def test_what_dead_kernels_left_behind_is_removed(serve, tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    folder = tmp_path / "targets"
    folder.mkdir()
    host = os.uname().nodename
    ours, alive, others = (folder / f"hilum-{host}-{dead.pid}.json",
                           folder / f"hilum-{host}-{os.getpid()}.json",
                           folder / f"hilum-another-{dead.pid}.json")
    for file in (ours, alive, others):
        file.write_text("[]")
    kernel, _ = serve("127.0.0.1:0", wait=False)
    limits.poll_until(lambda: (folder / f"hilum-{host}-{kernel.pid}.json").exists(),
                      limits.START, "the kernel's own file")
    assert not ours.exists() and alive.exists() and others.exists()


def test_prometheus_text_and_openmetrics_are_chosen_by_accept(serve):
    _, address = serve()
    status, headers, text = metrics.get(address)
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "# TYPE hilum_requests_total counter" in text and "# EOF" not in text
    status, headers, text = metrics.get(
        address, Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert "# TYPE hilum_requests counter" in text and text.endswith("# EOF\n")
    assert "# TYPE hilum_build info" in text
    assert 'hilum_requests_total{type="execute_request",status="ok"} 0' in text


def test_only_get_of_metrics_is_answered(serve):
    _, address = serve()
    assert metrics.get(address, "/")[0] == 404
    assert metrics.get(address, "/metrics/x")[0] == 404
    status, headers, _ = metrics.get(address, method="POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert metrics.get(address, method="DELETE")[0] == 405
    assert metrics.get(address, method="HEAD")[2] == ""


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:9000"])
def test_an_address_that_others_can_reach_is_refused(start_kernel, tmp_path, listen):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"metrics": {"listen": listen}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("")
    assert kernel.wait(limits.START) == 1
    assert "can be reached from other machines" in kernel.stderr_text()
    assert "metrics.allow_remote" in kernel.stderr_text()


def test_unless_it_is_allowed(serve):
    kernel, address = serve("0.0.0.0:0", allow_remote=True)
    assert metrics.scrape(address.replace("0.0.0.0", "127.0.0.1"))("hilum_uptime_seconds") > 0


@pytest.mark.parametrize("listen", ["9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                                    "127.0.0.1:9x", "example.org:1", "::1:9100", "unix:here"])
def test_what_is_no_address_is_refused(start_kernel, tmp_path, listen):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"metrics": {"listen": listen}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("")
    assert kernel.wait(limits.START) == 1
    assert "metrics.listen: " in kernel.stderr_text()


def test_a_port_that_is_taken_costs_the_metrics_only(start_kernel, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"metrics": {
            "listen": f"127.0.0.1:{taken.getsockname()[1]}"}}))
        kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
        kernel.expect_log("no metrics: cannot listen at 127.0.0.1")
        with kernel.client() as client:
            client.check_alive()
        assert "no metrics" in kernel.stderr_text()


def test_a_socket_file_is_for_its_user_only_and_goes_with_the_kernel(serve, tmp_path):
    path = tmp_path / "m.sock"
    socket.socket(socket.AF_UNIX).bind(str(path))  # left behind by one that was killed
    kernel, address = serve(f"unix:{path}", targets="")
    with kernel.client() as client:
        client.check_alive()
    assert metrics.scrape(address)("hilum_uptime_seconds") > 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kernel.shutdown()
    assert not path.exists()


def test_ipv6_loopback_is_served(serve):
    if not os.path.exists("/proc/net/if_inet6") or " lo\n" not in open("/proc/net/if_inet6").read():
        pytest.skip("no IPv6 here")
    _, address = serve("[::1]:0")
    port = address.rpartition(":")[2]
    with socket.create_connection(("::1", int(port)), limits.EVENT) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.")


def test_clients_that_are_slow_or_many_hold_nobody_up(serve):
    kernel, address = serve()
    host, port = address.split(":")
    clients = []
    for number in range(60):
        connection = socket.create_connection((host, int(port)), limits.EVENT)
        clients.append(connection)
        try:
            # Some say nothing, some begin, some ask for more than they read.
            connection.sendall([b"", b"GET /met", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
                                b"\x00\xff" * 1000][number % 4])
        except OSError:
            pass  # more than are accepted, or nonsense: closed
    with kernel.client() as client:
        for _ in range(20):
            assert client.run("1+1").result == "2"
        client.check_alive()
    for connection in clients:
        connection.close()
    limits.poll_until(lambda: scrapes(address), limits.STOP, "an answer after they are gone")


def scrapes(address):
    try:
        return metrics.get(address)[0] == 200
    except OSError:
        return False


def test_metrics_are_written_to_a_file_at_the_end(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"metrics": {"file": "kernel-{pid}.prom"}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    with kernel.client() as client:
        client.run("1 + 1")
    kernel.shutdown()
    found = metrics.Metrics((tmp_path / f"kernel-{kernel.pid}.prom").read_text())
    assert found("hilum_requests_total", type="execute_request", status="ok") == 1
    assert found("hilum_session_cpu_seconds_total") > 0
    assert [path.name for path in tmp_path.glob("*.prom*")] == [f"kernel-{kernel.pid}.prom"]


def test_a_file_that_cannot_be_written_is_said(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"metrics": {"file": "missing/kernel.prom"}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("metrics.file: cannot write")
    kernel.settle()
    kernel.shutdown()
    assert "metrics.file: cannot write" in kernel.stderr_text()


@pytest.mark.parametrize("listen, verdict", [
    ("", "metrics can be served, and are not"),
    ("127.0.0.1:0", "metrics are served at 127.0.0.1:0"),
    ("0.0.0.0:0", 'metrics.listen: "0.0.0.0:0" can be reached from other machines')])
def test_the_doctor_says_what_becomes_of_metrics(tmp_path, listen, verdict):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"metrics": {"listen": listen}}))
    env = kernels.environment(tmp_path, "doctor", tmp_path)
    doctor = subprocess.run([kernels.HILUM, "doctor", "--config", str(config)], env=env,
                            capture_output=True, text=True, timeout=limits.START)
    assert verdict in doctor.stdout, doctor.stdout


# ---- What they say ----

def families(text):
    return dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))


def test_the_manual_has_each_metric_with_its_type(serve):
    _, address = serve()
    exported = families(metrics.get(address)[2])
    documented = dict(re.findall(r"^\| `(hilum_\w+)`(?: \S+)* \| (\w+) \|", MANUAL.read_text(),
                                 re.M))
    assert documented == exported


class Tally:
    """What a client saw, to be compared with what the kernel counted."""

    def __init__(self, client):
        self.client = client
        self.statuses = {"ok": 0, "error": 0, "aborted": 0}
        self.ran = 0
        self.messages, self.bytes = {}, {}

    def take(self, request):
        run = self.client.finish(request)
        self.statuses[run.status] += 1
        self.ran += "execute_input" in run.types
        for message in run.outputs:
            size = sum(map(len, message.frames[-1 - len(message.buffers):]))
            self.messages[message.type] = self.messages.get(message.type, 0) + 1
            self.bytes[message.type] = self.bytes.get(message.type, 0) + size
        return run


@pytest.mark.time_limit(240)
def test_a_thousand_cells_add_up(serve):
    kernel, address = serve()
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    crashes, interrupts = 40, 40
    with kernel.client() as client:
        tally = Tally(client)
        for number in range(440):
            tally.take(client.execute("1+1" if number % 2 else f"print({number})"))
        for number in range(40):
            tally.take(client.execute("error('boom')" if number % 2 else "x = = 1"))
        for number in range(110):  # each aborts three
            codes = ["error('boom')", "1", "2", "3"]
            for request in [client.execute(code) for code in codes]:
                tally.take(request)
        for _ in range(crashes):
            tally.take(client.execute(CRASH))
        for _ in range(interrupts):
            request = client.start('print("started"); while true do end')
            client.interrupt()
            tally.take(request)
        found = limits.poll_until(lambda: settled(address), limits.EVENT, "an idle kernel")
    check_sums(found, tally, crashes, interrupts)


def settled(address):
    found = metrics.scrape(address)
    return not found("hilum_running_requests") and not found("hilum_queued_requests") and found


def check_sums(found, tally, crashes, interrupts):
    assert sum(tally.statuses.values()) == 1000
    for status, number in tally.statuses.items():
        assert found("hilum_requests_total", type="execute_request", status=status) == number
    assert found("hilum_requests_total", type="interrupt_request", status="ok") == interrupts
    assert {name: found("hilum_output_messages_total", type=name) for name in tally.messages} == \
        tally.messages
    assert found.sum("hilum_output_messages_total") == sum(tally.messages.values())
    assert {name: found("hilum_output_bytes_total", type=name) for name in tally.bytes} == \
        tally.bytes
    for name in ("", "_queue"):
        assert found(f"hilum_execute{name}_seconds_count") == tally.ran
        assert found(f"hilum_execute{name}_seconds_bucket", le="+Inf") == tally.ran
    for name in ("compile", "run"):
        assert found(f"hilum_execute_{name}_seconds_count") == tally.ran - crashes
    assert found("hilum_worker_deaths_total", cause="crash") == crashes
    assert found.sum("hilum_worker_deaths_total") == crashes
    assert found("hilum_rollbacks_total", cause="crash") + \
        found("hilum_sessions_lost_total", cause="crash") == crashes
    assert found("hilum_interrupts_total", outcome="stopped") == interrupts
    assert found.sum("hilum_interrupts_total") == interrupts
    assert found("hilum_checkpoints_total") > 0
    assert found("hilum_checkpoint_seconds_count") <= found("hilum_checkpoints_total")
    assert found.sum("hilum_bad_messages_total") == 0
    assert found.sum("hilum_output_dropped_messages_total") == 0


def test_bad_messages_are_counted_by_reason(serve):
    kernel, address = serve()
    kernel.expect_log("was dropped")
    with kernel.client() as client:
        parts = [wire.encode(client.header("kernel_info_request")), b"{}", b"{}", b"{}"]
        client.send_frames("shell", [wire.DELIMITER, b"0" * 64, *parts])
        client.send_frames("shell", [b"noise"])
        client.send_frames("shell", [b"noise"])
        client.check_alive()
    found = metrics.scrape(address)
    assert found("hilum_bad_messages_total", reason="bad_signature") == 1
    assert found("hilum_bad_messages_total", reason="no_delimiter") == 2
    assert found.sum("hilum_bad_messages_total") == 3


def test_limits_undo_and_left_out_output_are_counted(serve):
    kernel, address = serve(sections={"interrupt": {"grace_seconds": 0.2}})
    kernel.crashes_expected = True
    kernel.expect_log("")
    with kernel.client() as client:
        client.run("%limit output=10B\nprint(string.rep('x', 100))")
        client.run("%limit wall=50ms\nwhile true do end")
        client.run("a = 1")
        client.run("%undo")
        client.interrupt()
        client.check_alive()
    found = metrics.scrape(address)
    assert found("hilum_output_left_out_bytes_total") == 91
    assert found("hilum_limits_exceeded_total", limit="wall", severity="soft") == 1
    assert found("hilum_rollbacks_total", cause="undo") == 1
    assert found("hilum_interrupts_total", outcome="idle") == 1
    assert found("hilum_interrupts_total", outcome="stopped") == 0


def test_a_cell_that_does_not_react_is_counted_as_killed(serve):
    kernel, address = serve(sections={"interrupt": {"grace_seconds": 0.2}})
    kernel.crashes_expected = True
    kernel.expect_log("")
    code = ('print("started"); io.stdout:flush(); local s = string.rep("a", 40) '
            's:find(string.rep("a?", 40) .. string.rep("a", 40) .. "b")')
    with kernel.client() as client:
        request = client.start(code)
        client.interrupt()
        client.finish(request)
    found = metrics.scrape(address)
    killed, stopped = (found("hilum_interrupts_total", outcome=outcome)
                       for outcome in ("killed", "stopped"))
    assert killed + stopped == 1
    assert found("hilum_worker_deaths_total", cause="interrupt") == killed


def test_what_the_session_uses_is_measured(serve):
    _, address = serve()
    before = metrics.scrape(address)
    assert before("hilum_session_processes") >= 1
    assert before("hilum_kernel_memory_bytes") > 100_000


def test_memory_and_cpu_grow_with_what_a_cell_does(serve):
    kernel, address = serve()
    with kernel.client() as client:
        client.run("held = string.rep('x', 50000000)")
        client.run("local t = os.clock() while os.clock() - t < 0.3 do end")

        def grown():
            found = metrics.scrape(address)
            return found("hilum_session_memory_bytes") > 45_000_000 and \
                found("hilum_session_cpu_seconds_total") > 0.25
        limits.poll_until(grown, limits.EVENT, "the memory and the time of the cells")
        cpu = metrics.scrape(address)("hilum_session_cpu_seconds_total")
        kernel.crashes_expected = True
        kernel.expect_log("worker")
        procs.kill(kernel.worker, signal.SIGKILL)
        limits.poll_until(
            lambda: metrics.scrape(address)("hilum_worker_deaths_total", cause="crash") == 1,
            limits.EVENT, "the death")
        client.check_alive()
    assert metrics.scrape(address)("hilum_session_cpu_seconds_total") >= cpu
