"""Log lines: what is in them, what never is, and where they go."""
import json
import os
import re
import stat

import pytest

from harness import kernel as kernels
from harness import limits, wire
from test_process import LANGUAGE, PYTHON, SCRIPTED, search_path

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
CRASH = 'print("last words"); os.execute("kill -SEGV $PPID; sleep 10")'


def lines_of(kernel):
    """The log as jq reads it; every line has to be an object."""
    return [json.loads(line) for line in kernel.stderr_text().splitlines()]


def start_logging(start_kernel, level="debug", **env):
    kernel = start_kernel(env={"HILUM_LOG_FORMAT": "json", "HILUM_LOG_LEVEL": level, **env})
    kernel.crashes_expected = True
    kernel.expect_log("")
    return kernel


def send_bad_message(kernel, client):
    """One whose signature is wrong; returns when the kernel has seen it."""
    parts = [wire.encode(client.header("kernel_info_request")), b"{}", b"{}", b"{}"]
    client.send_frames("shell", [wire.DELIMITER, b"0" * 64, *parts])
    client.check_alive()


def test_every_line_is_one_json_object_with_time_level_and_origin(start_kernel):
    kernel = start_logging(start_kernel)
    with kernel.client() as client:
        send_bad_message(kernel, client)
        client.run(CRASH)
        client.check_alive()
    kernel.shutdown()
    lines = lines_of(kernel)
    assert lines
    for line in lines:
        assert TIME.match(line["time"]), line
        assert line["level"] in ("error", "warning", "info", "debug")
        assert line["source"] in ("kernel", "worker")
        assert line["pid"] == kernel.pid and line["message"]
        assert line["evaluator"] == "lua" and len(line["session"]) == 36
    assert len({line["session"] for line in lines}) == 1


def test_lines_have_the_session_of_the_kernels_messages(start_kernel):
    kernel = start_logging(start_kernel)
    with kernel.client() as client:
        session = client.ask("kernel_info_request").header["session"]
    assert {line["session"] for line in lines_of(kernel)} == {session}


def test_a_line_about_a_request_has_its_msg_id(start_kernel):
    kernel = start_logging(start_kernel, "warning")
    with kernel.client() as client:
        client.run("1 + 1")
        run = client.run(CRASH)
        client.check_alive()
    deaths = [line for line in lines_of(kernel) if "SIGSEGV" in line["message"]]
    assert deaths and {line["request"] for line in deaths} == {run.request.msg_id}
    assert {line["source"] for line in deaths} == {"kernel"}


def test_a_program_logs_like_the_kernel(start_kernel, tmp_path):
    begin = {"first": [], "hello": {"capabilities": ["compile"]}}
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"evaluators": {"under-test": {
        "command": [PYTHON, str(SCRIPTED), json.dumps(begin)], "language": LANGUAGE}}}))
    kernel = start_kernel("under-test", env={
        "HILUM_CONFIG": str(config), "HILUM_EVALUATOR_PATH": search_path(),
        "HILUM_LOG_FORMAT": "json"})
    kernel.expect_log("")
    log = ["send", "log", {"level": "warning", "text": 'said "so"\n\u20ac'}]
    with kernel.client() as client:
        request = client.execute(json.dumps({"compile": [], "run": [log]}))
        client.finish(request)
    line, = [line for line in lines_of(kernel) if "said" in line["message"]]
    assert line["message"] == 'said "so"\n\u20ac'
    assert (line["source"], line["level"]) == ("worker", "warning")
    assert (line["evaluator"], line["request"]) == ("under-test", request.msg_id)


def test_why_an_evaluator_did_not_load_is_a_sentence(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"evaluators": {"lua": {"options": {"init": "/none/such.lua"}}}}))
    kernel = start_logging(start_kernel, "error", HILUM_CONFIG=str(config))
    with kernel.client() as client:
        assert client.run("1").status == "error"
    reasons = {line["message"] for line in lines_of(kernel)}
    assert len(reasons) == 1
    assert re.fullmatch(r'evaluator "lua" did not load: \w+: [^{}\x1b]*/none/such.lua[^{}\x1b]*', *reasons)


def test_a_bad_message_is_logged_with_its_reason(start_kernel):
    kernel = start_logging(start_kernel, "warning")
    with kernel.client() as client:
        send_bad_message(kernel, client)
    reasons = [line["reason"] for line in lines_of(kernel) if "reason" in line]
    assert reasons == ["bad_signature"]


def talk_secretly(kernel, secret):
    with kernel.client() as client:
        client.run(f"local hidden = '{secret}'")
        client.run(f"error('{secret}')")
        client.run(f"= = '{secret}'")
        client.ask("complete_request", {"code": secret, "cursor_pos": 3})
        send_bad_message(kernel, client)
        client.run(CRASH + f" -- {secret}")
        client.check_alive()
    kernel.shutdown()


def test_keys_and_code_are_in_no_line_even_at_debug(start_kernel):
    secret = "swordfish" * 3
    for form in ("json", "text"):
        kernel = start_kernel(key="keyofthekernel" * 3, env={
            "HILUM_LOG_FORMAT": form, "HILUM_LOG_LEVEL": "debug"})
        kernel.crashes_expected = True
        kernel.expect_log("")
        talk_secretly(kernel, secret)
        log = kernel.stderr_text()
        assert "SIGSEGV" in log and "bad_signature" in log
        assert "keyofthekernel" not in log
        assert "swordfish" not in log


def test_curve_keys_are_in_no_line(start_kernel):
    zmq = pytest.importorskip("zmq")
    if not zmq.has("curve"):
        pytest.skip("this pyzmq has no CURVE")
    public, private = zmq.curve_keypair()
    connection = kernels.new_connection(kernels.Path("/nowhere"))
    connection.update(curve_publickey=public.decode(), curve_secretkey=private.decode())
    kernel = start_kernel(key=connection["key"], connection_text=json.dumps(connection),
                          env={"HILUM_LOG_FORMAT": "json", "HILUM_LOG_LEVEL": "debug"})
    kernel.connection = connection
    kernel.crashes_expected = True
    kernel.expect_log("")
    talk_secretly(kernel, "swordfish")
    log = kernel.stderr_text()
    assert "the kernel has started" in log and "bad_signature" in log
    assert public.decode() not in log and private.decode() not in log
    assert connection["key"] not in log


def test_code_is_logged_when_it_is_asked_for(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"log": {"code": True, "format": "json", "level": "debug"}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("")
    with kernel.client() as client:
        run = client.run("local swordfish = 1")
    line, = [line for line in lines_of(kernel) if "swordfish" in line["message"]]
    assert (line["level"], line["request"]) == ("debug", run.request.msg_id)


def test_text_lines_say_the_same(start_kernel):
    kernel = start_kernel()
    kernel.crashes_expected = True
    kernel.expect_log("")
    with kernel.client() as client:
        session = client.ask("kernel_info_request").header["session"]
        run = client.run(CRASH)
        client.check_alive()
    line = kernel.stderr_text().splitlines()[0]
    assert re.match(rf"hilum: \S+Z warning: \[evaluator=lua session={session} "
                    rf"request={run.request.msg_id}\] .*SIGSEGV", line), line


def test_lines_go_to_a_file_that_may_be_truncated(start_kernel, tmp_path):
    file = tmp_path / "kernel.log"
    kernel = start_logging(start_kernel, "warning", HILUM_LOG_FILE=str(file))
    with kernel.client() as client:
        send_bad_message(kernel, client)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text())["reason"] == "bad_signature"
        os.truncate(file, 0)  # as logrotate's copytruncate does
        send_bad_message(kernel, client)
    assert json.loads(file.read_text())["reason"] == "bad_signature"
    assert kernel.stderr_text() == ""


def test_a_log_file_that_cannot_be_opened_is_said_and_survived(start_kernel, tmp_path):
    kernel = start_logging(start_kernel, HILUM_LOG_FILE=str(tmp_path / "missing" / "kernel.log"))
    with kernel.client() as client:
        client.check_alive()
    assert "cannot open the log file" in lines_of(kernel)[0]["message"]


def test_a_reader_of_the_log_that_is_stuck_holds_nobody_up(start_kernel, tmp_path):
    pipe = tmp_path / "log.pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        kernel = start_logging(start_kernel, "warning", HILUM_LOG_FILE=str(pipe))
        with kernel.client() as client:
            for _ in range(1000):  # more than a pipe holds
                client.send_frames("shell", [b"noise"])
            client.check_alive()
            while os.read(reader, 1 << 20):
                if not has_more(reader):
                    break
            send_bad_message(kernel, client)
            last = os.read(reader, 1 << 20).decode().splitlines()
    finally:
        os.close(reader)
    messages = [json.loads(line)["message"] for line in last]
    assert re.match(r"\d+ log lines were lost", messages[0])
    assert "bad_signature" in messages[1]


def has_more(reader):
    try:
        return bool(os.read(reader, 1 << 20))
    except BlockingIOError:
        return False


def test_a_line_is_cut_and_stays_json(start_kernel):
    kernel = start_logging(start_kernel, "warning")
    with kernel.client() as client:
        client.send("shell", "\x01\x02" * 900)
        client.check_alive()
    line, = lines_of(kernel)
    assert "is not known" in line["message"]
    assert max(len(text) for text in kernel.stderr_text().splitlines()) <= 4096


def test_the_settings_are_checked(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"log": {"format": "xml"}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("")
    assert kernel.wait(limits.START) == 1
    assert '"log.format" is "xml"; expected one of "text", "json"' in kernel.stderr_text()
