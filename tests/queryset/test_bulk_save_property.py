"""`bulk_save()` stores exactly what a `save()` of each object stores."""

import copy

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from tests.queryset.shop import Box, Item

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

letters = st.sampled_from("abcd")
stored = st.fixed_dictionaries(
    {"s": st.integers(0, 9), "tags": st.lists(letters, max_size=3)},
    optional={
        "label": letters,
        "box": st.fixed_dictionaries({"size": st.integers(0, 3)}, optional={"color": letters}),
        "odd": st.dictionaries(letters, st.integers(-9, 9), max_size=2),
    },
)


def assign(name):
    """Return an edit that assigns."""
    return lambda item, value: setattr(item, name, value)


def in_box(item, value):
    """Change an embedded document in place, or put one there."""
    if item.box is None:
        item.box = Box(color="new")
    else:
        item.box.size = len(value)


def replace_first(item, value):
    """Write below an index, where there is one."""
    if item.tags:
        item.tags[0] = value


EDITS = {
    "stock": lambda item, value: setattr(item, "stock", len(value) + ord(value[0])),
    "label": assign("label"),
    "unset": lambda item, value: item.__delattr__("label"),
    "push": lambda item, value: item.tags.append(value),
    "pull": lambda item, value: item.tags.remove(value) if value in item.tags else None,
    "pop": lambda item, value: item.tags.pop() if item.tags else None,
    "index": replace_first,
    "whole": lambda item, value: setattr(item, "tags", [value, value]),
    "box": in_box,
    "no box": lambda item, value: item.__delattr__("box"),
    "odd": lambda item, value: item.undeclared.update(odd={value: 1}),
    "count": lambda item, value: item.increment("reserved", 2),
}
edits = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), letters), max_size=4)


@SETTINGS
@given(cases=st.lists(st.tuples(stored, edits), min_size=1, max_size=4))
def test_same_as_save(mongo, cases):
    """For random objects with random edits, versions included."""
    collection = mongo.collection(Item._meta.collection)
    collection.delete_many({})
    groups = []
    for group in ("one", "many"):
        raws = [
            copy.deepcopy(raw) | {"name": f"{group} {n}", "__v": n, "created_at": None}
            for n, (raw, _edits) in enumerate(cases)
        ]
        keys = collection.insert_many(raws).inserted_ids
        loaded = Item.objects.in_bulk(keys)
        items = [loaded[key] for key in keys]
        for item, (_raw, changes) in zip(items, cases, strict=True):
            for name, value in changes:
                EDITS[name](item, value)
        groups.append(items)
    options = {"validate": False, "timestamps": False}

    for item in groups[0]:
        item.save(**options)
    Item.objects.bulk_save(groups[1], **options)

    found = [
        [{**collection.find_one({"_id": item.pk}), "_id": None, "name": None} for item in items]
        for items in groups
    ]
    assert found[0] == found[1]
    for one, many in zip(*groups, strict=True):
        assert one._version == many._version
        assert not many.is_modified()
        assert one.to_mongo() | {"_id": 0, "name": 0} == many.to_mongo() | {"_id": 0, "name": 0}
