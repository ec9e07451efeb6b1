"""The geometry of the dashboard's pictures."""

import pytest

from project.dashboard import charts
from project.dashboard.reports import Report, Result


def result(rows, chart="bars", names=None):
    """Give a result with these rows, without a database."""
    report = Report(query=lambda alias: rows, title="T", label="key", value="n", chart=chart)
    return Result(report, rows, 1.0, names or {})


class TestBars:
    def test_longest_bar_fills_the_width(self):
        """Lengths are in proportion to the values."""
        chart = charts.draw(result([{"key": "a", "n": 10}, {"key": "b", "n": 5}]))

        assert [shape["length"] for shape in chart.shapes] == [246.0, 123.0]

    def test_shows_names_for_keys(self):
        """A key without a name, of a country that is gone, is shown as it is."""
        rows = [{"key": "CH", "n": 2}, {"key": "Soviet Union", "n": 1}]

        chart = charts.draw(result(rows, names={"CH": "Switzerland"}))

        assert [shape["label"] for shape in chart.shapes] == ["Switzerland", "Soviet Union"]

    def test_draws_nothing_of_nothing(self):
        """No rows give an empty picture, not an error."""
        assert charts.draw(result([])).shapes == []

    def test_null_is_zero(self):
        """A sum of no numbers has no bar."""
        assert charts.draw(result([{"key": "a", "n": None}])).shapes[0]["length"] == 0


class TestArea:
    def test_spans_the_width(self):
        """The first year is at the left axis, the last at the right edge."""
        rows = [{"key": year, "n": year - 1999} for year in range(2000, 2011)]

        chart = charts.draw(result(rows, "area"))

        assert (chart.shapes[0]["x"], chart.shapes[-1]["x"]) == (44.0, 432.0)
        assert [tick["text"] for tick in chart.extra["x_ticks"]] == [2000, 2010]

    @pytest.mark.parametrize("rows", [[], [{"key": 2000, "n": 1}]])
    def test_needs_two_points(self, rows):
        """One point makes no line."""
        assert charts.draw(result(rows, "area")).shapes == []


class TestMap:
    def test_places_cells_on_the_globe(self):
        """North and west are at the left top; the fullest cell has the darkest shade."""
        rows = [{"key": [-180, 87], "n": 100}, {"key": [0, 0], "n": 1}]

        chart = charts.draw(result(rows, "map"))

        assert (chart.shapes[0]["x"], chart.shapes[0]["y"]) == (0.0, 0.0)
        assert [shape["shade"] for shape in chart.shapes] == [6, 1]


class TestTexts:
    @pytest.mark.parametrize(
        ("number", "text"),
        [(0, "0"), (12, "12"), (1_234, "1.23 k"), (2_847_379_794, "2.85 bn"), (67.84, "67.8")],
    )
    def test_short_numbers(self, number, text):
        """Three digits and a unit are enough."""
        assert charts.short(number) == text

    def test_degrees(self):
        """Positions are written with their hemispheres."""
        assert charts.degrees(3, -48) == "48° S, 3° E"

    def test_table_says_the_same(self):
        """The table has the label first, then every other column."""
        heads, rows = charts.table(result([{"n": 2, "other": 3, "key": "a"}]))

        assert (heads, rows) == (["key", "n", "other"], [["a", 2, 3]])
