"""
Turn the rows of a report into shapes of an SVG picture.

Only numbers are worked out here; `templates/dashboard/charts/` draws them with
attributes and classes, so that a strict content security policy holds.
"""

import math
from dataclasses import dataclass
from typing import Any

from project.dashboard.reports import Result

WIDTH = 440
#: The map has a row of its own.
MAP_WIDTH = 720
#: How many rows the table below a chart has.
TABLE_ROWS = 12


@dataclass(frozen=True)
class Chart:
    """A picture: its kind, its size and its shapes."""

    kind: str
    height: int
    shapes: list[dict[str, Any]]
    width: int = WIDTH
    extra: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        """Give the template that draws it."""
        return f"dashboard/charts/{self.kind}.svg"


def draw(result: Result) -> Chart:
    """Draw what the report asks for."""
    return CHARTS[result.report.chart](result)


def bars(result: Result) -> Chart:
    """Draw one horizontal bar a row."""
    step, left, right = 28, 132, 62
    top = max((value for _label, value in result.points), default=0) or 1
    shapes = [
        {
            "label": label,
            "value": value,
            "text": short(value),
            "y": index * step,
            "middle": index * step + step / 2,
            "x": left,
            "length": round((WIDTH - left - right) * value / top, 1),
        }
        for index, (label, value) in enumerate(result.points)
    ]
    for shape in shapes:
        shape["end"] = left + shape["length"] + 6
    return Chart("bars", max(len(shapes), 1) * step, shapes, extra={"label_x": left - 10})


def area(result: Result) -> Chart:
    """Draw a filled line over numbers such as years."""
    height, left, bottom, top = 250, 44, 26, 10
    points = result.points
    if len(points) < 2:
        return Chart("area", height, [], extra={"line": "", "area": "", "x_ticks": []})
    first, last = points[0][0], points[-1][0]
    highest = _round_up(max(value for _label, value in points))
    base = height - bottom

    def place(label: Any, value: float) -> tuple[float, float]:
        x = left + (WIDTH - left - 8) * (label - first) / (last - first or 1)
        return round(x, 1), round(base - (base - top) * value / highest, 1)

    placed = [(label, value, *place(label, value)) for label, value in points]
    line = " ".join(f"{x},{y}" for _label, _value, x, y in placed)
    extra = {
        "line": line,
        "area": f"{placed[0][2]},{base} {line} {placed[-1][2]},{base}",
        "base": base,
        "left": left,
        "y_ticks": [
            {"y": place(first, highest * part / 4)[1], "text": short(highest * part / 4)}
            for part in range(5)
        ],
        "x_ticks": [{"x": x, "text": label} for label, _value, x, _y in placed if label % 10 == 0],
    }
    shapes = [{"label": label, "value": value, "x": x, "y": y} for label, value, x, y in placed]
    return Chart("area", height, shapes, extra=extra)


def world_map(result: Result) -> Chart:
    """Draw cells of the globe; the shade is the logarithm of the value."""
    scale = MAP_WIDTH / 360
    top = max((value for _label, value in result.points), default=0) or 1
    shapes = [
        {
            "label": degrees(*cell),
            "value": value,
            "x": round((cell[0] + 180) * scale, 1),
            "y": round((90 - cell[1] - 3) * scale, 1),
            "shade": max(1, min(6, math.ceil(6 * math.log1p(value) / math.log1p(top)))),
        }
        for cell, value in result.points
    ]
    height = round(150 * scale)
    return Chart("map", height, shapes, MAP_WIDTH, {"side": round(3 * scale - 0.4, 2)})


CHARTS = {"bars": bars, "area": area, "map": world_map}


def table(result: Result) -> tuple[list[str], list[list[Any]]]:
    """Give heads and rows of the table that says the same as the picture."""
    report = result.report
    others = [key for key in (result.rows[0] if result.rows else {}) if key != report.label]
    rows = [
        [_text(result.label(row)), *(row.get(key) for key in others)]
        for row in result.rows[:TABLE_ROWS]
    ]
    return [report.label, *others], rows


def degrees(longitude: float, latitude: float) -> str:
    """Write a position as people do: 48° N, 3° E."""
    north = "N" if latitude >= 0 else "S"
    east = "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.0f}° {north}, {abs(longitude):.0f}° {east}"


def short(number: float) -> str:
    """Write a number with three digits at most: 12.4 M."""
    for limit, unit in ((1e12, " tn"), (1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:.3g}"


def _round_up(number: float) -> float:
    """Give the next number that divides well by four."""
    size = 10 ** math.floor(math.log10(number)) if number > 0 else 1
    return next(size * step for step in (1, 2, 4, 6, 8, 10) if size * step >= number)


def _text(label: Any) -> Any:
    return degrees(*label) if isinstance(label, list) else label
