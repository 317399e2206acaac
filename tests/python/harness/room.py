"""A home with the installed kernelspecs, for real clients. A module that wants it imports `room`."""
import json
import os
import shlex
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest

from harness import kernel as kernels
from harness import limits, procs


class Room:
    """A home with the kernelspecs installed, and an environment in which Jupyter finds them."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hilum-"))
        self.reports = self.folder / "reports"
        self.reports.mkdir()
        (self.folder / "run").mkdir(mode=0o700)
        self.tag = uuid.uuid4().hex
        self.prefix = self.folder / "prefix"
        self.env = kernels.environment(self.folder, self.tag, self.reports)
        self.install()
        # The kernelspec has to know by itself where its evaluators are.
        del self.env["HILUM_EVALUATOR_PATH"]
        self.env["JUPYTER_PATH"] = str(self.prefix / "share" / "jupyter")
        self.env["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")

    def install(self):
        self.installed = self.call([kernels.HILUM, "install", "--prefix", str(self.prefix),
                                    *[word for name in kernels.EVALUATORS for word in ("--evaluator", name)]])
        if kernels.WRAPPER:
            for path in self.prefix.glob("share/jupyter/kernels/*/kernel.json"):
                spec = json.loads(path.read_text())
                wrapper = [word.format(reports=self.reports)
                           for word in shlex.split(kernels.WRAPPER)]
                spec["argv"] = wrapper + spec["argv"]
                path.write_text(json.dumps(spec))

    def call(self, command, **options):
        """Runs a program to its end, which has to be a success."""
        result = subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True,
                                text=True, timeout=30 * limits.SCALE, **options)
        assert result.returncode == 0, f"{command}: {result.stdout}\n{result.stderr}"
        return result

    def check(self):
        """After each test: no process is left and no sanitizer has complained."""
        limits.poll_until(lambda: not procs.family(self.tag), limits.STOP, lambda: str(
            [procs.describe(pid) for pid in procs.family(self.tag)]))
        assert kernels.reports_in(self.reports) == []

    def dispose(self):
        for pid in procs.family(self.tag):
            procs.kill(pid)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def room():
    room = Room()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("JUPYTER", "HILUM", "XDG")):
                patch.delenv(name)
        for name, value in room.env.items():
            patch.setenv(name, value)
        try:
            yield room
            room.check()
        finally:
            room.dispose()
