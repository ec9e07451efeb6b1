"""`get()` of a manager makes no queryset, with the result of the queryset's."""

import asyncio

import pytest
from django.core.exceptions import FieldError
from django.test import override_settings
from django.utils.connection import ConnectionDoesNotExist

from docmodels import documents, signals, transaction
from docmodels.connections import router
from docmodels.documents import Q
from docmodels.queryset import manager
from docmodels.testing import record_commands


class Loud(documents.QuerySet):
    """It is like any other."""

    def loud(self):
        """Keep the loud ones."""
        return self.filter(loud=True)


class Narrow(documents.QuerySet):
    """It hides what is not loud from every filter."""

    def _filter(self, exclude, args, conditions):
        return super()._filter(exclude, args, conditions | {"loud": True})


class Own(documents.QuerySet):
    """It has a `get()` of its own."""

    def get(self, *args, **conditions):
        """Get a loud one."""
        return super().get(*args, loud=True, **conditions)


class Begun(documents.QuerySet):
    """It begins with the loud ones."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.query.where = {"loud": True}


class LoudManager(documents.Manager.from_queryset(Loud)):
    def get_queryset(self):
        """Begin with the loud ones."""
        return super().get_queryset().loud()


class Horn(documents.Document):
    name = documents.CharField()
    loud = documents.BooleanField(default=False)
    secret = documents.CharField(blank=True)

    objects = documents.Manager()
    same = Loud.as_manager()
    narrow = Narrow.as_manager()
    own = Own.as_manager()
    begun = Begun.as_manager()
    loud_ones = LoudManager()

    class Meta:
        app_label = "getting"


class Trumpet(Horn):
    valves = documents.IntegerField(blank=True)


class Bell(documents.Document):
    """A class whose reads have an option, a hook and a hidden field."""

    name = documents.CharField()
    secret = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "getting"


class Gong(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "getting"
        collation = {"locale": "en", "strength": 2}
        read_preference = "primaryPreferred"


@pytest.fixture
def horns(mongo):
    """Store horns, a trumpet among them, by name."""
    made = [Horn(name="a"), Horn(name="b", loud=True), Trumpet(name="c"), Horn(name="b")]
    for horn in made:
        horn.save()
    return made


@pytest.fixture
def taken(monkeypatch):
    """Give a list that tells of each `get()` whether it took the short way."""
    ways = []

    def get_plainly(*args, **options):
        found = original(*args, **options)
        ways.append(found is not None)
        return found

    original = manager.get_plainly
    monkeypatch.setattr(manager, "get_plainly", get_plainly)
    return ways


@pytest.mark.parametrize(
    ("give", "is_short"),
    [
        pytest.param(lambda: Horn.objects, True, id="plain"),
        pytest.param(lambda: Horn.same, True, id="of a queryset class"),
        pytest.param(lambda: Horn.objects.db_manager("default"), True, id="of an alias"),
        pytest.param(lambda: Trumpet.objects, False, id="of a child"),
        pytest.param(lambda: Horn.narrow, False, id="with a filter of its own"),
        pytest.param(lambda: Horn.own, False, id="with a get of its own"),
        pytest.param(lambda: Horn.begun, False, id="with a beginning of its own"),
        pytest.param(lambda: Horn.loud_ones, False, id="with a queryset of its own"),
    ],
)
def test_as_of_a_queryset(horns, taken, give, is_short):
    """The same object comes back, or the same error, by the same command."""
    for conditions in ({"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "x"}):
        outcomes = []
        for get in (give().get, give().get_queryset().get):
            with record_commands() as sent:
                try:
                    found = get(**conditions)
                    outcome = (type(found), found.to_mongo(), found._state.db, found._state.adding)
                except (Horn.DoesNotExist, Horn.MultipleObjectsReturned) as error:
                    outcome = (type(error), str(error))
            sent = [(c.command["find"], c.command["filter"], c.command["limit"]) for c in sent]
            outcomes.append((outcome, sent))
        assert outcomes[0] == outcomes[1], conditions
    assert any(taken) == is_short


def test_what_is_no_equality(horns, taken):
    """Lookups, Q objects and wrong names go through the queryset."""
    assert Horn.objects.get(name__startswith="a").pk == horns[0].pk
    assert Horn.objects.get(Q(name="a")).pk == horns[0].pk
    with pytest.raises(FieldError, match="Did you mean 'name'"):
        Horn.objects.get(nam="a")
    with pytest.raises(Horn.MultipleObjectsReturned):
        Horn.objects.get()

    assert taken == [False, False]


def test_a_manager_of_another_queryset(horns, taken, monkeypatch):
    """Whoever replaces `get_queryset()` of one manager, as tests do, is asked."""
    monkeypatch.setattr(Horn.objects, "get_queryset", lambda: Horn.loud_ones.get_queryset())

    with pytest.raises(Horn.DoesNotExist):
        Horn.objects.get(name="a")
    assert Horn.objects.get(name="b").pk == horns[1].pk
    assert taken == []


class Awaiting(documents.QuerySet):
    """It has an `aget()` of its own."""

    async def aget(self, *args, **conditions):
        """Get a loud one."""
        return await super().aget(*args, loud=True, **conditions)


class Whistle(documents.Document):
    name = documents.CharField()
    loud = documents.BooleanField(default=False)

    objects = Awaiting.as_manager()

    class Meta:
        app_label = "getting"


def test_an_aget_of_the_queryset_class(mongo):
    """It is asked through the manager, too."""
    Whistle(name="a").save()

    async def main():
        await Whistle.objects.aget(name="a")

    with pytest.raises(Whistle.DoesNotExist):
        asyncio.run(main())
    assert Whistle.objects.get(name="a").name == "a"


def test_a_filter_that_was_given_away(horns):
    """Who changes the stages of one query of a child changes no other one."""
    Trumpet.objects.all().pipeline()[0]["$match"]["name"] = "nobody"

    assert [trumpet.name for trumpet in Trumpet.objects.all()] == ["c"]
    assert Trumpet.objects.get(name="c").pk == horns[2].pk


def test_a_get_in_the_place_of_the_queryset_s(horns, monkeypatch):
    """Whoever replaces that of all querysets, as tests do, is asked."""
    monkeypatch.setattr(documents.QuerySet, "get", lambda self, **conditions: conditions)

    assert Horn.objects.get(name="a") == {"name": "a"}


def test_an_unknown_alias(horns):
    """It is the error of every other read."""
    with pytest.raises(ConnectionDoesNotExist, match="'nowhere'"):
        Horn.objects.db_manager("nowhere").get(name="a")


class Elsewhere:
    """A router to an alias that is not there."""

    def db_for_read(self, model, **hints):
        """Name it."""
        return "elsewhere"


def test_routers_are_asked(horns):
    """They name the alias, unless the manager does."""
    with override_settings(DOCMODELS={"ROUTERS": [Elsewhere()]}):
        router.reset()
        with pytest.raises(ConnectionDoesNotExist, match="'elsewhere'"):
            Horn.objects.get(name="a")
        assert Horn.objects.db_manager("default").get(name="a").pk == horns[0].pk


def test_in_a_transaction(horns):
    """It reads what the transaction wrote."""
    with transaction.atomic():
        Horn.objects.create(name="new")
        assert Horn.objects.get(name="new").name == "new"
        horn = Horn.objects.get(name="a")
        horn.name = "changed"
        horn.save()
        with pytest.raises(Horn.DoesNotExist):
            Horn.objects.get(name="a")


def test_options_of_the_class(mongo):
    """A hidden field is left out, the collation and the preference are those of `Meta`."""
    Bell(name="a", secret="s").save()
    Gong(name="A").save()

    with record_commands() as sent:
        bell = Bell.objects.get(name="a")
        gong = Gong.objects.get(name="a")

    assert (bell.name, gong.name) == ("a", "A")
    assert [c.command.get("projection") for c in sent] == [{"secret": 0}, None]
    assert [c.command.get("collation", {}).get("strength") for c in sent] == [None, 2]


def test_signals_are_sent(horns):
    """Who listens to `post_init` hears of the object."""
    heard = []

    def listen(instance, **about):
        heard.append(instance.name)

    signals.post_init.connect(listen, sender=Horn)
    try:
        Horn.objects.get(name="a")
    finally:
        signals.post_init.disconnect(listen, sender=Horn)

    assert heard == ["a"]


def test_objects_of_several_gets_know_nothing_of_each_other(horns):
    """What is changed of one stays with it."""
    first, second = Horn.objects.get(name="a"), Horn.objects.get(name="c")
    first._state.adding = True
    first.name = "changed"

    assert (second._state.adding, second.is_modified()) == (False, False)
    assert Horn.objects.get(name="a").name == "a"
