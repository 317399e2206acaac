"""Prometheus itself: it finds a kernel, scrapes it, and answers what the cells were. And what
docs/operations has for operators is what Prometheus and Grafana accept."""
import json
import re
import shutil
import signal
import subprocess
import urllib.parse

import pytest

from harness import kernel as kernels
from harness import limits, metrics
from harness.kernel import TOP
from test_metrics import serve  # noqa: F401 (a fixture)

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

OPERATIONS = TOP / "docs/operations"

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"),
                                    reason="no promtool (Debian: prometheus)")
needs_prometheus = pytest.mark.skipif(not shutil.which("prometheus"),
                                      reason="no prometheus (Debian: prometheus)")


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True,
                          timeout=limits.START)


@needs_promtool
def test_promtool_finds_nothing_wrong(serve):  # noqa: F811
    kernel, address = serve()
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    with kernel.client() as client:
        client.run("1 + 1")
        client.run("error('boom')")
        client.run('os.execute("kill -SEGV $PPID; sleep 10")')
        client.ask("history_request", {"hist_access_type": "tail", "n": 1, "output": False,
                                       "raw": True})
    checked = promtool("check", "metrics", text=metrics.get(address)[2])
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


class Prometheus:
    """A server of its own: port, data folder and configuration."""

    def __init__(self, folder, scrape):
        self.port, = kernels.free_ports(1)
        self.config = folder / "prometheus.yml"
        self.config.write_text(json.dumps({  # JSON is YAML
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "hilum", **scrape}]}))
        self.log = open(folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.config}",
             f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=subprocess.STDOUT)

    def ask(self, query):
        """The value of a query's only result; None as long as there is none."""
        try:
            status, _, text = metrics.get(f"127.0.0.1:{self.port}",
                                          "/api/v1/query?query=" + urllib.parse.quote(query))
        except OSError:
            return None  # it starts
        if status != 200:
            return None
        results = json.loads(text)["data"]["result"]
        return float(results[0]["value"][1]) if results else None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(limits.STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture
def prometheus(tmp_path):
    servers = []

    def start(**scrape):
        servers.append(Prometheus(tmp_path, scrape))
        return servers[-1]
    yield start
    for server in servers:
        server.stop()


@needs_prometheus
@pytest.mark.time_limit(120)
def test_prometheus_finds_the_kernel_and_counts_its_cells(serve, prometheus, tmp_path):  # noqa: F811
    kernel, _ = serve()
    with kernel.client() as client:
        for number in range(17):
            client.run(f"{number} + 1")
        client.run("error('boom')")
    server = prometheus(file_sd_configs=[{"files": [str(tmp_path / "targets" / "*.json")]}])
    executed = 'hilum_requests_total{type="execute_request",status="%s",evaluator="lua"}'
    queries = ['up{job="hilum"}', executed % "ok", executed % "error", "hilum_execute_seconds_count"]

    def told():
        return [server.ask(query) for query in queries]
    # All at once: a scrape that takes too long leaves no value of any of them.
    limits.poll_until(lambda: told() == [1, 17, 1, 18], limits.START * 2, lambda: str(told()))
    with kernel.client() as client:
        client.run("40 + 2")
    limits.poll_until(lambda: server.ask(executed % "ok") == 18, limits.EVENT, "the next cell")


# ---- docs/operations ----

@needs_promtool
def test_the_alert_rules_are_valid():
    checked = promtool("check", "rules", str(OPERATIONS / "alerts.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "SUCCESS" in checked.stdout


@needs_promtool
def test_the_example_configuration_is_valid():
    checked = promtool("check", "config", str(OPERATIONS / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def dashboard():
    return json.loads((OPERATIONS / "grafana-dashboard.json").read_text())


def queries():
    """Every expression of the dashboard, and of the rules."""
    panels = [target["expr"] for panel in dashboard()["panels"]
              for target in panel.get("targets", [])]
    return panels + re.findall(r"^ +expr: (.*)$", (OPERATIONS / "alerts.yml").read_text(), re.M)


def test_dashboard_and_rules_use_only_metrics_that_there_are(serve):  # noqa: F811
    kernel, address = serve()
    text = metrics.get(address)[2]
    exported = {name for line in text.splitlines() if not line.startswith("#")
                for name in [re.match(r"\w+", line)[0]]} if text else set()
    used = {name for query in queries() for name in re.findall(r"\bhilum_\w+", query)}
    assert used and used <= exported


def test_every_kind_of_metric_is_on_the_dashboard(serve):  # noqa: F811
    _, address = serve()
    exported = {name.removesuffix("_total") for name in
                re.findall(r"^# TYPE (\w+) ", metrics.get(address)[2], re.M)}
    text = (OPERATIONS / "grafana-dashboard.json").read_text()
    assert {name for name in exported if name not in text} == set()


def test_the_dashboard_is_one_that_grafana_imports():
    board = dashboard()
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not taken & cells, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["targets"] and panel["datasource"]["uid"] == "${datasource}"
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(board)))
    assert used - {"__rate_interval", "__all"} <= set(variables)


@needs_prometheus
@pytest.mark.time_limit(120)
def test_prometheus_understands_every_query(prometheus):
    server = prometheus()
    limits.poll_until(lambda: server.ask("vector(1)") == 1, limits.START * 2, "Prometheus")
    for query in queries():
        for variable, value in (("$__rate_interval", "1m"), ("$job", ".*"), ("$evaluator", ".*"),
                                ("$instance", ".*")):
            query = query.replace(variable, value)
        status, _, text = metrics.get(f"127.0.0.1:{server.port}",
                                      "/api/v1/query?query=" + urllib.parse.quote(query))
        assert status == 200, (query, text)
