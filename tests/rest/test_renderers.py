"""JSON by orjson is DRF's JSON."""

import datetime
import decimal
import uuid

import pytest
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from docmodels import rest
from docmodels.rest import renderers

VALUES = [
    {"text": "Łódź \u2028 \u2029 </script>", "number": 3, "none": None, "yes": True},
    {"float": 1.5, "large": 2**63 - 1, "larger": 2**70},
    {"nested": [{"a": [1, 2, {"b": "c"}]}], "empty": [], "nothing": {}},
    {"moment": datetime.datetime(2024, 5, 6, 7, 8, 9, 120_000, tzinfo=datetime.UTC)},
    {"day": datetime.date(2024, 5, 6), "time": datetime.time(7, 8)},
    {"uuid": uuid.UUID(int=7), "decimal": decimal.Decimal("1.50"), "bytes": b"abc"},
    {"set": {1}, "tuple": (1, 2), "span": datetime.timedelta(seconds=3)},
    {1: "a key that is no text"},
    None,
    [],
    "text",
]


class TestSame:
    """The bytes are those of DRF's renderer."""

    @pytest.mark.parametrize("value", VALUES)
    def test_values(self, value):
        """Every value that DRF takes comes out as there."""
        assert rest.DocumentJSONRenderer().render(value) == JSONRenderer().render(value)

    @pytest.mark.parametrize("value", VALUES)
    def test_without_orjson(self, value, monkeypatch):
        """Without orjson DRF does it."""
        monkeypatch.setattr(renderers, "orjson", None)

        assert rest.DocumentJSONRenderer().render(value) == JSONRenderer().render(value)

    def test_indented(self):
        """What is asked for with an indent is DRF's work."""
        media_type = "application/json; indent=4"

        found = rest.DocumentJSONRenderer().render({"a": [1]}, media_type)

        assert found == JSONRenderer().render({"a": [1]}, media_type)
        assert found == b'{\n    "a": [\n        1\n    ]\n}'

    def test_refused(self):
        """What DRF refuses is refused with its message."""
        with pytest.raises(TypeError) as caught:
            rest.DocumentJSONRenderer().render({"a": object})

        assert str(caught.value) == "Object of type type is not JSON serializable"

    @pytest.mark.parametrize("name", ["compact", "strict"])
    def test_settings(self, name, monkeypatch):
        """Where a setting asks for other text, DRF writes it."""
        monkeypatch.setattr(JSONRenderer, name, False)

        found = rest.DocumentJSONRenderer().render({"a": [1, 2]})

        assert found == JSONRenderer().render({"a": [1, 2]})

    def test_not_a_number(self):
        """JSON has no NaN: it is null."""
        assert rest.DocumentJSONRenderer().render([float("nan")]) == b"[null]"


class TestViews:
    """The views of documents use it in the place of DRF's own."""

    def test_default(self):
        """DRF's renderer is replaced, others and subclasses of it stay."""

        class Own(JSONRenderer):
            media_type = "application/vnd.own+json"

        class View(rest.DocumentViewSet):
            renderer_classes = [JSONRenderer, Own]

        view = View()
        view.request = APIRequestFactory().get("/")

        assert list(map(type, view.get_renderers())) == [rest.DocumentJSONRenderer, Own]
