"""What a tracked list reports of its changes; no server is asked."""

import copy
import pickle

import pytest
from bson import Int64, Regex
from django.core.exceptions import ValidationError

from docmodels.fields import ANY, IntegerField, ListField
from docmodels.query.changes import UpdateBuilder
from docmodels.tracking import TrackedList

INTEGERS = IntegerField()


def load(*items, codec=INTEGERS):
    """Return a list as the driver decoded it."""
    return TrackedList.load(list(items), codec)


def reported(items):
    """Return the update that a list at the path `a` reports."""
    builder = UpdateBuilder()
    items.collect_changes("a", builder)
    return builder.operators


EDITS = {
    "append": (lambda a: a.append(4), {"$push": {"a": 4}}),
    "append twice": (lambda a: (a.append(4), a.append(5)), {"$push": {"a": {"$each": [4, 5]}}}),
    "extend": (lambda a: a.extend([4, 5]), {"$push": {"a": {"$each": [4, 5]}}}),
    "insert at the end": (lambda a: a.insert(9, 4), {"$push": {"a": 4}}),
    "insert": (
        lambda a: a.insert(0, 4),
        {"$push": {"a": {"$each": [4], "$position": 0}}},
    ),
    "insert before the end": (
        lambda a: a.insert(-1, 4),
        {"$push": {"a": {"$each": [4], "$position": 2}}},
    ),
    "insert a block": (
        lambda a: (a.insert(1, 4), a.insert(2, 6), a.insert(2, 5), a.pop(1)),
        {"$push": {"a": {"$each": [5, 6], "$position": 1}}},
    ),
    "insert in two places": (
        lambda a: (a.insert(0, 4), a.append(5)),
        {"$set": {"a": [4, 1, 2, 3, 5]}},
    ),
    "push": (lambda a: a.push(4, 5), {"$push": {"a": {"$each": [4, 5]}}}),
    "push in front": (
        lambda a: a.push(4, 5, position=0),
        {"$push": {"a": {"$each": [4, 5], "$position": 0}}},
    ),
    "push and keep the last": (
        lambda a: (a.append(4), a.push(5, slice=-3)),
        {"$push": {"a": {"$each": [4, 5], "$slice": -3}}},
    ),
    "push and keep the first": (
        lambda a: a.push(9, position=1, slice=3),
        {"$push": {"a": {"$each": [9], "$position": 1, "$slice": 3}}},
    ),
    "only keep the first": (
        lambda a: a.push(slice=2),
        {"$push": {"a": {"$each": [], "$slice": 2}}},
    ),
    "keep more than there are": (lambda a: a.push(slice=9), {}),
    "push twice with a bound": (
        lambda a: (a.push(4, slice=-3), a.append(5)),
        {"$set": {"a": [2, 3, 4, 5]}},
    ),
    "add to set": (lambda a: a.add_to_set(3, 4), {"$addToSet": {"a": 4}}),
    "add several to set": (
        lambda a: (a.add_to_set(4), a.add_to_set(5, 5, 1)),
        {"$addToSet": {"a": {"$each": [4, 5]}}},
    ),
    "add what is there": (lambda a: a.add_to_set(1, 2), {}),
    "add to set and append": (
        lambda a: (a.add_to_set(4), a.append(4)),
        {"$set": {"a": [1, 2, 3, 4, 4]}},
    ),
    "replace": (lambda a: a.__setitem__(1, 7), {"$set": {"a.1": 7}}),
    "replace from the end": (lambda a: a.__setitem__(-1, 7), {"$set": {"a.2": 7}}),
    "replace two": (
        lambda a: (a.__setitem__(0, 7), a.__setitem__(2, 8)),
        {"$set": {"a.0": 7, "a.2": 8}},
    ),
    "replace and append": (
        lambda a: (a.__setitem__(0, 7), a.append(4)),
        {"$set": {"a": [7, 2, 3, 4]}},
    ),
    "append and change the new": (
        lambda a: (a.append(4), a.__setitem__(3, 5)),
        {"$push": {"a": 5}},
    ),
    "slice": (lambda a: a.__setitem__(slice(1), [7, 8]), {"$set": {"a": [7, 8, 2, 3]}}),
    "delete": (lambda a: a.__delitem__(0), {"$pop": {"a": -1}}),
    "delete in the middle": (lambda a: a.__delitem__(1), {"$set": {"a": [1, 3]}}),
    "delete a slice": (lambda a: a.__delitem__(slice(1, None)), {"$set": {"a": [1]}}),
    "pop": (lambda a: a.pop(), {"$pop": {"a": 1}}),
    "pop the first": (lambda a: a.pop(-3), {"$pop": {"a": -1}}),
    "pop twice": (lambda a: (a.pop(), a.pop()), {"$set": {"a": [1]}}),
    "remove": (lambda a: a.remove(2), {"$pull": {"a": 2}}),
    "remove two": (lambda a: (a.remove(3), a.remove(1)), {"$pullAll": {"a": [3, 1]}}),
    "pull": (lambda a: a.pull("2", 3, 9), {"$pullAll": {"a": [2, 3]}}),
    "pull nothing": (lambda a: a.pull(9), {}),
    "remove and append": (lambda a: (a.remove(2), a.append(4)), {"$set": {"a": [1, 3, 4]}}),
    "append and remove": (lambda a: (a.append(4), a.remove(4)), {}),
    "move": (lambda a: a.move(0, 2), {"$set": {"a": [2, 3, 1]}}),
    "move there and back": (lambda a: (a.move(0, 2), a.move(2, 0)), {}),
    "clear": (lambda a: a.clear(), {"$set": {"a": []}}),
    "reverse": (lambda a: a.reverse(), {"$set": {"a": [3, 2, 1]}}),
    "sort": (lambda a: a.sort(reverse=True), {"$set": {"a": [3, 2, 1]}}),
    "repeat": (lambda a: a.__imul__(2), {"$set": {"a": [1, 2, 3, 1, 2, 3]}}),
    "append and pop": (lambda a: (a.append(4), a.pop()), {}),
    "there and back": (lambda a: (a.__setitem__(0, 9), a.__setitem__(0, 1)), {}),
    "sorted already": (lambda a: a.sort(), {}),
    "clear and fill": (lambda a: (a.clear(), a.extend([1, 2, 3])), {}),
    "nothing": (lambda a: a.extend([]), {}),
}


class TestEdits:
    """Python's list methods."""

    @pytest.mark.parametrize(("edit", "update"), EDITS.values(), ids=EDITS)
    def test_update(self, edit, update):
        """Each edit is reported as the smallest update that says it."""
        items = load(1, 2, 3)

        edit(items)

        assert reported(items) == update
        assert items.is_changed() is bool(update)
        assert items.original() == [1, 2, 3]

    def test_in_place_addition(self):
        """`+=` appends."""
        items = load(1)

        items += ["2"]

        assert items == [1, 2]
        assert reported(items) == {"$push": {"a": 2}}

    def test_elements_are_cast(self):
        """What is put into the list is cast; a bad one changes nothing."""
        items = load(1)

        items.append("2")
        for edit in (
            lambda: items.append("x"),
            lambda: items.extend([3, "x"]),
            lambda: items.insert(0, "x"),
            lambda: items.__setitem__(0, "x"),
            lambda: items.__setitem__(slice(1), ["x"]),
        ):
            with pytest.raises(ValidationError) as caught:
                edit()
            assert caught.value.messages == ["“x” is not valid, expected a whole number."]

        assert items == [1, 2]
        assert reported(items) == {"$push": {"a": 2}}

    def test_long_stays_a_long(self):
        """A replaced element keeps the BSON type of the stored one."""
        items = load(Int64(1), 2)

        items[0] = 7

        assert type(items[0]) is Int64

    def test_equal_long_is_no_change(self):
        """An equal number over a long writes nothing (T1)."""
        items = load(Int64(1))

        items[0] = 1

        assert reported(items) == {}

    def test_no_such_index(self):
        """A wrong index raises as in any list, and changes nothing."""
        items = load(1)

        with pytest.raises(IndexError):
            items[5] = 1
        with pytest.raises(ValueError):
            items.remove(9)

        assert reported(items) == {}


class TestRemoval:
    """What `$pull` may say, and what only the whole list says."""

    @pytest.mark.parametrize(
        ("items", "value", "update"),
        [
            ([1, 2, 1], 1, {"$set": {"a": [2, 1]}}),
            ([None, 1], None, {"$set": {"a": [1]}}),
            ([1, 1.0], 1, {"$set": {"a": [1.0]}}),
            ([True, 1], True, {"$pull": {"a": True}}),
            ([Int64(5), 1], 5, {"$pull": {"a": Int64(5)}}),
            ([{"x": 1}, {"x": 2}], {"x": 1}, {"$set": {"a": [{"x": 2}]}}),
            ([Regex("a"), "a"], Regex("a"), {"$set": {"a": ["a"]}}),
        ],
        ids=["twice", "null", "equal number", "boolean", "long", "dict", "pattern"],
    )
    def test_only_that_one(self, items, value, update):
        """A `$pull` is sent where it takes out just the element that was removed."""
        tracked = load(*items, codec=ANY)

        tracked.remove(value)

        assert reported(tracked) == update

    def test_pull_takes_all(self):
        """`pull` takes out all that are equal, and tells how many."""
        items = load(1, 2, 1)

        assert items.pull(1) == 2

        assert items == [2]
        assert reported(items) == {"$pullAll": {"a": [1, 1]}}

    def test_add_to_set_tells_what_it_added(self):
        """`add_to_set` compares as the server does, and returns what is new."""
        items = load(1, True, codec=ANY)

        assert items.add_to_set(1.0, True, False, "1") == [False, "1"]


class TestIncomplete:
    """Rule T6: a list of which not all elements were loaded."""

    @pytest.mark.parametrize(
        ("edit", "refused"),
        [
            (lambda a: a.append(4), []),
            (lambda a: a.add_to_set(4), []),
            (lambda a: a.remove(2), []),
            (lambda a: a.pop(), ["a"]),
            (lambda a: a.reverse(), ["a"]),
            (lambda a: (a.append(4), a.remove(1)), ["a"]),
            (lambda a: a.__setitem__(0, 9), ["a.0"]),
            (lambda a: None, []),
        ],
        ids=["append", "add", "remove", "pop", "reverse", "two kinds", "index", "nothing"],
    )
    def test_refused(self, edit, refused):
        """What depends on the elements that are not here is refused."""
        items = load(1, 2, 3)
        items.mark_incomplete()
        builder = UpdateBuilder()

        edit(items)
        items.collect_changes("a", builder)

        assert builder.refused == refused

    @pytest.mark.parametrize("clone", [copy.copy, lambda a: pickle.loads(pickle.dumps(a))])
    def test_clones(self, clone):
        """Copies are as incomplete."""
        items = load(1)
        items.mark_incomplete()

        assert clone(items).is_incomplete
        assert not clone(load(1)).is_incomplete


class TestNested:
    """Lists in lists, and dicts in lists."""

    def test_change_inside(self):
        """A change inside an element is the change of that inner path."""
        items = load({"x": 1}, {"x": [1]}, codec=ANY)

        items[0]["x"] = 2
        items[1]["x"].append(3)

        assert reported(items) == {"$set": {"a.0.x": 2}, "$push": {"a.1.x": 3}}

    def test_change_inside_and_append(self):
        """A server refuses `$push` beside a change inside: the whole list is set."""
        items = load({"x": 1}, codec=ANY)

        items[0]["x"] = 2
        items.append(3)

        assert reported(items) == {"$set": {"a": [{"x": 2}, 3]}}

    def test_list_as_an_element(self):
        """A list that is appended is one element, not spread."""
        items = load(codec=ListField(INTEGERS))

        items.append([1, 2])

        assert reported(items) == {"$push": {"a": {"$each": [[1, 2]]}}}

    def test_removed_element_that_was_changed(self):
        """The original is that of the load, whatever happened to the elements."""
        items = load({"x": 1}, {"x": 2}, codec=ANY)

        items[0]["x"] = 9
        items.pop(0)

        assert items.original() == [{"x": 1}, {"x": 2}]
        assert reported(items) == {"$pop": {"a": -1}}


class TestLife:
    """New lists, saved lists and copies."""

    def test_new_list_that_grew(self):
        """A list that was absent and only grew is pushed to."""
        items = TrackedList((), INTEGERS)

        items.append(1)

        assert reported(items) == {"$push": {"a": 1}}

    def test_new_list(self):
        """A list that was given is set."""
        assert reported(TrackedList(["1"], INTEGERS)) == {"$set": {"a": [1]}}

    def test_commit(self):
        """After a commit nothing is changed, deeply."""
        items = load({"x": 1}, codec=ANY)
        items[0]["x"] = 2
        items.append(5)

        items.commit()

        assert not items.is_changed()
        assert items.original() == [{"x": 2}, 5]
        items[0]["x"] = 3
        assert reported(items) == {"$set": {"a.0.x": 3}}

    @pytest.mark.parametrize(
        ("later", "update"),
        [
            (lambda a: None, {"$push": {"a": 4}}),
            (lambda a: a.append(5), {"$set": {"a": [1, 4, 5]}}),
            (lambda a: a.pop(), {}),
        ],
        ids=["no edit", "append", "pop"],
    )
    def test_uncommit(self, later, update):
        """What was changed before a commit is changed again, with later edits."""
        items = load(1)
        items.append(4)
        restore = items.uncommit()
        items.commit()
        later(items)

        restore()

        assert reported(items) == update

    @pytest.mark.parametrize(
        "clone", [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))]
    )
    def test_clones_know_their_changes(self, clone):
        """Copies and pickles carry what was changed."""
        items = load({"x": 1}, codec=ANY)
        items.append(2)

        twin = clone(items)

        assert type(twin) is TrackedList
        assert twin == items
        assert reported(twin) == {"$push": {"a": 2}}

    def test_plain_lists_from_operators(self):
        """Slices and sums are plain lists, as they are stored nowhere."""
        items = load(1, 2)

        assert type(items[:1]) is list
        assert type(items + items) is list
        assert items == [1, 2]
