"""The harness distrusts itself: each fault of a fake kernel has to be noticed, and a fake kernel
without fault has to pass."""
import os
import shlex
import sys
from pathlib import Path

import pytest

from harness import kernel as kernels
from harness import limits, procs, schemas, wire

FAKE = Path(__file__).resolve().parent / "harness" / "fake_kernel.py"


@pytest.fixture
def fake(monkeypatch):
    """fake(fault): a fake kernel that a cell has been run on, finished and audited."""
    started = []

    def run(fault):
        kernel = kernels.Kernel(
            "echo", dialect=kernels.HILUM_DIALECT,
            command=f"{shlex.quote(sys.executable)} {shlex.quote(str(FAKE))} "
                    f"{{connection_file}} {shlex.quote(fault)}")
        started.append(kernel)
        with kernel.client() as client:
            # The result of the fake is always the same, check_alive() is not for it.
            client.run("warm up")
        kernel.take_measures()
        monkeypatch.setattr(limits, "EVENT", 1.0 * limits.SCALE)
        monkeypatch.setattr(limits, "STOP", 1.0 * limits.SCALE)
        with kernel.client() as client:
            client.run("the cell", timeout=1.0 * limits.SCALE)
            client.ask("kernel_info_request", timeout=1.0 * limits.SCALE)
        kernel.audit()
        kernel.finish()
        return kernel
    run.kernels = started
    yield run
    for kernel in started:
        kernel.dispose()


def test_a_kernel_without_fault_passes(fake):
    assert not fake("none").alive


@pytest.mark.parametrize("fault, sentence", [
    ("wrong signature", "wrong signature"),
    ("rewritten parent", "byte for byte"),
    ("content is a list", "content is not an object"),
    ("short message", "frames after the delimiter"),
    ("date without time zone", "time zone"),
    ("same msg_id", "came twice"),
    ("changing session", "another session"),
    ("no version", "without a string 'version'"),
    ("reply without count", "without 'execution_count'"),
    ("output after idle", "came after idle"),
    ("two idles", "came after idle"),
])
def test_a_violation_of_the_protocol_is_noticed(fake, fault, sentence):
    with pytest.raises(wire.ProtocolViolation, match=sentence):
        fake(fault)


@pytest.mark.parametrize("fault, sentence", [
    ("leaks a descriptor", "leak: .*descriptors of the kernel"),
    ("leaks a process", "leak: .*processes"),
    ("leaves a zombie", "leak: .*zombies: .[0-9]"),
    ("noise on stderr", "unexpected on stderr: what is this"),
    ("noise on stdout", "unexpected on stdout: what is this"),
    ("sanitizer report", "sanitizer"),
    ("worker's sanitizer report", "heap-use-after-free"),
    ("exits with 3", "exit code 3"),
])
def test_a_fault_of_the_process_is_noticed(fake, fault, sentence):
    with pytest.raises(kernels.AuditFailure, match=sentence):
        fake(fault)


@pytest.mark.parametrize("fault", ["hangs", "no reply"])
def test_silence_is_a_failure_and_not_a_hang(fake, fault):
    with pytest.raises(limits.TimeLimit):
        fake(fault)


def test_the_end_of_the_kernel_is_noticed_at_once(fake):
    with pytest.raises(wire.KernelGone):
        fake("dies")


def test_what_outlives_the_kernel_is_noticed(fake, monkeypatch):
    monkeypatch.setattr(kernels.Kernel, "_leaks", lambda self: [])
    with pytest.raises(kernels.AuditFailure, match="left over: .*sleep 100"):
        fake("leaves a daemon")


def test_disposing_of_a_kernel_kills_its_daemons(fake):
    with pytest.raises(kernels.AuditFailure):
        fake("leaks a process")
    kernel, = fake.kernels
    assert len(procs.family(kernel.tag)) == 2
    kernel.dispose()
    limits.poll_until(lambda: not procs.family(kernel.tag), limits.STOP, "all are gone")


@pytest.mark.time_limit(1)
def test_the_time_limit_of_a_test_interrupts_it():
    with pytest.raises(limits.TimeLimit):
        reader, writer = os.pipe()
        try:
            os.read(reader, 1)
        finally:
            os.close(reader)
            os.close(writer)


def test_signatures_are_hmac_sha256_of_the_four_frames():
    """RFC 4231, test case 2."""
    assert wire.sign(b"Jefe", [b"what do ya want ", b"for ", b"", b"nothing?"]) == \
        b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert wire.sign(b"", [b"{}"] * 4) == b""


@pytest.mark.parametrize("msg_type, content", [
    ("status", {"execution_state": "sleeping"}),
    ("stream", {"name": "stdin", "text": ""}),
    ("stream", {"name": "stdout"}),
    ("execute_result", {"data": {"text/plain": 1}, "metadata": {}, "execution_count": 1}),
    ("execute_result", {"data": {"text/plain": "x"}, "metadata": {}, "execution_count": "1"}),
    ("display_data", {"data": {"image/png": "not base64!"}, "metadata": {}}),
    ("display_data", {"data": {"plain": "x"}, "metadata": {}}),
    ("error", {"ename": "E", "evalue": "v", "traceback": "one text"}),
    ("execute_reply", {"status": "fine", "execution_count": 1}),
    ("execute_reply", {"status": "ok", "execution_count": True, "user_expressions": {}}),
    ("execute_reply", {"status": "ok", "execution_count": 1}),
    ("execute_reply", {"status": "aborted"}),
    ("execute_reply", {"status": "error", "execution_count": 1, "ename": "E", "evalue": "v"}),
    ("complete_reply", {"status": "ok", "matches": "abc", "cursor_start": 0, "cursor_end": 0,
                        "metadata": {}}),
    ("is_complete_reply", {"status": "yes"}),
    ("input_request", {"prompt": "x"}),
    ("some_reply", {}),
])
def test_a_wrong_content_is_noticed(msg_type, content):
    assert schemas.problem_with_content(msg_type, content)
