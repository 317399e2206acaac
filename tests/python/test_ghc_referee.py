"""The statements of a tutorial's first chapters, with real ghci of the same GHC as the referee: what a
cell shows, prints or fails with is what ghci answers to the same input."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness import kernel as kernels
from harness.limits import SCALE
from harness.program import Program

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

SESSION = kernels.BUILD / "plugins/ghc/hilum-ghc-session"
if not os.access(SESSION, os.X_OK):
    pytest.skip("the Haskell session program was not built", allow_module_level=True)

TABLE = pathlib.Path(__file__).with_name("haskell") / "tutorial.hs"
STATEMENTS = TABLE.read_text().strip().split("\n\n")
MARK = "@@statement %d@@"


def ask_ghci(ghc):
    """What ghci says to each statement."""
    script = []
    for number, statement in enumerate(STATEMENTS):
        script.append(f":{{\n{statement}\n:}}" if "\n" in statement else statement)
        # `it` stays the value of the statement before.
        script.append(f':! echo "{MARK % number}"')
    directory, name = os.path.split(ghc)
    ghci = os.path.join(directory, name.replace("ghc", "ghci", 1))
    output = subprocess.run(
        [ghci, "-v0", "-ignore-dot-ghci"], input="\n".join(script) + "\n", text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120 * SCALE,
        env=dict(os.environ, LC_ALL="C.UTF-8")).stdout
    answers = []
    for number in range(len(STATEMENTS)):
        answer, mark, output = output.partition(MARK % number + "\n")
        assert mark, f"ghci did not come to statement {number}: {answer[-500:]}"
        answers.append(answer)
    return answers


def ask_session(ghc):
    program = Program([str(SESSION)], env={"LC_ALL": "C.UTF-8"})
    try:
        return [program.cell(statement, number) for number, statement in enumerate(STATEMENTS)]
    finally:
        program.close()


@pytest.fixture(scope="module")
def answers():
    ghc = shutil.which("ghc")
    return list(zip(ask_ghci(ghc), ask_session(ghc)))


def without_places(text):
    """Not where it was: ghci counts lines of its input, and a cell has a name."""
    return re.sub(r"(<interactive>|cell \d+):(\d+:\d+(-\d+)?|\(\d+,\d+\)-\(\d+,\d+\))", "PLACE", text)


def message(text):
    return " ".join(without_places(text).split())


def of_ghci(answer):
    """(what was shown, what went wrong) in ghci's answer."""
    shown, failure, wrong = answer.partition("*** Exception: ")
    if failure:
        return without_places(shown), message(wrong.partition("CallStack")[0])
    errors = re.split(r"\n?<(?:interactive|no location info)>[^ ]* error:", answer)
    return without_places(errors[0]), " ".join(message(error) for error in errors[1:])


def of_cell(result):
    """The same for what a cell did."""
    shown = ""
    for kind, content in result.events:
        if kind in ("stdout", "stderr"):
            shown += content
        elif kind in ("display_data", "execute_result"):
            shown += content["data"]["text/plain"] + "\n"
    wrong = [d["message"] for d in result.diagnostics if d["severity"] == "error"]
    return without_places(shown), " ".join(message(text.partition("CallStack")[0]) for text in wrong)


def test_the_table_is_long_enough():
    assert len(STATEMENTS) >= 120


@pytest.mark.parametrize("number", range(len(STATEMENTS)), ids=lambda n: STATEMENTS[n].split("\n")[0])
def test_a_statement_does_what_ghci_does(answers, number):
    expected, actual = answers[number]
    assert of_cell(actual) == of_ghci(expected)
