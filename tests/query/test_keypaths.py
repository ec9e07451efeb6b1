"""What finds and changes keys at paths of every shape, as it is sent."""

import pytest

from docmodels.query.keypaths import (
    LIST,
    MAP,
    condition,
    pairs_at,
    placing_beside,
    removing,
    replacing,
    values_at,
)

KEYS = [1, 2]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("a",), {"a": {"$in": [1, 2]}}),
        (("a", LIST), {"a": {"$in": [1, 2]}}),
        (("a", "b"), {"a.b": {"$in": [1, 2]}}),
        (("a", LIST, "b", LIST), {"a.b": {"$in": [1, 2]}}),
        (("a", LIST, LIST), {"a": {"$elemMatch": {"$elemMatch": {"$in": [1, 2]}}}}),
        (
            ("a", "b", LIST, LIST, "c"),
            {"a.b": {"$elemMatch": {"$elemMatch": {"c": {"$in": [1, 2]}}}}},
        ),
        (
            ("a", MAP),
            {
                "a": {"$exists": True},
                "$expr": {
                    "$cond": [
                        {"$eq": [{"$type": "$a"}, "object"]},
                        {
                            "$anyElementTrue": [
                                {
                                    "$map": {
                                        "input": {"$objectToArray": "$a"},
                                        "as": "v0",
                                        "in": {"$in": ["$$v0.v", {"$literal": [1, 2]}]},
                                    }
                                }
                            ]
                        },
                        False,
                    ]
                },
            },
        ),
    ],
)
def test_condition(steps, expected):
    """Plain paths where one leads there, so that an index helps."""
    assert condition(steps, KEYS) == expected


class TestChanges:
    """Operators where they do, one pipeline elsewhere."""

    def test_single(self):
        """A path of a document, or of an embedded one."""
        assert replacing(("a",), KEYS, None) == (
            {"a": {"$in": [1, 2]}},
            {"$set": {"a": None}},
            None,
        )
        assert removing(("a", "b"), KEYS) == (
            {"$and": [{"a.b": {"$in": [1, 2]}}, {"a": {"$not": {"$type": "array"}}}]},
            {"$unset": {"a.b": ""}},
            None,
        )
        assert placing_beside(("a", "b"), KEYS, "c", {"n": 1}).update == {"$set": {"a.c": {"n": 1}}}

    def test_list(self):
        """One list."""
        where = {"$and": [{"a": {"$in": [1, 2]}}, {"a": {"$type": "array"}}]}
        assert removing(("a", LIST), KEYS) == (where, {"$pull": {"a": {"$in": [1, 2]}}}, None)
        assert replacing(("a", LIST), KEYS, 9) == (
            where,
            {"$set": {"a.$[e]": 9}},
            [{"e": {"$in": [1, 2]}}],
        )

    def test_in_a_list(self):
        """Inside of the elements of one list."""
        steps, filters = ("a", LIST, "b"), [{"e.b": {"$in": [1, 2]}}]
        assert removing(steps, KEYS)[1:] == ({"$unset": {"a.$[e].b": ""}}, filters)
        assert replacing(steps, KEYS, 9)[1:] == ({"$set": {"a.$[e].b": 9}}, filters)
        assert placing_beside(steps, KEYS, "c", 9)[1:] == ({"$set": {"a.$[e].c": 9}}, filters)

    def test_elsewhere(self):
        """The one field of the document that it is in is made anew."""
        for steps in (("a", LIST, "b", LIST), ("a", MAP), ("a", MAP, LIST, "b")):
            for change in (removing(steps, KEYS), replacing(steps, KEYS, 9)):
                assert change.where == condition(steps, KEYS)
                assert [list(stage["$set"]) for stage in change.update] == [["a"]]


class TestValues:
    """What stored dicts hold."""

    RAW = {
        "a": [{"b": 1, "c": "x"}, {"b": None}, {}, 5, {"b": 2}],
        "m": {"k": [1, 2], "l": 3},
        "n": None,
    }

    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            (("a", LIST, "b"), [1, 2]),
            (("m", MAP, LIST), [1, 2]),
            (("m", MAP), [[1, 2], 3]),
            (("n",), []),
            (("n", "x"), []),
            (("a", "b"), []),
            (("none", LIST), []),
        ],
    )
    def test_values(self, steps, expected):
        """Null, and what is of another shape, is left out."""
        assert list(values_at(self.RAW, steps)) == expected

    def test_pairs(self):
        """Each key comes with what is beside it."""
        assert list(pairs_at(self.RAW, ("a", LIST, "b"), "c")) == [(1, "x"), (2, None)]
        assert list(pairs_at({"b": 1, "c": 2}, ("b",), "c")) == [(1, 2)]
