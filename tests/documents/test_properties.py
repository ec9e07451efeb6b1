"""Any sequence of edits, saved, gives what the same edits give on plain dicts."""

import itertools
from copy import deepcopy
from typing import Any, NamedTuple

from bson import json_util
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels import documents
from docmodels.documents.base import BaseDocument

KEYS = st.sampled_from(["a", "b", "c", "0"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, 2**40]),
    st.text("xy", max_size=2),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
#: Positions in lists, and steps of a walk.
NUMBERS = st.integers(0, 5)


class Leaf(documents.EmbeddedDocument):
    a = documents.AnyField(blank=True, null=True)
    b = documents.ListField()


class Tree(documents.Document):
    key = documents.IntegerField(primary_key=True)
    a = documents.AnyField(blank=True, null=True)
    items = documents.ListField()
    map = documents.MapField(blank=True)
    leaf = documents.EmbeddedField(Leaf, blank=True)
    leaves = documents.EmbeddedListField(Leaf)

    class Meta:
        collection = "trees"
        minimize = False


LEAVES = st.fixed_dictionaries({"b": st.lists(VALUES, max_size=3)}, optional={"a": VALUES})
TREES = st.fixed_dictionaries(
    {"items": st.lists(VALUES, max_size=3), "leaves": st.lists(LEAVES, max_size=3)},
    optional={
        "a": VALUES,
        "map": st.dictionaries(KEYS, VALUES, max_size=3),
        "leaf": LEAVES,
        "more": VALUES,
    },
)
LIST_EDITS = ["append", "extend", "insert", "set", "delete", "pop", "reverse", "clear", "slice"]
DICT_EDITS = ["set", "delete", "update", "clear", "setdefault"]


class Edit(NamedTuple):
    """One edit: where, what kind for each kind of container, and with what."""

    steps: list
    in_list: str
    in_dict: str
    number: int
    key: str
    value: Any
    #: A value for a place where embedded documents are.
    leaf: dict
    items: list
    map: dict
    leaves: list
    #: Whether the document is saved after the edit.
    saved: bool
    #: Whether it is made where the one before was, as people do.
    again: bool


EDITS = st.lists(
    st.builds(
        Edit,
        steps=st.lists(NUMBERS, max_size=4),
        in_list=st.sampled_from(LIST_EDITS),
        in_dict=st.sampled_from(DICT_EDITS),
        number=NUMBERS,
        key=KEYS,
        value=VALUES,
        leaf=LEAVES,
        items=st.lists(VALUES, max_size=3),
        map=st.dictionaries(KEYS, VALUES, max_size=3),
        leaves=st.lists(LEAVES, max_size=3),
        saved=st.integers(0, 3).map(lambda number: number == 3),
        again=st.integers(0, 3).map(bool),
    ),
    min_size=1,
    max_size=8,
).map(lambda edits: list(itertools.accumulate(edits, follow)))


def follow(before, edit):
    """Let an edit be made where the one before was, if it is to be."""
    return edit._replace(steps=before.steps) if edit.again else edit


def names_of(document):
    """Return the names of the fields, without the key."""
    return [field.name for field in document._meta.fields if not field.primary_key]


def children(value):
    """Return what is inside of a container, in an order that plain dicts share."""
    if isinstance(value, BaseDocument):
        found = {n: getattr(value, n) for n in names_of(value) if value.is_set(n)}
        value = found | dict(value.undeclared)
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return list(value)


def walk(root, steps):
    """Follow steps as far as there are containers; return the last one."""
    found = root
    for number in steps:
        inner = [v for v in children(found) if isinstance(v, (dict, list, BaseDocument))]
        if not inner:
            break
        found = inner[number % len(inner)]
    return found


def apply(edit, document, plain):
    """Apply an edit to a document and to the plain dict that mirrors it."""
    target, mirror = walk(document, edit.steps), walk(plain, edit.steps)
    if isinstance(target, BaseDocument):
        names = names_of(target)
        name = names[edit.number % len(names)]
        if edit.in_dict == "delete":
            delattr(target, name)
            mirror.pop(name, None)
        else:
            value = edit.value if name == "a" else getattr(edit, name, edit.items)
            setattr(target, name, value)
            mirror[name] = deepcopy(value)
    elif isinstance(target, list):
        leaves = isinstance(target._codec, documents.EmbeddedField)
        for items in (target, mirror):
            edit_list(items, edit.in_list, edit.number, edit.leaf if leaves else edit.value)
    else:
        for items in (target, mirror):
            edit_dict(items, edit.in_dict, edit.key, edit.value)


def edit_list(items, kind, number, value):
    """Edit a list, whether plain or tracked."""
    value = deepcopy(value)
    index = number % len(items) if items else 0
    if kind == "append":
        items.append(value)
    elif kind == "extend":
        items.extend([value, deepcopy(value)])
    elif kind == "insert":
        items.insert(number, value)
    elif kind == "reverse":
        items.reverse()
    elif kind == "clear":
        items.clear()
    elif kind == "slice":
        items[index : index + 2] = [value]
    elif not items:
        items += [value]
    elif kind == "set":
        items[index] = value
    elif kind == "delete":
        del items[index]
    else:
        items.pop()


def edit_dict(items, kind, key, value):
    """Edit a dict, whether plain or tracked."""
    value = deepcopy(value)
    if kind == "set":
        items[key] = value
    elif kind == "delete":
        items.pop(key, None)
    elif kind == "update":
        items.update({key: value, "z": 1})
    elif kind == "clear":
        items.clear()
    else:
        items.setdefault(key, value)


def shown(raw):
    """Return a stored document as text that tells 1 from True, without its version."""
    return json_util.dumps(
        {k: v for k, v in raw.items() if k not in {"_id", "__v"}}, sort_keys=True
    )


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES, edits=EDITS, versioned=st.booleans())
def test_edits_are_those_of_plain_dicts(mongo, tree, edits, versioned):
    """What is stored after saves equals the dict after the same edits."""
    collection = mongo.collection("trees")
    version = {"__v": 0} if versioned else {}
    collection.replace_one({"_id": 1}, deepcopy(tree) | version, upsert=True)
    document, plain = Tree.objects.get(pk=1), deepcopy(tree)

    for edit in edits:
        apply(edit, document, plain)
        assert shown(document.to_mongo()) == shown(plain)
        if edit.saved:
            document.save()
            assert shown(collection.find_one()) == shown(plain)
    document.save()

    assert shown(collection.find_one()) == shown(plain)
    assert not document.is_modified()


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES, edits=EDITS)
def test_rollback_undoes_any_edits(mongo, tree, edits):
    """What was loaded is there again after `rollback()`."""
    document, plain = Tree.from_mongo({"_id": 1} | deepcopy(tree)), deepcopy(tree)
    for edit in edits:
        apply(edit, document, plain)

    document.rollback()

    assert shown(document.to_mongo()) == shown(tree)
    assert not document.is_modified()
