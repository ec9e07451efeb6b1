"""What a tracked dict reports of its changes; no server is asked."""

import copy
import pickle

import pytest
from bson import Int64
from django.core.exceptions import ValidationError

from docmodels.fields import ANY, IntegerField
from docmodels.query.changes import UpdateBuilder
from docmodels.tracking import TrackedDict, is_safe_key

INTEGERS = IntegerField()


def load(items, codec=INTEGERS):
    """Return a dict as the driver decoded it."""
    return TrackedDict.load(items, codec)


def reported(items):
    """Return the update that a dict at the path `m` reports."""
    builder = UpdateBuilder()
    items.collect_changes("m", builder)
    return builder.operators


EDITS = {
    "add": (lambda m: m.__setitem__("c", 3), {"$set": {"m.c": 3}}),
    "change": (lambda m: m.__setitem__("a", 7), {"$set": {"m.a": 7}}),
    "null": (lambda m: m.__setitem__("a", None), {"$set": {"m.a": None}}),
    "delete": (lambda m: m.__delitem__("a"), {"$unset": {"m.a": ""}}),
    "pop": (lambda m: m.pop("a"), {"$unset": {"m.a": ""}}),
    "pop nothing": (lambda m: m.pop("x", None), {}),
    "popitem": (lambda m: m.popitem(), {"$unset": {"m.b": ""}}),
    "clear": (lambda m: m.clear(), {"$unset": {"m.a": "", "m.b": ""}}),
    "update": (lambda m: m.update({"a": 7}, c=3), {"$set": {"m.a": 7, "m.c": 3}}),
    "or": (lambda m: m.__ior__({"c": 3}), {"$set": {"m.c": 3}}),
    "setdefault": (lambda m: m.setdefault("c", "3"), {"$set": {"m.c": 3}}),
    "setdefault of a key": (lambda m: m.setdefault("a", 3), {}),
    "equal": (lambda m: m.__setitem__("a", 1), {}),
    "there and back": (lambda m: (m.__setitem__("a", 9), m.__setitem__("a", 1)), {}),
    "another order": (lambda m: m.__setitem__("a", m.pop("a")), {}),
    "change and delete": (
        lambda m: (m.__setitem__("a", 9), m.__delitem__("b")),
        {"$set": {"m.a": 9}, "$unset": {"m.b": ""}},
    ),
}


class TestEdits:
    """Python's dict methods."""

    @pytest.mark.parametrize(("edit", "update"), EDITS.values(), ids=EDITS)
    def test_update(self, edit, update):
        """Each edit is a `$set` or an `$unset` of its key."""
        items = load({"a": 1, "b": 2})

        edit(items)

        assert reported(items) == update
        assert items.is_changed() is bool(update)
        assert items.original() == {"a": 1, "b": 2}

    def test_values_are_cast(self):
        """What is put into the dict is cast; a bad value changes nothing."""
        items = load({"a": 1})

        for edit in (
            lambda: items.__setitem__("b", "x"),
            lambda: items.update({"c": 1, "b": "x"}),
            lambda: items.setdefault("b", "x"),
        ):
            with pytest.raises(ValidationError) as caught:
                edit()
            assert caught.value.messages == ["“x” is not valid, expected a whole number."]

        assert reported(items) == {}

    @pytest.mark.parametrize("key", ["$x", "a.b", "", "a\x00", "\ud800", 5, None], ids=ascii)
    def test_keys_are_checked(self, key):
        """A new key that no update can name is refused at once."""
        items = load({"a": 1})

        for edit in (
            lambda: items.__setitem__(key, 1),
            lambda: items.update({key: 1}),
            lambda: items.setdefault(key, 1),
        ):
            with pytest.raises(ValidationError) as caught:
                edit()
            assert caught.value.messages == [
                f"The key {key!r} cannot be stored: keys are text without '.', NUL or leading '$'."
            ]

        assert items == {"a": 1}

    def test_long_stays_a_long(self):
        """A replaced value keeps the BSON type of the stored one."""
        items = load({"a": Int64(1), "b": Int64(2)})

        items["a"] = 7
        items.update(b=2)

        assert type(items["a"]) is Int64
        assert reported(items) == {"$set": {"m.a": 7}}


class TestNested:
    """Dicts and lists in dicts."""

    def test_changes_inside(self):
        """A change inside is the change of that inner path."""
        items = load({"a": {"b": {"c": 1}}, "l": [1]}, codec=ANY)

        items["a"]["b"]["c"] = 2
        items["l"] += [2]

        assert reported(items) == {"$set": {"m.a.b.c": 2}, "$push": {"m.l": 2}}

    def test_replaced_dict(self):
        """A dict that was assigned is written whole."""
        items = load({"a": {"b": 1}}, codec=ANY)

        items["a"] = {"b": 2}

        assert reported(items) == {"$set": {"m.a": {"b": 2}}}

    def test_cycle(self):
        """A dict put into itself is copied: documents are trees."""
        items = load({"a": 1}, codec=ANY)

        items["self"] = items

        assert items == {"a": 1, "self": {"a": 1}}


class TestStoredKeys:
    """Keys that other programs stored and that no update can name."""

    def test_untouched(self):
        """They are kept, and a change beside them is a small one."""
        items = load({"a.b": 1, "$x": 2, "": 3, "c": 4})

        items["c"] = 5

        assert reported(items) == {"$set": {"m.c": 5}}

    def test_changed(self):
        """A change of one is a `$set` of the whole."""
        items = load({"a.b": 1, "c": 4})

        items["a.b"] = 5

        assert items.unnamable() == ["a.b"]
        assert reported(items) == {"$set": {"m": {"a.b": 5, "c": 4}}}

    @pytest.mark.parametrize(
        ("key", "safe"),
        [("a", True), ("0", True), ("a$", True), ("ä b", True), ("a.b", False), ("$a", False)],
    )
    def test_is_safe_key(self, key, safe):
        """A dotted path can name a key without dots and leading dollars."""
        assert is_safe_key(key) is safe


class TestLife:
    """New dicts, saved dicts and copies."""

    def test_new_dict(self):
        """A new dict is set whole."""
        assert reported(TrackedDict({"a": "1"}, INTEGERS)) == {"$set": {"m": {"a": 1}}}

    def test_commit(self):
        """After a commit nothing is changed, deeply."""
        items = load({"a": {"b": 1}}, codec=ANY)
        items["a"]["b"] = 2
        items["c"] = {"d": 1}

        items.commit()

        assert not items.is_changed()
        items["c"]["d"] = 2
        assert reported(items) == {"$set": {"m.c.d": 2}}

    def test_uncommit(self):
        """What was changed before a commit is changed again, with later edits."""
        items = load({"a": {"b": 1}, "x": 1}, codec=ANY)
        items["a"]["b"] = 2
        items["x"] = 2
        restore = items.uncommit()
        items.commit()
        items["y"] = 3

        restore()

        assert reported(items) == {"$set": {"m.a.b": 2, "m.x": 2, "m.y": 3}}

    @pytest.mark.parametrize(
        "clone", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
    )
    def test_clones_know_their_changes(self, clone):
        """Copies and pickles carry what was changed, and the codec."""
        items = load({"a": 1}, codec=ANY)
        items["b"] = 2

        twin = clone(items)

        assert type(twin) is TrackedDict
        assert twin._codec is ANY
        assert reported(twin) == {"$set": {"m.b": 2}}
