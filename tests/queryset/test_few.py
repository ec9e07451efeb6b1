"""A few whole documents are read by a short way, with the result of the long one."""

import pytest

from docmodels import documents, signals
from docmodels.connections.finding import FEW
from docmodels.documents import F, Q
from docmodels.queryset import few, iterables
from docmodels.testing import record_commands


class Maker(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "few"


class Tool(documents.Document):
    number = documents.IntegerField()
    name = documents.CharField(blank=True, db_field="n")
    parts = documents.ListField(documents.CharField())
    maker = documents.ReferenceField(Maker, blank=True)

    class Meta:
        app_label = "few"
        ordering = ["-number"]


class Saw(Tool):
    teeth = documents.IntegerField(blank=True)


tools = Tool.objects
#: Querysets, and whether they take the short way.
QUERYSETS = {
    "cut": (lambda: tools.all()[:5], True),
    "skipped": (lambda: tools.order_by("number")[3:7], True),
    "filtered": (lambda: tools.filter(number__gte=4, name="even")[:3], True),
    "ordered": (lambda: tools.order_by("name", "-number")[:FEW], True),
    "reversed": (lambda: tools.reverse()[:4], True),
    "reversed by the key": (lambda: tools.order_by().reverse()[:4], True),
    "unordered": (lambda: tools.order_by()[:4], True),
    "of a subclass": (lambda: Saw.objects.all()[:4], True),
    "by a Q": (lambda: tools.filter(~Q(name="even"))[:4], True),
    "computed": (lambda: tools.filter(number__gt=F("number") - 1)[:4], True),
    "nothing found": (lambda: tools.filter(number=-1)[:4], True),
    "not cut": (lambda: tools.filter(number=1), False),
    "too many": (lambda: tools.all()[: FEW + 1], False),
    "none": (lambda: tools.none()[:4], False),
    "a part": (lambda: tools.only("name")[:4], False),
    "a part left out": (lambda: tools.defer("parts")[:4], False),
    "rows": (lambda: tools.values("name")[:4], False),
    "annotated": (lambda: tools.annotate(twice=F("number") * 2)[:4], False),
    "with an option": (lambda: tools.comment("why")[:4], False),
    "populated": (lambda: tools.populate("maker")[:4], False),
    "lazy": (lambda: tools.lazy()[:4], False),
    "another fetch mode": (lambda: tools.fetch_mode("raise")[:4], False),
}


@pytest.fixture
def stored(mongo):
    """Store tools of two classes and two makers."""
    makers = [Maker.objects.create(name=name) for name in "ab"]
    for number in range(9):
        cls = Saw if number % 3 == 0 else Tool
        name = "odd" if number % 2 else "even"
        cls(number=number, name=name, parts=["x"], maker=makers[number % 2]).save()
    return makers


def shown(found):
    """Return all that a reader of the result may see."""
    return [
        row if isinstance(row, dict) else (type(row), row.to_mongo(), row._state.db)
        for row in found
    ]


def told(commands):
    """Return what was sent, without what differs each time."""
    each_time = {"lsid", "maxTimeMS", "$clusterTime"}
    return [{k: v for k, v in c.command.items() if k not in each_time} for c in commands]


@pytest.mark.parametrize("name", QUERYSETS)
def test_as_the_long_way(stored, monkeypatch, name):
    """The same is sent, and the same comes back."""
    make, is_few = QUERYSETS[name]
    taken = []

    def read_whole(queryset):
        taken.append(few.read_whole(queryset))
        return taken[-1]

    monkeypatch.setattr(iterables, "read_whole", read_whole)
    with record_commands() as sent:
        short = shown(make())
    monkeypatch.setattr(iterables, "read_whole", lambda queryset: None)
    with record_commands() as sent_again:
        long = shown(make())

    assert short == long
    assert any(made is not None for made in taken) == is_few
    assert told(sent) == told(sent_again)


def test_references_are_loaded_together(stored, assert_num_commands):
    """The documents know each other, as those of any result do."""
    found = list(tools.all()[:6])

    with assert_num_commands(1):
        assert {tool.maker.name for tool in found} == {"a", "b"}


def test_signals_are_sent(stored):
    """Who listens to `post_init` takes the long way."""
    heard = []

    def listen(instance, **about):
        heard.append(instance.number)

    signals.post_init.connect(listen, sender=Tool)
    try:
        list(tools.filter(number__in=[1, 2])[:2])
    finally:
        signals.post_init.disconnect(listen, sender=Tool)

    assert heard == [2, 1]
