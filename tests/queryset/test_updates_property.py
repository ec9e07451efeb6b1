"""Updates of random documents are what a plain Python model makes of them."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from docmodels.documents import F, Q, ops
from docmodels.exceptions import OperationFailed
from docmodels.query.updates import make_update
from tests.query.update_model import Refused, apply_update
from tests.queryset.models import Book

SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

numbers = st.integers(-100, 100)
letters = st.sampled_from("abcde")
chapters = st.fixed_dictionaries({"title": letters, "p": numbers, "marks": st.just([])})

documents = st.fixed_dictionaries(
    {},
    optional={
        "n": numbers,
        "rating": st.one_of(numbers, st.none()),
        "tags": st.lists(letters, max_size=4),
        "grid": st.lists(st.lists(numbers, max_size=3), max_size=3),
        "chapters": st.lists(chapters, max_size=3),
        "counts": st.dictionaries(letters, numbers, max_size=3),
        "cover": st.fixed_dictionaries({}, optional={"color": letters}),
        "extra": st.fixed_dictionaries({}, optional={"a": numbers, "b": st.lists(numbers)}),
    },
)
given_chapters = st.builds(lambda t, p: {"title": t, "pages": p}, letters, numbers)
modifiers = st.fixed_dictionaries(
    {}, optional={"position": st.integers(-3, 3), "slice": st.integers(-4, 4)}
)


def with_ways(sorts):
    """Add a sort to the modifiers of a push, or none."""
    return st.builds(
        lambda more, sort: more | ({} if sort is None else {"sort": sort}),
        modifiers,
        st.sampled_from([None, *sorts]),
    )


def pushes(items, sorts):
    """Return pushes of some elements."""
    # With what is stored they are at most 16: of more the server may exchange equal ones.
    lists = st.lists(items, max_size=12)
    return st.builds(lambda each, more: ops.Push(each=each, **more), lists, with_ways(sorts))


bits = st.integers(0, 255)
#: By path: what may be done with it.
VALUES = {
    "pages": st.one_of(
        numbers,
        st.none(),
        st.builds(ops.Unset),
        st.builds(ops.Inc, numbers),
        st.builds(ops.Mul, numbers),
        st.builds(ops.Min, numbers),
        st.builds(ops.Max, numbers),
        st.builds(ops.SetOnInsert, numbers),
        st.builds(lambda n: ops.Bit(and_=n), bits),
        st.builds(lambda n: ops.Bit(or_=n), bits),
        st.builds(lambda n: ops.Bit(xor=n), bits),
        st.builds(lambda n: F("pages") + n, numbers),
        st.just(ops.Rename("extra__a")),
    ),
    "rating": st.one_of(
        st.builds(ops.Min, numbers),
        st.builds(ops.Max, numbers),
        st.builds(ops.Inc, numbers),
        st.builds(ops.Unset),
    ),
    "tags": st.one_of(
        st.lists(letters),
        pushes(letters, [1, -1]),
        st.builds(lambda each: ops.AddToSet(each=each), st.lists(letters)),
        st.builds(ops.Pull, letters),
        st.builds(lambda a: ops.Pull(Q(gte=a)), letters),
        st.builds(ops.PullAll, st.lists(letters)),
        st.builds(lambda first: ops.Pop(first=first), st.booleans()),
    ),
    "chapters": st.one_of(
        pushes(given_chapters, ["pages", ["-pages", "title"]]),
        st.builds(lambda t: ops.Pull({"title": t}), letters),
        st.builds(lambda n: ops.Pull(Q(pages__gt=n)), numbers),
        st.builds(lambda first: ops.Pop(first=first), st.booleans()),
    ),
    "grid__0": st.one_of(pushes(numbers, [1, -1]), st.lists(numbers)),
    "counts__a": st.one_of(numbers, st.builds(ops.Inc, numbers), st.builds(ops.Unset)),
    "cover__color": st.one_of(letters, st.builds(ops.Unset)),
}
updates = st.fixed_dictionaries({}, optional=VALUES).filter(bool)


@pytest.mark.usefixtures("mongo")
class TestModel:
    """The server and the model agree on every update."""

    @SETTINGS
    @given(stored=documents, values=updates)
    def test_operators(self, mongo, stored, values):
        """What is stored then is what the model says, or both refuse and nothing is changed."""
        collection = mongo.collection(Book._meta.collection)
        key = collection.insert_one(dict(stored)).inserted_id
        update = make_update(Book._meta, values, timestamps=False)

        try:
            expected = apply_update(stored, update.document)
        except Refused:
            expected = None
        try:
            Book.objects.filter(pk=key).update(values, timestamps=False)
            refused = False
        except OperationFailed:
            refused = True
        found = collection.find_one({"_id": key}, {"_id": 0})

        assert refused == (expected is None)
        assert found == (stored if refused else expected)

    @SETTINGS
    @given(stored=documents, amount=numbers)
    def test_every_element(self, mongo, stored, amount):
        """`$[]` reaches each element of each list."""
        collection = mongo.collection(Book._meta.collection)
        stored = {"chapters": [], "grid": [], **stored}
        key = collection.insert_one(dict(stored)).inserted_id
        values = {"chapters.$[].pages": ops.Inc(amount), "grid.$[].$[]": ops.Mul(amount)}
        update = make_update(Book._meta, values, timestamps=False)

        Book.objects.filter(pk=key).update(values, timestamps=False)

        found = collection.find_one({"_id": key}, {"_id": 0})
        assert found == apply_update(stored, update.document)

    @SETTINGS
    @given(
        first=numbers,
        second=numbers,
        factor=numbers,
        beside=st.one_of(*(v for k, v in VALUES.items() if k == "rating")),
    )
    def test_computed(self, mongo, first, second, factor, beside):
        """Computed values are what Python computes, and operators beside them what they are."""
        collection = mongo.collection(Book._meta.collection)
        stored = {"n": first, "extra": {"a": second}, "rating": 3}
        key = collection.insert_one(dict(stored)).inserted_id

        Book.objects.filter(pk=key).update(
            pages=(F("pages") - F("extra__a")) * factor + 1, rating=beside, timestamps=False
        )

        expected = apply_update(
            stored, make_update(Book._meta, {"rating": beside}, timestamps=False).document
        )
        expected["n"] = (first - second) * factor + 1
        assert collection.find_one({"_id": key}, {"_id": 0}) == expected
