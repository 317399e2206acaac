"""Evaluators that misbehave, from tests/plugins: each costs a cell, never the kernel."""
import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]  # stands for "Hilum"; the plugins are named in the tests
pytestmark = pytest.mark.hilum


@pytest.fixture
def start_plugin(start_kernel):
    """start_plugin("wrong_abi"): a kernel with that plugin of the build tree, or a skip."""
    def start(name):
        found = [path for path in kernels.BUILD.glob("tests/plugins/**/*.so") if path.stem == name]
        if not found:
            pytest.skip(f"tests/plugins has no {name}")
        kernel = start_kernel(name, env={"HILUM_EVALUATOR_PATH": str(found[0].parent)})
        kernel.crashes_expected = True
        kernel.expect_log("")
        return kernel
    return start


# Plugins that cannot be used, and what the cell's error has to say.
UNUSABLE = {
    "wrong_abi": ["ABI", "rebuild"],
    "short_struct": ["struct_size"],
    "missing_run": ["run"],
    "no_entry": ["hilum_evaluator"],
    "null_table": ["table"],
    "crash_in_load": ["SIG"],
    "error_in_load": [],
    "exit_in_load": [],
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_plugin_that_cannot_be_used_is_explained_in_the_cell(start_plugin, name):
    with start_plugin(name).client() as client:
        client.ask("kernel_info_request")
        for _ in range(2):
            run = client.run("anything")
            assert run.status == "error"
            for word in UNUSABLE[name]:
                assert word in run.content["evalue"]
        client.ask("kernel_info_request", channel="control")


def test_kernel_info_does_not_wait_for_a_slow_load(start_plugin):
    with start_plugin("slow_load").client() as client:
        client.ask("kernel_info_request", timeout=1 * limits.SCALE)


def test_a_plugin_deaf_to_interrupts_is_replaced(start_plugin):
    with start_plugin("deaf").client() as client:
        request = client.execute("spin")
        client.waiting["iopub"].insert(0, client.iopub_of(request, "status"))
        client.interrupt()
        assert client.finish(request, timeout=2 * limits.EVENT).status in ("aborted", "error")
        client.ask("kernel_info_request")


def test_noise_on_the_standard_streams_is_output(start_plugin):
    with start_plugin("noisy").client() as client:
        assert "noise" in client.run("anything").text()


def test_a_plugin_that_closes_its_descriptors_costs_at_most_the_cell(start_plugin):
    with start_plugin("closes_fds").client() as client:
        for _ in range(3):
            assert client.run("anything").status in ("ok", "error")
        client.ask("kernel_info_request")


def test_a_plugin_that_writes_nonsense_to_the_link_costs_at_most_the_cell(start_plugin):
    with start_plugin("link_noise").client() as client:
        for _ in range(3):
            assert client.run("anything").status in ("ok", "error")
        client.ask("kernel_info_request")


def test_what_an_evaluator_cannot_do_is_answered_all_the_same(start_plugin):
    """One with the mandatory members only: each message gets what the specification says."""
    code = {"code": "xyz", "cursor_pos": 2}
    with start_plugin("minimal").client() as client:
        assert client.run("anything").content["status"] == "ok"
        assert client.ask("complete_request", code).content == {
            "status": "ok", "matches": [], "cursor_start": 2, "cursor_end": 2,
            "metadata": {"_jupyter_types_experimental": []}}
        assert client.ask("inspect_request", code).content == {
            "status": "ok", "found": False, "data": {}, "metadata": {}}
        assert client.ask("is_complete_request", code).content == {"status": "unknown"}
        opened = client.until_idle(client.send("shell", "comm_open", {
            "comm_id": "c", "target_name": "t", "data": {}}))
        assert [m.type for m in opened] == ["status", "comm_close", "status"]
        run = client.run("anything", user_expressions={"a": "x"})
        assert run.content["user_expressions"] == {
            "a": {"status": "ok", "data": {}, "metadata": {}}}
