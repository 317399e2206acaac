"""The display library of Haskell sessions: what values are shown as, charts, and how the library stays
out of the way of other names."""
import base64
import os
import xml.etree.ElementTree as ET

import pytest

from harness import kernel as kernels
from harness.program import Program

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

SESSION = kernels.BUILD / "plugins/ghc/hilum-ghc-session"
if not os.access(SESSION, os.X_OK):
    pytest.skip("the Haskell session program was not built", allow_module_level=True)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture(scope="module")
def program():
    program = Program([str(SESSION)], env={"LC_ALL": "C.UTF-8"})
    yield program
    program.close()


@pytest.fixture
def fresh():
    """A session whose imports and definitions are the test's own."""
    program = Program([str(SESSION)], env={"LC_ALL": "C.UTF-8"})
    yield program
    program.close()


def shown(program, code):
    """The data of the only thing that the cell shows."""
    result = program.cell(code)
    assert result.status == "ok", result
    content, = result.of("display_data", "execute_result")
    return content["data"]


FORMS = [
    ('html "<b>x</b>"', {"text/html": "<b>x</b>", "text/plain": "<b>x</b>"}),
    ('html "<b>x</b>" <> plain "x"', {"text/html": "<b>x</b>", "text/plain": "x"}),
    ('plain "a" <> plain "b"', {"text/plain": "b"}),
    ('plain "no quotes"', {"text/plain": "no quotes"}),
    ('markdown "**x**"', {"text/markdown": "**x**", "text/plain": "**x**"}),
    ('latex "$x$"', {"text/latex": "$x$", "text/plain": "$x$"}),
    ('math "x"', {"text/latex": "$$x$$", "text/plain": "$$x$$"}),
    ('svg "<svg/>"', {"image/svg+xml": "<svg/>", "text/plain": "<image/svg+xml>"}),
    ('json [1, 2.5]', {"application/json": [1, 2.5], "text/plain": "[1.0,2.5]"}),
    ('json [("a", Just True), ("b", Nothing)]',
     {"application/json": [["a", True], ["b", None]], "text/plain": '[["a",true],["b",null]]'}),
    (r'jsonText "{\"a\": [1, \"\\u00e9\\n\"]}"',
     {"application/json": {"a": [1, "é\n"]}, "text/plain": '{"a":[1,"é\\n"]}'}),
    ('Just 3', {"text/plain": "Just 3"}),
    ('"λ\\n"', {"text/plain": '"\\955\\n"'}),
    # only Show decides the type
    ('mempty', {"text/plain": "()"}),
]


@pytest.mark.parametrize("code, data", FORMS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_form_is_shown_as_what_it_is(program, code, data):
    assert shown(program, code) == data


def test_json_that_is_none_is_an_error(program):
    result = program.cell('jsonText "{oops"')
    assert result.status == "error"
    assert "JSON: expected" in result.error["message"]


def test_display_comes_in_order_with_what_is_printed(program):
    result = program.cell('putStrLn "a" >> display (plain "b") >> putStrLn "c" >> display (plain "d")')
    order = [content if kind == "stdout" else content["data"]["text/plain"] for kind, content in result.events]
    assert order == ["a\n", "b", "c\n", "d"]


def test_an_update_has_the_name_of_what_it_replaces(program):
    result = program.cell('p <- newDisplay (plain "a")\nupdate p (plain "b")')
    first, second = result.of("display_data")[0], result.of("update_display_data")[0]
    assert first["transient"]["display_id"] == second["transient"]["display_id"]
    assert second["data"]["text/plain"] == "b"
    # from a later cell too
    later = program.cell('update p (html "<i>c</i>")').of("update_display_data")[0]
    assert later["transient"] == first["transient"]


def test_names_of_displays_differ(program):
    result = program.cell('mapM_ newDisplay [1, 2, 3]')
    assert len({content["transient"]["display_id"] for content in result.of("display_data")}) == 3


def test_clearing(program):
    assert program.cell("clear").of("clear_output") == [{"wait": False}]
    assert program.cell("clearNext").of("clear_output") == [{"wait": True}]


def test_an_image_from_a_file(program, tmp_path):
    path = tmp_path / "dot.png"
    path.write_bytes(PNG)
    result = program.cell(f'image "{path}"')
    content, = result.of("execute_result")
    assert base64.b64decode(content["data"]["image/png"]) == PNG
    sized = program.cell(f'withSize 30 20 <$> image "{path}"').of("execute_result")[0]
    assert sized["metadata"]["image/png"] == {"width": 30, "height": 20}


def test_a_file_that_is_no_image(program, tmp_path):
    path = tmp_path / "text.png"
    path.write_text("not an image")
    result = program.cell(f'image "{path}"')
    assert result.status == "error" and "not a PNG" in result.error["message"]


def test_bytes_as_an_image(program):
    numbers = ", ".join(map(str, PNG))
    data = shown(program, f"import qualified Data.ByteString as B\npng (B.pack [{numbers}])")
    assert base64.b64decode(data["image/png"]) == PNG


def test_a_type_shows_itself_as_its_instance_says(program):
    data = shown(program, """newtype Colour = Colour String
instance Display Colour where
  toBundle (Colour c) = html ("<b>" ++ c ++ "</b>") <> plain c
Colour "red\"""")
    assert data == {"text/html": "<b>red</b>", "text/plain": "red"}


RECORDS = """{-# LANGUAGE DeriveGeneric #-}
import GHC.Generics (Generic)
data Row = Row { name :: String, size :: Int, note :: Maybe Double } deriving Generic
"""


def cells_of(html):
    return [["".join(cell.itertext()) for cell in row] for row in ET.fromstring(html).iter("tr")]


def test_records_are_tables(program):
    data = shown(program, RECORDS + 'table [Row "<a|b>" 1 Nothing, Row "c" 20 (Just 0.5)]')
    assert cells_of(data["text/html"]) == [["name", "size", "note"], ["<a|b>", "1", ""], ["c", "20", "0.5"]]
    assert data["text/plain"] == ("name  | size | note\n------+------+-----\n<a|b> |    1 |\nc     |   20 |  0.5")
    assert "&lt;a\\|b>" in data["text/markdown"]


TABLES = [
    ('table [(1, "x"), (2, "y")]', [["1", "2"], ["1", "x"], ["2", "y"]]),
    ('headed ["n", "s"] (table [(1, "x")])', [["n", "s"], ["1", "x"]]),
    ("table [[1, 2], [3]]", [["1", "2"], ["1", "2"], ["3", ""]]),
    ('table ["a", "b"]', [["value"], ["a"], ["b"]]),
    ("firstRows 1 (table [(1, 2), (3, 4), (5, 6)])", [["1", "2"], ["1", "2"], ["and 2 more"]]),
    ("firstRows 1 (table [(n, n) | n <- [1 ..]])", [["1", "2"], ["1", "1"], ["and more than 1000000 more"]]),
    ('import qualified Data.Map as Map\ntable (Map.fromList [("a", (1, 2))])',
     [["key", "1", "2"], ["a", "1", "2"]]),
    ('table [("x", html "<i>y</i>")]', [["1", "2"], ["x", "y"]]),
]


@pytest.mark.parametrize("code, rows", TABLES, ids=lambda v: v if isinstance(v, str) else "")
def test_tables(program, code, rows):
    assert cells_of(shown(program, code)["text/html"]) == rows


def test_a_table_without_rows_has_its_headings(program):
    data = shown(program, RECORDS + "table ([] :: [Row])")
    assert cells_of(data["text/html"]) == [["name", "size", "note"]]


def test_a_table_has_its_caption(program):
    data = shown(program, 'captioned "A & B" (table [(1, 2)])')
    assert ET.fromstring(data["text/html"]).find("caption").text == "A & B"


# ---- charts ----

SVG = "{http://www.w3.org/2000/svg}"


def chart(program, code):
    return ET.fromstring(shown(program, "import Hilum.Chart\n" + code)["image/svg+xml"])


def texts(image):
    return [element.text for element in image.iter(SVG + "text")]


def test_a_line_chart(program):
    image = chart(program, 'titled "<t>" (axes "x & y" "z" (lineChart [(x, x * x) | x <- [0 .. 10]]))')
    assert {"<t>", "x & y", "z", "0", "10", "20", "40", "100"} <= set(texts(image))
    line, = image.iter(SVG + "polyline")
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert len(points) == 11
    xs, ys = zip(*points)
    assert list(xs) == sorted(xs) and list(ys) == sorted(ys, reverse=True)
    assert all(0 <= x <= 640 and 0 <= y <= 400 for x, y in points)


def test_a_line_has_a_gap_where_a_number_is_none(program):
    image = chart(program, "lineChart [(x, if x == 5 then 0 / 0 else x) | x <- [0 .. 10]]")
    assert len(list(image.iter(SVG + "polyline"))) == 2


def test_a_long_line_is_drawn_with_fewer_points(program):
    image = chart(program, "lineChart [(x, sin (x / 1000)) | x <- [0 .. 20000]]")
    line, = image.iter(SVG + "polyline")
    assert 600 < len(line.get("points").split()) < 3000


def test_bars_stand_side_by_side(program):
    image = chart(program, 'named "a" (barChart [("x", 1), ("y", -2)]) <> named "b" (barChart [("x", 3)])')
    assert {"a", "b", "x", "y"} <= set(texts(image))
    bars = [bar for bar in image.iter(SVG + "rect") if bar.find(SVG + "title") is not None]
    assert [bar.find(SVG + "title").text for bar in bars] == ["x: 1", "y: -2", "x: 3"]
    left, _, right = [float(bar.get("x")) for bar in bars]
    assert abs(right - left - float(bars[0].get("width")) - 1) < 0.5
    heights = [float(bar.get("height")) for bar in bars]
    assert abs(heights[1] / heights[0] - 2) < 0.02 and abs(heights[2] / heights[0] - 3) < 0.02


def test_a_histogram_counts_each_value_once(program):
    image = chart(program, "histogram [sqrt x | x <- [1 .. 500]]")
    titles = [title.text for title in image.iter(SVG + "title")]
    assert sum(int(title.rpartition(": ")[2]) for title in titles) == 500
    assert 5 <= len(titles) <= 60
    image = chart(program, "bins 10 (histogram [1 .. 100])")
    assert [int(t.text.rpartition(": ")[2]) for t in image.iter(SVG + "title")] == [10] * 10


def test_points(program):
    image = chart(program, "scatterChart [(x, x) | x <- [1 .. 20]]")
    assert len(list(image.iter(SVG + "circle"))) == 20


@pytest.mark.parametrize("code", [
    "lineChart ([] :: [(Int, Int)])", "barChart ([] :: [(String, Int)])", "histogram ([] :: [Double])",
    "lineChart [(1, 0 / 0)]", "mempty :: Chart"])
def test_a_chart_without_data_says_so(program, code):
    assert "no data" in texts(chart(program, code))


@pytest.mark.parametrize("code", [
    "lineChart [(1, 5)]", "lineChart [(1, 1e300), (2, -1e300)]", "lineChart [(x, 3) | x <- [1 .. 5]]",
    "histogram [7, 7, 7]", "scatterChart [(1e-12, 1e12)]", "histogram [1e15, 1e15 + 1]",
    'sized 1 1 (barChart [("a very long name indeed that goes on", 1)])'])
def test_a_chart_of_odd_numbers_is_drawn_inside_its_image(program, code):
    image = chart(program, code)
    assert "NaN" not in ET.tostring(image, "unicode") and "Infinity" not in ET.tostring(image, "unicode")


def test_a_chart_has_a_text_for_where_there_are_no_images(program):
    data = shown(program, 'import Hilum.Chart\ntitled "T" (named "n" (lineChart [(1, 2)]))')
    assert data["text/plain"] == '<chart "T": n: line of 1 point>'


# ---- long values ----

def test_an_endless_value_is_cut(program):
    text = shown(program, "[1 ..]")["text/plain"]
    assert text.startswith("[1,2,3,") and "cut after 65536 characters" in text
    assert len(text) < 65700


def test_what_was_shown_before_a_failure_is_printed(program):
    result = program.cell('[1, 2, error "boom"]')
    assert result.status == "error" and result.stdout == "[1,2,"
    assert "boom" in result.error["message"]


# ---- other names ----

def test_the_library_hides_behind_imports(fresh):
    assert fresh.cell("import Data.Map (Map, update, fromList)").status == "ok"
    assert fresh.cell("update (const Nothing) 1 (fromList [(1, 2)])").value == "fromList []"
    assert fresh.cell('Hilum.display (plain "x")').texts == ["x"]
    assert fresh.cell('display (plain "x")').texts == ["x"]


def test_the_library_hides_behind_definitions(fresh):
    assert fresh.cell("table = 5\nhtml x = x + table\nhtml 1").value == "6"


def test_the_library_can_be_taken_away(fresh):
    assert fresh.cell("import Hilum ()").status == "ok"
    assert fresh.cell('html "x"').status == "error"
    assert fresh.cell("1 + 1").value == "2"


def test_a_module_may_use_the_library(fresh):
    module = "module Own where\nimport Hilum\nshout :: String -> Bundle\nshout s = html (\"<b>\" ++ s ++ \"</b>\")\n"
    assert fresh.cell(module).status == "ok"
    assert fresh.cell('shout "x"').of("execute_result")[0]["data"]["text/html"] == "<b>x</b>"
