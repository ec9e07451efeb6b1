"""Editors that work at the same time never lose what was acknowledged to another one."""

import threading
from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docmodels.documents import F, ops
from docmodels.exceptions import VersionConflict
from tests.documents.orders import RAW, Careful, Order


class Expected:
    """What has to be stored: the sum of what was acknowledged, in whatever order."""

    def __init__(self, raw):
        self.stock = raw["stock"]
        self.seen = dict(raw["seen"])
        self.tags = sorted(raw["tags"])
        #: How often each line was counted, by its price, which is its own.
        self.lines = {line["price"]: line["count"] for line in raw["lines"]}

    def remove_tag(self, tag):
        """Let a tag be gone, also where somebody else took it out already."""
        self.tags = [other for other in self.tags if other != tag]

    def add_tag(self, tag):
        """Let a tag be there."""
        self.tags = sorted([*self.tags, tag])

    def count_line(self, price):
        """Count a line; one that is gone cannot be counted."""
        assert price in self.lines, "a change of a line that is gone was acknowledged"
        self.lines[price] += 1


# Edits: of an order, with a number to choose by and a new name. Each returns what it
# means for what is stored by then.


def push(order, number, new):
    """Append, at either end."""
    order.tags.insert(number % 2 * len(order.tags), str(new))
    return lambda expected: expected.add_tag(str(new))


def add(order, number, new):
    """Append what is not there."""
    order.tags.add_to_set(str(new))
    return lambda expected: expected.add_tag(str(new))


def pull(order, number, new):
    """Take out a tag by what it is."""
    if not order.tags:
        return push(order, number, new)
    tag = order.tags[number % len(order.tags)]
    order.tags.remove(tag)
    return lambda expected: expected.remove_tag(tag)


def pop(order, number, new):
    """Take out a tag at an end."""
    if not order.tags:
        return push(order, number, new)
    tag = order.tags.pop(-(number % 2))
    return lambda expected: expected.remove_tag(tag)


def rewrite(order, number, new):
    """Replace a tag by assigning a list."""
    if not order.tags:
        return push(order, number, new)
    tag = order.tags[number % len(order.tags)]
    order.tags = [str(new), *(other for other in order.tags if other != tag)]
    return lambda expected: (expected.remove_tag(tag), expected.add_tag(str(new)))


def replace(order, number, new):
    """Replace a tag at its index."""
    if not order.tags:
        return push(order, number, new)
    index = number % len(order.tags)
    tag, order.tags[index] = order.tags[index], str(new)
    return lambda expected: (expected.remove_tag(tag), expected.add_tag(str(new)))


def count_stock(order, number, new):
    """Count by reading and writing."""
    order.stock += 1
    return lambda expected: setattr(expected, "stock", expected.stock + 1)


def count_key(order, number, new):
    """Count in a map, where the key may be missing."""
    key = "xyz"[number % 3]
    order.seen[key] = order.seen.get(key, 0) + 1
    return lambda expected: expected.seen.update({key: expected.seen.get(key, 0) + 1})


def count_map(order, number, new):
    """Count by writing a whole map."""
    key = "xyz"[number % 3]
    order.seen = {**order.seen, key: order.seen.get(key, 0) + 1}
    return lambda expected: expected.seen.update({key: expected.seen.get(key, 0) + 1})


def add_line(order, number, new):
    """Append a line."""
    order.lines.append({"price": new, "count": 0})
    return lambda expected: expected.lines.update({new: 0})


def remove_line(order, number, new):
    """Take out a line at an end."""
    if not order.lines:
        return add_line(order, number, new)
    price = order.lines.pop(-(number % 2)).price
    return lambda expected: expected.lines.pop(price, None)


def count_line(order, number, new):
    """Count inside of a line."""
    if not order.lines:
        return add_line(order, number, new)
    line = order.lines[number % len(order.lines)]
    line.count += 1
    return lambda expected: expected.count_line(line.price)


def count_own_line(order, number, new):
    """Count inside of a line that nobody else counts."""
    own = [line for line in order.lines if line.price % EDITORS == new % EDITORS]
    if not own:
        return add_line(order, number, new)
    line = own[number % len(own)]
    line.count += 1
    return lambda expected: expected.count_line(line.price)


def foreign(order, number, new):
    """Change what is stored as a program does that knows no versions."""
    stored = Order.objects.filter(pk=1)
    if number % 3 == 0:
        stored.update(stock=F("stock") + 1)
        return lambda expected: setattr(expected, "stock", expected.stock + 1)
    if number % 3 == 1:
        stored.update(tags=ops.Push(str(new)))
        return lambda expected: expected.add_tag(str(new))
    stored.update(seen__y=ops.Inc(1))
    return lambda expected: expected.seen.update(y=expected.seen.get("y", 0) + 1)


EDITORS = 3
OF_TAGS = [push, add, pull, pop, rewrite]
OF_LINES = [add_line, remove_line, count_own_line]
ALL = [*OF_TAGS, replace, add_line, remove_line, count_line, count_stock, count_key, count_map]


def steps_of(edits, ways):
    """Return random steps: who edits, what, a number, and how it is saved (None: not yet)."""
    return st.lists(
        st.tuples(
            st.integers(0, EDITORS - 1),
            st.sampled_from(edits),
            st.integers(0, 5),
            st.sampled_from([None, *ways]),
        ),
        max_size=20,
    )


def play(mongo, cls, steps):
    """Let the editors take the steps, each with the object that it loaded once."""
    collection = mongo.collection("orders")
    raw = deepcopy(RAW) | ({"__t": cls.__name__} if cls is not Order else {})
    collection.replace_one({"_id": 1}, raw, upsert=True)
    editors = [cls.objects.get(pk=1) for _number in range(EDITORS)]
    pending = [[] for _number in range(EDITORS)]
    expected = Expected(raw)

    for step, (editor, edit, number, options) in enumerate(steps, start=100):
        meaning = edit(editors[editor], number, step * EDITORS + editor)
        if edit is foreign:
            meaning(expected)
        else:
            pending[editor].append(meaning)
            if options is None:
                continue
            try:
                editors[editor].save(**options)
            except VersionConflict:
                editors[editor] = cls.objects.get(pk=1)
            else:
                for acknowledged in pending[editor]:
                    acknowledged(expected)
            pending[editor] = []
        assert vars(Expected(collection.find_one())) == vars(expected)


QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class TestNoLostUpdate:
    """Whatever is stored is the sum of what was acknowledged."""

    @QUICK
    @given(steps=steps_of([*OF_TAGS, *OF_LINES], [{}]))
    def test_versions(self, mongo, steps):
        """
        Lists are guarded by the version, without asking for it.

        A write inside of an element makes no version: each element has one editor, and no
        list of elements is written as a whole, which several edits at once would be.
        """
        play(
            mongo,
            Order,
            [(who, edit, n, {} if edit in OF_LINES else how) for who, edit, n, how in steps],
        )

    @QUICK
    @given(steps=steps_of(ALL, [{}]))
    def test_optimistic_concurrency(self, mongo, steps):
        """With `optimistic_concurrency` every change is."""
        play(mongo, Careful, steps)

    @QUICK
    @given(steps=steps_of([*ALL, foreign], [{"guard": True}, {"on_conflict": "merge"}]))
    def test_guards_and_merges(self, mongo, steps):
        """With `guard`, or merged, also where others know no versions."""
        play(mongo, Order, steps)

    def test_threads(self, mongo):
        """Threads that retry what was refused store all that they did."""
        collection = mongo.collection("orders")
        collection.insert_one(deepcopy(RAW))
        expected, errors = Expected(RAW), []
        kinds = [count_stock, count_key, count_map, push, add, rewrite]
        acknowledged = []

        def edit(editor):
            try:
                for step in range(6):
                    kind = kinds[(editor + step) % len(kinds)]
                    while True:
                        order = Order.objects.get(pk=1)
                        meaning = kind(order, 1, (100 + step) * 10 + editor)
                        try:
                            order.save(on_conflict="merge")
                        except VersionConflict:
                            continue
                        acknowledged.append(meaning)
                        break
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=edit, args=(editor,)) for editor in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        for meaning in acknowledged:
            meaning(expected)
        assert errors == []
        assert len(acknowledged) == 24
        assert vars(Expected(collection.find_one())) == vars(expected)
