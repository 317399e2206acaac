"""history_request for the cells of this session. What earlier sessions stored comes with the
history file."""
import pytest

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

CELLS = ["return 1", "local a = 'x'", "return 2", "local a = 'x'", "-- \U0001d11e\n-- \"quoted\""]


@pytest.fixture
def told(start_kernel):
    """A client of a kernel on which CELLS have run."""
    with start_kernel().client() as client:
        for code in CELLS:
            client.run(code)
        client.run("return 'not stored'", store_history=False)
        client.run("return 'silent'", silent=True)
        yield client


def history(client, output=False, **access):
    content = {"output": output, "raw": True, **access}
    return client.ask("history_request", content).content["history"]


def inputs(entries):
    return [entry[2] for entry in entries]


def test_the_tail_is_the_last_cells_in_order(told):
    assert inputs(history(told, hist_access_type="tail", n=2)) == CELLS[-2:]
    assert inputs(history(told, hist_access_type="tail", n=100)) == CELLS
    assert history(told, hist_access_type="tail", n=0) == []


def test_entries_have_session_line_and_input(told):
    entries = history(told, hist_access_type="tail", n=100)
    assert len({entry[0] for entry in entries}) == 1
    assert [entry[1] for entry in entries] == list(range(1, len(CELLS) + 1))


def test_with_output_the_input_is_paired(told):
    for entry in history(told, output=True, hist_access_type="tail", n=100):
        assert len(entry[2]) == 2


@pytest.mark.parametrize("start, stop, expected", [
    (1, 3, CELLS[:2]), (2, 3, CELLS[1:2]), (4, None, CELLS[3:]), (3, 3, []), (100, 200, []),
])
def test_a_range_of_this_session(told, start, stop, expected):
    entries = history(told, hist_access_type="range", session=0, start=start, stop=stop)
    assert inputs(entries) == expected


def test_a_search_is_a_glob_over_the_whole_cell(told):
    def found(**access):
        return inputs(history(told, hist_access_type="search", **access))
    assert found(pattern="return*", n=10) == ["return 1", "return 2"]
    assert found(pattern="*return*", n=1) == ["return 2"]
    assert found(pattern="return ?", n=10) == ["return 1", "return 2"]
    assert found(pattern="no such", n=10) == []
    assert found(pattern="*\U0001d11e*", n=10) == CELLS[-1:]


def test_a_unique_search_has_each_cell_once(told):
    assert inputs(history(told, hist_access_type="search", pattern="local*", n=10)) == [CELLS[1]] * 2
    assert inputs(history(told, hist_access_type="search", pattern="local*", n=10,
                          unique=True)) == [CELLS[1]]
