"""What the user is shown when something is wrong, compared to the letter: tests/golden/diagnostics has
a program for each case and, beside it, what is shown. `make golden` writes that anew; look at the
differences before you commit them."""
import html.parser
import json
import os
import re
import subprocess

import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

MIME = "application/vnd.hilum.diagnostics+json"
FOLDER = kernels.TOP / "tests" / "golden" / "diagnostics"
WRITES = bool(os.environ.get("HILUM_GOLDEN_WRITE"))
PROGRAMS = sorted([*FOLDER.glob("*.lua"), *FOLDER.glob("*.hs")])
CONFIGS = sorted(FOLDER.glob("*.json"))
GHC = "9.0.2"  # what it says changes from version to version
SCHEMA = json.loads((kernels.TOP / "docs" / "diagnostics.schema.json").read_text())


def ghc_version():
    return subprocess.run(["ghc", "--numeric-version"], capture_output=True, text=True,
                          timeout=limits.START).stdout.strip()


def stable(text):
    """Without what is different each time."""
    text = re.sub(r"\d+(\.\d+)? (s|ms|MB|levels)\b", r"N \2", text)
    return re.sub(r"/[^ \"',:]*/(?=[\w-]+\.json)", "", text)


def compare(path, sections):
    text = "".join(f"==== {name}\n{stable(part)}\n" for name, part in sections.items())
    golden = path.with_suffix(".expected")
    if WRITES:
        golden.write_text(text)
    assert text.splitlines() == golden.read_text().splitlines()


def ansi(text):
    return text.replace("\x1b[", "\\e[")


class Balance(html.parser.HTMLParser):
    """Is what stands there one well-formed element without scripts?"""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert tag in ("div", "pre", "span", "i"), tag
        assert all(name in ("style", "class") for name, _ in attributes)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def told(start_kernel, tmp_path):
    """told(path): the last error or warning of the program's cells, as (text, html, json)."""
    clients = []

    def run(path):
        config, cells = {}, path.read_text().split("\n-- next cell\n")
        first, _, rest = cells[0].partition("\n")
        if first.startswith("-- config: "):
            config, cells[0] = json.loads(first[len("-- config: "):]), rest
        name = "ghc" if path.suffix == ".hs" else "lua"
        (tmp_path / "hilum.json").write_text(json.dumps(config))
        folder, = kernels.BUILD.glob(f"plugins/{name}/**/{name}.so")
        kernel = start_kernel(name, env={"HILUM_CONFIG": str(tmp_path / "hilum.json"),
                                         "HILUM_EVALUATOR_PATH": str(folder.parent)})
        client = kernel.client()
        clients.append(client)
        client.__enter__()
        for cell in cells:
            done = client.run(cell)
        if path.stem == "crash":
            kernel.expect_log("killed by signal 11")
        for message in reversed(done.messages):
            if message.type == "error":
                return ("\n".join(message.content["traceback"]), message.metadata["text/html"],
                        message.metadata[MIME])
            if message.type == "display_data" and MIME in message.content["data"]:
                data = message.content["data"]
                return data["text/plain"], data["text/html"], data[MIME]
        raise AssertionError(f"nothing was wrong: {done}")
    yield run
    for client in clients:
        client.__exit__(None, None, None)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_what_is_shown_is_what_is_expected(told, path):
    jsonschema = pytest.importorskip("jsonschema")
    if path.suffix == ".hs" and not list(kernels.BUILD.glob("plugins/ghc/**/ghc.so")):
        pytest.skip("ghc.so was not built")
    if path.suffix == ".hs" and ghc_version() != GHC:
        pytest.skip(f"the messages are those of GHC {GHC}")
    if path.stem in ("guard-memory", "crash") and kernels.is_instrumented():
        pytest.skip("sanitizers have memory and signal handlers of their own")
    text, page, data = told(path)
    jsonschema.validate(data, SCHEMA)
    Balance(page)
    compare(path, {"text": ansi(text), "html": page,
                   "json": json.dumps(data, indent=1, ensure_ascii=False)})


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_error_shows_the_line(path):
    result = subprocess.run([kernels.HILUM, "config", "--config", path], capture_output=True, text=True,
                            timeout=limits.START, env={**os.environ, "XDG_CONFIG_HOME": "/nonexistent"})
    assert result.returncode == 1
    compare(path, {"stderr": result.stderr})


def test_an_error_is_told_once_and_in_a_form_that_notebooks_take(told, start_kernel):
    """Members that nbformat does not know would make the file invalid; a second output would show the
    error twice."""
    with start_kernel().client() as client:
        run = client.run("error('boom')")
        assert [message.type for message in run.outputs] == ["error"]
        assert set(run.outputs[0].content) == {"ename", "evalue", "traceback"}
        assert set(run.outputs[0].metadata) == {"text/html", MIME}


def test_codes_in_the_sources_are_documented_and_the_other_way_round():
    families = "lua|ghc|guard|worker|cell|config|protocol|evaluator|program|echo"
    found = set()
    for folder in ("core", "plugins"):
        for path in (kernels.TOP / folder).rglob("*"):
            if path.suffix in (".c", ".hs"):
                text = re.sub(r"#include.*", "", path.read_text())
                found.update(re.findall(rf'"((?:{families})\.[a-z][a-z-]*)"', text))
    # The stages of GHC, which Report.hs makes codes of.
    found.update(["ghc.parse", "ghc.compile", "ghc.directive"])
    page = (kernels.TOP / "docs" / "diagnostics.md").read_text()
    documented = set(re.findall(rf"^\| `((?:{families})\.[a-z-]+)`", page, re.MULTILINE))
    assert found == documented
