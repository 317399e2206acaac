"""usage_request on control, as jupyter-resource-usage asks it of ipykernel."""
import os

import pytest

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

# The fields of psutil.virtual_memory() that the extension reads.
HOST_MEMORY = {"total", "available", "percent", "used", "free", "active", "inactive", "buffers",
               "cached", "shared", "slab"}


def usage(client):
    return client.ask("usage_request", channel="control").content


def test_usage_has_what_the_extension_shows(client):
    content = usage(client)
    assert content["status"] == "ok"
    assert content["hostname"] == os.uname().nodename
    assert content["pid"] == client.kernel.process.pid
    assert content["cpu_count"] == os.cpu_count()
    assert set(content["host_virtual_memory"]) == HOST_MEMORY
    assert 0 < content["host_virtual_memory"]["available"] <= content["host_virtual_memory"]["total"]


def test_the_hosts_processors_are_told_from_the_second_time_on(start_kernel):
    kernel = start_kernel()
    with kernel.client() as client:
        assert "host_cpu_percent" not in usage(client)
        client.run("local t = os.clock() while os.clock() - t < 0.2 do end")
        assert 0 < usage(client)["host_cpu_percent"] <= 100


def test_usage_counts_the_memory_of_the_session(client):
    before = usage(client)["kernel_memory"]
    client.run("usage_test = string.rep('x', 50000000)")
    grown = usage(client)["kernel_memory"] - before
    client.run("usage_test = nil collectgarbage()")
    assert 45_000_000 < grown < 120_000_000


def test_usage_is_answered_while_a_cell_runs_and_counts_its_cpu(client):
    usage(client)
    request = client.execute("print('started') while true do end")
    client.iopub_of(request, "stream")
    first = usage(client)
    while usage(client)["kernel_cpu"] < 30:
        pass
    client.interrupt()
    client.finish(request)
    assert first["status"] == "ok"
