"""Revisions of documents: what each write changed, and by whom."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory, override_settings

from docmodels import documents, transaction
from docmodels.contrib.history import ActorMiddleware, Historic, acting, diff, set_actor
from docmodels.contrib.soft_delete import SoftDelete
from docmodels.registry import registry
from docmodels.testing.commands import record_commands


class Step(documents.EmbeddedDocument):
    text = documents.CharField()
    minutes = documents.IntegerField(db_field="m", blank=True)


class Recipe(Historic):
    title = documents.CharField(max_length=20, db_field="t")
    steps = documents.EmbeddedListField(Step)
    tags = documents.ListField(documents.CharField())
    extra = documents.MapField(blank=True)
    note = documents.CharField(blank=True, null=True)
    secret = documents.CharField(blank=True, hidden=True)

    class Meta:
        app_label = "historic"
        timestamps = (None, "changed_at")


class Cake(Recipe):
    layers = documents.IntegerField(blank=True)


class Draft(SoftDelete):
    title = documents.CharField()

    class Meta:
        app_label = "historic"
        plugins = ["docmodels.contrib.history.Historic"]


def changes_of(revision):
    """Give the changes as a dict of (old, new), without the time of change."""
    return {
        change.path: (change.old, change.new)
        for change in revision.changes
        if change.path != "changed_at"
    }


@pytest.fixture
def recipe():
    """Give a stored recipe with two steps."""
    return Recipe.objects.create(
        title="Soup", steps=[{"text": "cut", "minutes": 5}, {"text": "boil"}], tags=["a"]
    )


class TestRecord:
    """What is recorded."""

    def test_create(self, recipe, mongo):
        """The first revision has everything, in a collection of its own."""
        [revision] = recipe.history()

        assert (revision.number, revision.action, revision.by) == (1, "create", None)
        assert changes_of(revision) == {
            "t": (None, "Soup"),
            "steps": (None, [{"text": "cut", "m": 5}, {"text": "boil"}]),
            "tags": (None, ["a"]),
        }
        assert mongo.collection("historic_recipe_history").count_documents({}) == 1

    def test_change(self, recipe):
        """A change has its paths, also inside of lists and documents."""
        recipe.title = "Stew"
        recipe.steps[0].minutes = 9
        recipe.extra = {"salt": {"g": 3}}
        recipe.save()

        revision = recipe.history().first()
        assert (revision.number, revision.action) == (2, "change")
        assert changes_of(revision) == {
            "t": ("Soup", "Stew"),
            "steps.0.m": (5, 9),
            "extra": (None, {"salt": {"g": 3}}),
        }

    def test_missing_and_null(self, recipe):
        """What was missing has no value, null has one."""
        recipe.note = None
        recipe.save()
        del recipe.note
        recipe.save()

        second, first = recipe.history()[:2]
        [gone] = [change for change in second.changes if change.path == "note"]
        [made] = [change for change in first.changes if change.path == "note"]
        assert (gone.is_set("old"), gone.is_set("new")) == (True, False)
        assert (made.is_set("old"), made.is_set("new")) == (False, True)

    def test_nothing_changed(self, recipe):
        """A save that changes nothing makes no revision."""
        recipe.save()
        Recipe.objects.get().save()

        assert recipe.history().count() == 1

    def test_some_fields(self, recipe):
        """A save of some fields records those."""
        recipe.title, recipe.note = "Stew", "later"
        recipe.save(update_fields=["title"])

        assert changes_of(recipe.history().first()) == {"t": ("Soup", "Stew")}

        recipe.save()
        assert changes_of(recipe.history().first()) == {"note": (None, "later")}

    def test_hook(self, recipe):
        """What a hook changes right before the save is in."""

        class Hooked(Historic):
            title = documents.CharField(blank=True)

            class Meta:
                app_label = "historic"

            @documents.pre("save")
            def fill(self):
                self.title = "filled"

        hooked = Hooked.objects.create()

        assert changes_of(hooked.history().get()) == {"title": (None, "filled")}

    def test_deferred(self, recipe):
        """The old value of a field that was not loaded is read."""
        partly = Recipe.objects.only("tags").get()
        partly.title = "Stew"
        partly.save()

        assert changes_of(recipe.history().first()) == {"t": ("Soup", "Stew")}

    def test_hidden(self, recipe):
        """Hidden fields are not recorded."""
        recipe.secret = "s"
        recipe.save()

        assert changes_of(recipe.history().first()) == {}

    def test_failed_save(self, recipe):
        """What was not saved is not recorded."""
        recipe.title = "x" * 21
        with pytest.raises(Exception, match="at most 20"):
            recipe.save()

        assert recipe.history().count() == 1

    @pytest.mark.parametrize(
        "delete",
        [lambda recipe: recipe.delete(), lambda recipe: Recipe.objects.delete(allow_all=True)],
        ids=["one", "queryset"],
    )
    def test_delete(self, recipe, delete):
        """A deletion records what is gone."""
        history = recipe.history()

        delete(recipe)

        revision = history.first()
        assert (revision.number, revision.action) == (2, "delete")
        assert changes_of(revision)["t"] == ("Soup", None)

    def test_child(self):
        """Subclasses share the history of their parent."""
        cake = Cake.objects.create(title="Cake", layers=2)

        assert Cake.history_model is Recipe.history_model
        assert cake.history().get().document == cake.pk

    def test_soft_delete(self):
        """A soft deletion is a change."""
        draft = Draft.objects.create(title="a")
        draft.delete()

        [change] = draft.history().first().changes
        assert (change.path, change.new) == ("deleted_at", draft.deleted_at)

    def test_number_taken(self, recipe, mongo):
        """Somebody faster takes the number, and the next one is taken."""
        index = mongo.collection("historic_recipe_history")
        index.create_index([("document", 1), ("number", -1)], unique=True)
        mine, theirs = Recipe.objects.get(), Recipe.objects.get()
        mine.title, theirs.note = "A", "B"
        mine.save()
        theirs.save()

        assert [revision.number for revision in recipe.history()] == [3, 2, 1]
        index.drop_indexes()

    def test_transaction(self, recipe):
        """Both are written in one transaction, or none."""

        def fail():
            with transaction.atomic():
                recipe.title = "Stew"
                recipe.save()
                assert recipe.history().count() == 2
                raise RuntimeError("abort")

        with pytest.raises(RuntimeError, match="abort"):
            fail()

        assert recipe.history().count() == 1
        assert Recipe.objects.get().title == "Soup"

    def test_cost(self, recipe):
        """A save costs one read and one insert more."""
        recipe.title = "Stew"

        with record_commands() as commands:
            recipe.save()

        assert [command.name for command in commands] == ["update", "find", "insert"]

    def test_plugin_of_the_project(self, monkeypatch):
        """As a plugin of all documents it does not record its own revisions."""
        monkeypatch.setattr(registry, "_documents", dict(registry._documents))
        with override_settings(DOCMODELS={"PLUGINS": ["docmodels.contrib.history.Historic"]}):

            class Plain(documents.Document):
                name = documents.CharField()

                class Meta:
                    app_label = "historic"

        plain = Plain.objects.create(name="a")
        assert plain.history().count() == 1
        assert not hasattr(Plain.history_model, "history_model")


class TestActor:
    """Who did it."""

    def test_block(self, recipe):
        """`acting` says it for a block, also by a user."""
        recipe.title = "A"
        with acting("import"):
            recipe.save()
        recipe.title = "B"
        with acting(User(username="ida")):
            recipe.save()
        recipe.title = "C"
        recipe.save()

        assert [r.by for r in recipe.history()] == [None, "ida", "import", None]

    def test_set(self, recipe):
        """`set_actor` says it until further notice."""
        set_actor("cron")
        recipe.title = "A"
        recipe.save()
        set_actor(None)

        assert recipe.history().first().by == "cron"

    def test_middleware(self, recipe):
        """The user of the request is asked for when something is written."""
        request = RequestFactory().get("/")
        request.user = User(username="ida")

        def view(request):
            recipe.title = "A"
            recipe.save()
            return "response"

        assert ActorMiddleware(view)(request) == "response"
        assert recipe.history().first().by == "ida"


class TestRevert:
    """`revert(to=…)`."""

    def test_back(self, recipe):
        """The document is as it was after the revision, and that is a revision."""
        before = recipe.to_dict(exclude=["changed_at"])
        recipe.title, recipe.note = "Stew", "n"
        recipe.steps[0].minutes = 9
        recipe.save()
        recipe.steps.append({"text": "serve"})
        recipe.extra = {"a": {"b": 1}}
        recipe.tags.clear()
        del recipe.note
        recipe.save()

        recipe.revert(to=recipe.history().get(number=1))

        stored = Recipe.objects.get()
        assert stored.to_dict(exclude=["changed_at"]) == before
        revision = stored.history().first()
        assert (revision.number, revision.action) == (4, "revert")

    def test_forth(self, recipe):
        """A revert can be reverted."""
        recipe.title = "Stew"
        recipe.save()
        recipe.revert(to=1)
        assert Recipe.objects.get().title == "Soup"

        recipe.revert(to=2)

        assert Recipe.objects.get().title == "Stew"

    def test_fresh(self, recipe):
        """It starts from what is stored, unsaved changes are dropped."""
        other = Recipe.objects.get()
        other.note = "theirs"
        other.save()
        recipe.title = "unsaved"

        recipe.revert(to=1)

        stored = Recipe.objects.get()
        assert (stored.title, stored.note) == ("Soup", None)

    def test_undeclared(self, recipe, mongo):
        """Undeclared data is recorded and put back."""
        mongo.collection("historic_recipe").update_one({}, {"$set": {"old": {"n": 1}}})
        stored = Recipe.objects.get()
        del stored.undeclared["old"]
        stored.undeclared["new"] = 2
        stored.save()

        stored.revert(to=1)

        assert Recipe.objects.get().undeclared == {"old": {"n": 1}}

    def test_unknown(self, recipe):
        """A revision that is not there raises."""
        with pytest.raises(Recipe.history_model.DoesNotExist) as caught:
            recipe.revert(to=9)

        assert str(caught.value) == "Recipe.revert(): no revision 9 of this document."


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, [{"path": "a", "old": 1, "new": 1.0}]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, [
            {"path": "a.b", "old": 1, "new": 3}, {"path": "a.c", "old": 2},
        ]),
        ({"a": {"b": 1}}, {"a": {}}, [{"path": "a", "old": {"b": 1}, "new": {}}]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [{"path": "a.1", "old": 2, "new": 3}]),
        ({"a": [1]}, {"a": [1, 3]}, [{"path": "a", "old": [1], "new": [1, 3]}]),
        ({"a": {"x.y": 1}}, {"a": {"x.y": 2}}, [
            {"path": "a", "old": {"x.y": 1}, "new": {"x.y": 2}},
        ]),
    ],
    ids=["same", "type", "nested", "emptied", "element", "longer", "dotted"],
)  # fmt: skip
def test_diff(before, after, expected):
    """Differences are told by the shortest paths that can be named."""
    assert diff(before, after) == expected
