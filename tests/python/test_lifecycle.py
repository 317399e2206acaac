"""How a kernel starts, and all the ways in which it ends."""
import json
import os
import signal
import socket
import subprocess

import pytest
import zmq

from harness import kernel as kernels
from harness import limits, procs, wire

EVALUATORS = ["lua", "python"]


# ---- shutdown ----

@pytest.mark.parametrize("restart", [True, False])
def test_shutdown_echoes_restart_and_exits_with_0(start_kernel, restart):
    kernel = start_kernel()
    with kernel.client() as client:
        request = client.send("control", "shutdown_request", {"restart": restart})
        assert client.reply(request).content == {"status": "ok", "restart": restart}
        assert kernel.wait() == 0


@pytest.mark.hilum
def test_shutdown_says_busy_reply_and_idle_on_iopub(start_kernel):
    """ipykernel broadcasts the reply in the end, after idle."""
    kernel = start_kernel()
    with kernel.client() as client:
        request = client.send("control", "shutdown_request", {"restart": False})
        client.reply(request)
        messages = client.until_idle(request)
        assert [m.type for m in messages] == ["status", "shutdown_reply", "status"]
        assert messages[1].content == {"status": "ok", "restart": False}
        assert kernel.wait() == 0


@pytest.mark.hilum
def test_shutdown_on_shell_is_answered_on_shell(start_kernel):
    kernel = start_kernel()
    with kernel.client() as client:
        client.reply(client.send("shell", "shutdown_request", {"restart": False}))
        assert kernel.wait() == 0


@pytest.mark.hilum
@pytest.mark.parametrize("program", ["spin", "sleep"])
def test_shutdown_ends_a_running_cell(start_kernel, snippet, program):
    kernel = start_kernel()
    with kernel.client() as client:
        client.start(snippet(program))
        client.reply(client.send("control", "shutdown_request", {"restart": False}))
        assert kernel.wait() == 0


@pytest.mark.hilum
def test_shutdown_takes_at_most_a_second(start_kernel):
    kernel = start_kernel().settle()
    with kernel.client() as client:
        client.reply(client.send("control", "shutdown_request", {"restart": False}))
        assert kernel.wait(1 * limits.SCALE) == 0


@pytest.mark.hilum
def test_shutdown_while_a_cell_asks_for_input(start_kernel, snippet):
    kernel = start_kernel()
    with kernel.client() as client:
        client.execute(snippet("read_line"), allow_stdin=True)
        client.recv("stdin")
        client.reply(client.send("control", "shutdown_request", {"restart": False}))
        assert kernel.wait() == 0


@pytest.mark.hilum
def test_shutdown_right_at_the_start(start_kernel):
    """Before the evaluator has said a word."""
    for _ in range(3):
        kernel = start_kernel()
        with kernel.client() as client:
            client.reply(client.send("control", "shutdown_request", {"restart": False}))
            assert kernel.wait() == 0


@pytest.mark.hilum
def test_queued_cells_do_not_run_after_shutdown(start_kernel, snippet):
    kernel = start_kernel()
    mark = kernel.folder / "ran"
    with kernel.client() as client:
        client.start(snippet("spin"))
        client.execute(f'io.open("{mark}", "w"):close()')
        client.let_arrive()
        client.reply(client.send("control", "shutdown_request", {"restart": False}))
        assert kernel.wait() == 0
    assert not mark.exists()


# ---- signals ----

@pytest.mark.parametrize("busy", [False, pytest.param(True, marks=pytest.mark.hilum)])
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP,
                                                                 marks=pytest.mark.hilum)])
def test_a_signal_ends_the_kernel(start_kernel, snippet, number, busy):
    kernel = start_kernel().settle()
    kernel.expect_log("")
    with kernel.client() as client:
        if busy:
            client.start(snippet("spin"))
        os.kill(kernel.pid, number)
        code = kernel.wait()
    assert code == 0 or not kernel.dialect.strict


@pytest.mark.hilum
@pytest.mark.parametrize("program", ["value", "spin", "sleep"])
def test_nothing_outlives_a_killed_kernel(start_kernel, snippet, program):
    kernel = start_kernel().settle()
    with kernel.client() as client:
        if program != "value":
            client.start(snippet(program))
        procs.kill(kernel.pid, signal.SIGKILL)
        kernel.wait()
    kernel.check_gone()


# ---- the process that started it ----

@pytest.fixture
def parent():
    process = subprocess.Popen(["sleep", "1000"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.hilum
@pytest.mark.skipif("valgrind" in kernels.WRAPPER, reason="valgrind 3.19 has no pidfd_open")
@pytest.mark.parametrize("busy", [False, True])
def test_the_kernel_ends_with_the_process_that_started_it(start_kernel, parent, snippet, busy):
    kernel = start_kernel(env={"JPY_PARENT_PID": str(parent.pid)}).settle()
    kernel.expect_log("started")
    with kernel.client() as client:
        if busy:
            client.start(snippet("spin"))
        parent.kill()
        parent.wait()
        assert kernel.wait() == 0


@pytest.mark.hilum
@pytest.mark.parametrize("pid", ["", "x", "0", "1", "-5", "99999999999999999999"])
def test_an_odd_parent_pid_does_no_harm(start_kernel, pid):
    kernel = start_kernel(env={"JPY_PARENT_PID": pid})
    kernel.expect_log("JPY_PARENT_PID")
    with kernel.client() as client:
        client.check_alive()


# ---- transports and connection files ----

@pytest.mark.parametrize("key", [None, "", "k", "\u00e9\U0001f600", "x" * 1000],
                         ids=lambda key: ascii(key)[:8])
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_each_transport_with_each_kind_of_key(start_kernel, transport, key):
    kernel = start_kernel(transport=transport, key=key)
    with kernel.client() as client:
        client.check_alive()
        for _ in range(3):
            client.ask("kernel_info_request")


@pytest.mark.hilum
def test_ipc_sockets_are_removed_at_the_end(start_kernel):
    kernel = start_kernel(transport="ipc")
    with kernel.client() as client:
        client.check_alive()
    kernel.shutdown()
    assert list(kernel.folder.glob("kernel-ipc*")) == []


@pytest.mark.hilum
def test_an_ipc_path_may_hold_a_colon(start_kernel, evaluator, tmp_path_factory):
    connection = kernels.new_connection(tmp_path_factory.mktemp("ipc"), "ipc")
    kernel = start_kernel(connection_text="{}", command="true {evaluator}")
    kernel.wait()
    connection["ip"] = str(kernel.folder / "with:colon")
    file = kernels.write_private(kernel.folder / "second.json", json.dumps(connection))
    second = start_kernel(command=kernels.COMMAND.replace("{connection_file}", str(file)))
    second.connection = connection
    second.ledger.key = connection["key"].encode()
    with second.client() as client:
        client.check_alive()


@pytest.mark.hilum
def test_the_first_status_is_starting(start_kernel):
    """Nobody can have subscribed before the sockets are there, unless the client was early; so this
    holds only when it comes at all."""
    kernel = start_kernel()
    with kernel.client() as client:
        client.ask("kernel_info_request")
        for message in client.drain():
            assert message.type == "status"
            assert message.content == {"execution_state": "starting"}
            assert message.parent_frame == b"{}"
        client.waiting["iopub"].clear()


@pytest.mark.hilum
def test_a_client_that_starts_with_the_first_reply_misses_no_output(start_kernel, snippet):
    """jupyter console and jupyter run execute as soon as kernel_info is answered. Their IOPub socket
    may connect up to 0.2 s later than their shell socket, because each of libzmq's sockets has its
    own time for the next attempt when the kernel was not there at the first. What is published in
    between must reach it all the same, else the client waits for an idle that never comes."""
    for _ in range(8):
        kernel = start_kernel()
        with zmq.Context() as context, context.socket(zmq.SUB) as iopub:
            iopub.linger = 0
            iopub.subscribe(b"")
            with context.socket(zmq.DEALER) as shell:
                shell.linger = 0
                shell.connect(kernel.endpoint("shell"))
                iopub.connect(kernel.endpoint("iopub"))
                header = {"msg_id": "first", "session": "s", "username": "u", "date": wire.now(),
                          "msg_type": "kernel_info_request", "version": "5.3"}
                parts = [wire.encode(header), b"{}", b"{}", b"{}"]
                shell.send_multipart([wire.DELIMITER, wire.sign(kernel.ledger.key, parts), *parts])
                assert shell.poll(1000 * limits.START)
                states = []
                while states[-1:] != ["idle"]:
                    assert iopub.poll(1000 * limits.EVENT), f"after {states} nothing came"
                    *_, header, parent, _, content = iopub.recv_multipart()
                    if json.loads(parent).get("msg_id") == "first":
                        states.append(json.loads(content)["execution_state"])
                assert states == ["busy", "idle"]
        kernel.shutdown()


def edited(change):
    """A connection file's text after a change to its object."""
    def make(connection):
        change(connection)
        return json.dumps(connection)
    return make


def without(*names):
    return edited(lambda connection: [connection.pop(name) for name in names])


def having(**values):
    return edited(lambda connection: connection.update(values))


BAD_CONNECTIONS = {
    "no JSON": (lambda c: "{nope", "connection.json"),
    "an empty file": (lambda c: "", "connection.json"),
    "a list": (lambda c: "[]", "object"),
    "cut off": (lambda c: json.dumps(c)[:-5], "connection.json"),
    "cut off in a short key": (lambda c: having(key="short-key")(c).partition('short-key"')[0] + "short-key",
                               "connection.json, line 1, column "),
    "a short key in the wrong place": (lambda c: having(key="short-key")(c).replace('"key"', '"key" "short-key"'),
                                       "':' expected"),
    "not UTF-8": (lambda c: json.dumps(c)[:-1] + ', "\udcff": 1}', "(?i)utf-8|decode"),
    "no shell_port": (without("shell_port"), "shell_port"),
    "no iopub_port": (without("iopub_port"), "iopub_port"),
    "no hb_port": (without("hb_port"), "hb_port"),
    "no control_port": (without("control_port"), "control_port"),
    "no stdin_port": (without("stdin_port"), "stdin_port"),
    "a text as port": (having(shell_port="12345"), "shell_port"),
    "a fraction as port": (having(stdin_port=1.5), "stdin_port"),
    "a negative port": (having(hb_port=-1), "hb_port"),
    "a port too big": (having(hb_port=65536), "hb_port"),
    "a boolean as port": (having(iopub_port=True), "iopub_port"),
    "a number as key": (having(key=5), "key"),
    "null as key": (having(key=None), "key"),
    "a number as ip": (having(ip=127), "ip"),
    "an ip that is none": (having(ip="no such host"), "no such host"),
    "another transport": (having(transport="carrier-pigeon"), "transport"),
    "a number as transport": (having(transport=1), "transport"),
    "another signature scheme": (having(signature_scheme="hmac-md5x"), "signature_scheme|hmac-md5x"),
}


@pytest.mark.hilum
@pytest.mark.parametrize("name", BAD_CONNECTIONS)
def test_a_bad_connection_file_is_refused_in_one_line(start_kernel, evaluator, tmp_path_factory,
                                                      name):
    change, expected = BAD_CONNECTIONS[name]
    connection = kernels.new_connection(tmp_path_factory.mktemp("x"))
    kernel = start_kernel(connection_text=change(connection))
    kernel.expect_log(expected)
    assert kernel.wait() != 0
    lines = kernel.stderr_text().splitlines()
    assert len(lines) == 1, lines
    assert connection["key"] is None or str(connection["key"]) not in lines[0] or \
        len(str(connection["key"])) < 3


@pytest.mark.hilum
def test_a_missing_connection_file_is_named(start_kernel):
    kernel = start_kernel(command=kernels.COMMAND.replace("{connection_file}",
                                                          "no-such-file.json"))
    kernel.expect_log("no-such-file.json")
    assert kernel.wait() != 0
    assert len(kernel.stderr_text().splitlines()) == 1


@pytest.mark.hilum
def test_a_folder_as_connection_file_is_refused(start_kernel):
    kernel = start_kernel(command=kernels.COMMAND.replace("{connection_file}", "reports"))
    kernel.expect_log("reports")
    assert kernel.wait() != 0


@pytest.mark.hilum
def test_a_port_that_is_taken_is_named(start_kernel):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        connection = {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "shell_port": port,
                      "signature_scheme": "hmac-sha256",
                      **{f"{channel}_port": free for channel, free in
                         zip(("iopub", "stdin", "control", "hb"), kernels.free_ports(4))}}
        kernel = start_kernel(connection_text=json.dumps(connection))
        kernel.expect_log(str(port))
        assert kernel.wait() != 0
        assert len(kernel.stderr_text().splitlines()) == 1


@pytest.mark.hilum
def test_a_connection_file_that_others_can_read_is_warned_about(start_kernel):
    """With the key anybody can run code as the user."""
    kernel = start_kernel(connection_text="{}", command="true {evaluator}")
    kernel.wait()
    file = kernels.write_private(kernel.folder / "open.json", json.dumps(kernel.connection))
    file.chmod(0o644)
    second = start_kernel(command=kernels.COMMAND.replace("{connection_file}", str(file)))
    second.connection = kernel.connection
    second.ledger.key = kernel.ledger.key
    second.expect_log("open.json.*others")
    with second.client() as client:
        client.check_alive()
    assert "others" in second.stderr_text()


@pytest.mark.hilum
def test_only_the_user_can_connect_through_ipc(start_kernel):
    """Sockets in the file system are as private as their folder; the kernel does not open it up."""
    kernel = start_kernel(transport="ipc")
    with kernel.client() as client:
        client.check_alive()
    for path in kernel.folder.glob("kernel-ipc*"):
        assert path.is_socket()


@pytest.mark.parametrize("arguments", [["run"], ["run", "-f"], ["run", "--nonsense"], [], ["nonsense"],
                                       ["run", "-f", "a", "-f"]], ids=" ".join)
@pytest.mark.hilum
def test_wrong_arguments_are_explained(arguments):
    result = subprocess.run([kernels.HILUM, *arguments], capture_output=True, text=True,
                            timeout=limits.START)
    assert result.returncode == 2 or result.returncode == 64
    assert result.stdout == ""
    assert "--help" in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]], ids=" ".join)
@pytest.mark.hilum
def test_help_and_version_are_on_stdout(arguments):
    result = subprocess.run([kernels.HILUM, *arguments], capture_output=True, text=True,
                            timeout=limits.START)
    assert result.returncode == 0
    assert result.stderr == ""
    assert "hilum" in result.stdout


# ---- evaluators that are not there ----

def check_evaluator_error(kernel, *words):
    kernel.expect_log("")
    with kernel.client() as client:
        content = client.ask("kernel_info_request").content
        assert content["implementation"] == "hilum"
        for _ in range(2):
            run = client.run("1+1")
            assert run.status == "error"
            assert len(run.errors) == 1
            for word in words:
                assert word in run.content["evalue"] + "\n".join(run.content["traceback"])
        client.ask("complete_request", {"code": "x", "cursor_pos": 1})
        client.ask("inspect_request", {"code": "x", "cursor_pos": 1, "detail_level": 0})
        client.ask("is_complete_request", {"code": "x"})
        client.interrupt()
        client.ask("kernel_info_request", channel="control")


@pytest.mark.hilum
def test_a_missing_evaluator_is_explained_in_the_cell(start_kernel):
    check_evaluator_error(start_kernel("no-such-evaluator"), "no-such-evaluator")


@pytest.mark.hilum
def test_an_evaluator_that_cannot_be_loaded_is_explained_in_the_cell(start_kernel, tmp_path):
    (tmp_path / "broken.so").write_text("this is no shared object")
    check_evaluator_error(start_kernel("broken", env={"HILUM_EVALUATOR_PATH": str(tmp_path)}),
                          "broken.so")


@pytest.mark.hilum
def test_the_kernel_does_not_need_a_home(start_kernel):
    kernel = start_kernel(env={"HOME": None, "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None,
                               "XDG_RUNTIME_DIR": None, "XDG_CACHE_HOME": None,
                               "XDG_STATE_HOME": None, "PATH": None})
    with kernel.client() as client:
        client.check_alive()


@pytest.mark.hilum
def test_a_bad_config_file_is_refused_in_one_line(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text('{"evaluator": 5}')
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("hilum.json.*evaluator")
    assert kernel.wait() != 0


@pytest.mark.hilum
def test_changing_the_config_swaps_the_evaluator(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    for name in ("lua", "echo"):
        config.write_text(json.dumps({"evaluator": name}))
        command = kernels.COMMAND.replace("--evaluator {evaluator}", "")
        kernel = start_kernel(name, command=command, env={"HILUM_CONFIG": str(config)})
        with kernel.client() as client:
            content = client.ask("kernel_info_request").content
            assert content["language_info"]["name"] == name
            client.check_alive()


@pytest.mark.hilum
def test_only_threads_of_zeromq_stand_back(kernel):
    """They are batch threads, so that they do not interrupt the kernel's own; cells are not."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        pytest.skip("the tests themselves run in another class")
    kernel.settle()
    policies = {int(task): os.sched_getscheduler(int(task)) for task in os.listdir(f"/proc/{kernel.pid}/task")}
    assert policies.pop(kernel.pid) == os.SCHED_OTHER
    assert set(policies.values()) == {os.SCHED_BATCH}
    assert os.sched_getscheduler(kernel.worker) == os.SCHED_OTHER


# ---- an idle kernel ----

@pytest.mark.hilum
def test_an_idle_kernel_uses_no_processor_time(start_kernel):
    """The clock of /proc ticks in hundredths of a second; half a second of idling gives at most
    one."""
    kernel = start_kernel().settle()
    everybody = procs.family(kernel.tag)

    def ticks():
        return sum(round(100 * procs.cpu_seconds(pid)) for pid in everybody)
    with kernel.client() as client:
        before = ticks()
        # Half a second in which the only event is the time limit.
        with pytest.raises(limits.TimeLimit):
            client.recv("shell", timeout=0.5)
        assert ticks() - before <= 2 * limits.SCALE
