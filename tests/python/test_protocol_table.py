"""docs/protocol.md, the router's table, the harness's checks and the tests agree."""
import ast
import re

import pytest

from harness import schemas
from harness.kernel import TOP

FOLDER = TOP / "tests" / "python"
CHANNELS = ("shell", "control", "iopub", "stdin")


def rows(title):
    """{message: (channels, fields, tests)} of the table below a heading."""
    text = (TOP / "docs" / "protocol.md").read_text("utf-8")
    section = re.search(rf"^## {title}$(.*?)^## ", text, re.M | re.S)[1]
    found = {}
    for line in re.findall(r"^\| `.*$", section, re.M):
        name, channels, fields, _, tests = [cell.strip(" `") for cell in line.split("|")[1:-1]]
        assert name not in found, f"two rows for {name}"
        found[name] = (set(channels.split(", ")), set(re.findall(r"\w+", fields)), re.findall(r"\w+", tests))
    return found


RECEIVED, SENT = rows("What clients send"), rows("What Hilum sends")
ALL_ROWS = [*RECEIVED.items(), *SENT.items()]


def test_the_router_and_the_table_have_the_same_requests():
    source = (TOP / "core" / "kernel" / "router.c").read_text("utf-8")
    table = re.search(r"types\[\] = \{(.*?)^\};", source, re.M | re.S)[1]
    routed = {name: set(channels.lower().split(" | ")) for name, channels in re.findall(
        r'\{STR\("(\w+)"\), (?:STR\("\w+"\)|\{0\}), ([A-Z| ]+),', table)}
    assert len(routed) == table.count('{STR("')
    assert {**routed, "input_reply": {"stdin"}} == {
        name: channels for name, (channels, _, _) in RECEIVED.items()}


def test_the_checks_and_the_table_have_the_same_messages():
    assert set(SENT) == set(schemas.CONTENTS)
    for name, (channels, fields, _) in SENT.items():
        assert fields == schemas.CONTENTS[name].names, name
        for channel in channels:
            assert schemas.channel_fits(name, channel), f"{name} on {channel}"


def test_each_request_has_its_reply_on_the_same_channels():
    for name, (channels, _, _) in RECEIVED.items():
        if name.endswith("_request"):
            assert channels == SENT[name.replace("_request", "_reply")][0] - {"iopub"}, name


def tests_by_name():
    """{name: [source of a module that has it]}."""
    found = {}
    for path in FOLDER.glob("test_*.py"):
        source = path.read_text("utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, []).append(source)
    return found


TESTS = tests_by_name()
HARNESS = (FOLDER / "harness" / "wire.py").read_text("utf-8")


@pytest.mark.parametrize("name, row", ALL_ROWS, ids=[f"{name}-{at}" for at, (name, _)
                                                     in enumerate(ALL_ROWS)])
def test_each_message_has_tests_that_are_there_and_name_it(name, row):
    """A reply is named by its request, and the harness sends some types for the tests."""
    _, fields, tests = row
    assert tests
    assert [test for test in tests if test not in TESTS] == []
    sources = [HARNESS] + [source for test in tests for source in TESTS[test]]
    spoken = {name, name.replace("_reply", "_request")}
    assert any(word in source for source in sources for word in spoken)
    everything = HARNESS + "".join(source for found in TESTS.values() for source in found)
    for field in fields:
        assert re.search(rf"[\"']{field}[\"']|\b{field}=|\.{field}\b", everything), field
