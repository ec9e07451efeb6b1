"""Rules of references to a class, and to a child of it that shares its collection."""

import pytest
from django.db.models import ProtectedError

from docmodels import documents
from docmodels.documents import by_field


class Plant(documents.Document):
    name = documents.CharField()

    class Meta:
        app_label = "deletion_children"


class Tree(Plant):
    pass


class Nest(documents.Document):
    tree = documents.ReferenceField(Tree, on_delete=documents.CASCADE)

    class Meta:
        app_label = "deletion_children"


class Swing(documents.Document):
    tree = documents.ReferenceField(Tree, on_delete=documents.PROTECT)

    class Meta:
        app_label = "deletion_children"


class Label(documents.Document):
    kind = documents.CharField()
    plant = documents.ReferenceField(by_field("kind"), targets=[Plant], on_delete=documents.CASCADE)

    class Meta:
        app_label = "deletion_children"


@pytest.fixture
def tree(mongo):
    """Store a tree and a plant, a nest in the one, and labels of both."""
    plant, tree = Plant.objects.create(name="a"), Tree.objects.create(name="b")
    Nest.objects.create(tree=tree)
    for told in (plant, tree):
        Label.objects.create(plant=told)
    Label.objects.create(kind="deletion_children.Plant", plant_id=tree.pk)
    return tree


def by_parent():
    """Delete trees by a queryset of plants."""
    return Plant.objects.filter(name="b").delete()


def by_child():
    """Delete trees by a queryset of trees."""
    return Tree.objects.filter(name="b").delete()


@pytest.mark.parametrize("delete", [by_parent, by_child])
def test_cascade(tree, delete):
    """What refers to the child, and what names the child or the parent, goes with it."""
    assert delete() == (
        4,
        {"deletion_children.Nest": 1, "deletion_children.Label": 2, "deletion_children.Tree": 1},
    )
    assert Label.objects.get().plant == Plant.objects.get()


@pytest.mark.parametrize("delete", [by_parent, by_child])
def test_protect(tree, delete):
    """Who refers to the child protects it, whatever class it is asked for by."""
    swing = Swing.objects.create(tree=tree)

    with pytest.raises(ProtectedError) as caught:
        delete()

    assert caught.value.protected_objects == {swing}
    assert Tree.objects.count() == 1
