"""%%time: what a cell used, told at its end."""
import json
import re

import pytest

from harness import checkpoints
from harness import kernel as kernels

EVALUATORS = ["lua", "ghc"]
pytestmark = pytest.mark.hilum

AMOUNT = r"[\d.]+ (?:µs|ms|s)"
REPORT = re.compile(
    rf"Wall time:   ({AMOUNT})(?: \(compile ({AMOUNT}), run ({AMOUNT})\))?\n"
    rf"CPU time:    ({AMOUNT})\n"
    r"Peak memory: ([\d.]+) (kB|MB|GB|B)\n"
    r"Output:      (\d+) bytes? in (\d+) messages?\n")


def seconds(text):
    number, unit = text.split()
    return float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1}[unit]


def report(run):
    """The report at the end of what a cell printed."""
    text = run.text()
    found = REPORT.search(text)
    assert found and found.end() == len(text), text
    return found.groups()


def test_a_timed_cell_ends_with_a_report(client, snippet):
    code, result = snippet("value")
    run = client.run("%%time\n" + code)
    assert run.status == "ok" and run.result == result
    wall, compile, execute, cpu, memory, _, size, messages = report(run)
    assert seconds(compile) + seconds(execute) <= seconds(wall) * 1.01
    assert float(memory) > 0
    sent = [m for m in run.outputs if m.type == "execute_result"]
    assert (int(size), int(messages)) == (len(sent[0].frames[-1]), 1)
    assert client.run(code).text() == ""


def test_a_cell_that_fails_is_reported_too(client, snippet):
    run = client.run("%%time\n" + snippet("fail"))
    assert run.status == "error"
    report(run)


def test_line_numbers_stay(client, evaluator):
    if evaluator != "lua":
        pytest.skip("of Lua's errors")
    run = client.run("%%time\nlocal a = 1\nerror('here')")
    assert re.search(r"line 3\b", "\n".join(run.content["traceback"])), run.content


def test_cpu_time_is_that_of_the_cell(client, evaluator):
    if evaluator != "lua":
        pytest.skip("Lua stands for all")
    run = client.run("%%time\nlocal t = os.clock() while os.clock() - t < 0.2 do end")
    wall, _, execute, cpu, *_ = report(run)
    assert 0.15 <= seconds(cpu)
    assert seconds(cpu) <= seconds(wall) + 0.1
    idle = report(client.run("%%time\nos.execute('sleep 0.3')"))
    assert seconds(idle[3]) < 0.2 < seconds(idle[0])


def test_cpu_time_of_processes_that_the_cell_starts_counts(client, evaluator):
    if evaluator != "lua":
        pytest.skip("Lua stands for all")
    run = client.run("%%time\nos.execute('i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')")
    assert seconds(report(run)[3]) > 0.02


def test_peak_memory_is_that_of_the_cell(client, evaluator):
    if evaluator != "lua" or kernels.is_instrumented():
        pytest.skip("Lua stands for all; a sanitizer has memory of its own")
    run = client.run("%%time\nlocal s = string.rep('x', 60000000)")
    memory, unit = report(run)[4:6]
    assert unit == "MB" and 60 <= float(memory) < 200
    client.run("collectgarbage() collectgarbage()")
    checkpoints.await_sleep(client)
    memory, unit = report(client.run("%%time\nlocal a = 1"))[4:6]
    assert unit != "GB" and float(memory) < 60 or unit == "kB"


def test_arguments_are_refused(client):
    run = client.run("%%time 5\nnonsense")
    assert run.content["ename"] == "UsageError"
    assert "%%time takes no arguments" in run.content["evalue"]


def test_it_stands_with_other_lines(client, snippet):
    code, result = snippet("value")
    run = client.run("%limit wall=60s\n%%time\n" + code)
    assert run.result == result
    report(run)


def test_a_silent_cell_says_nothing(client, snippet):
    run = client.run("%%time\n" + snippet("value")[0], silent=True)
    assert run.outputs == []


def test_completion_ignores_the_line(client, evaluator):
    if evaluator != "lua":
        pytest.skip("of Lua's names")
    code = "%%time\nstring.for"
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content
    assert "format" in " ".join(reply["matches"])


def test_all_cells_can_be_timed_by_a_setting(start_kernel, evaluator, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"cells": {"time": True}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    with kernel.client() as client:
        for _ in range(2):
            report(client.run(kernels.LANGUAGES[evaluator]["value"][0]))
