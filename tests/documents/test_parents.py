"""`parent` of embedded documents, wherever they are: unions, maps, lists of lists."""

import pytest

from docmodels import documents


class Leaf(documents.EmbeddedDocument):
    n = documents.IntegerField()


class Branch(documents.EmbeddedDocument):
    leaf = documents.EmbeddedField(Leaf, blank=True)
    grid = documents.ListField(documents.ListField(documents.EmbeddedField(Leaf)))


class Tree(documents.Document):
    either = documents.UnionField(
        documents.IntegerField(), documents.EmbeddedField(Leaf), blank=True
    )
    eithers = documents.ListField(
        documents.UnionField(documents.IntegerField(), documents.EmbeddedField(Leaf))
    )
    either_list = documents.UnionField(
        documents.IntegerField(), documents.EmbeddedListField(Leaf), blank=True
    )
    branches = documents.MapField(documents.EmbeddedField(Branch), blank=True)
    grid = documents.ListField(documents.ListField(documents.EmbeddedField(Leaf)))
    lists = documents.MapField(documents.EmbeddedListField(Leaf), blank=True)
    maps = documents.ListField(documents.MapField(documents.EmbeddedField(Leaf)))

    class Meta:
        collection = "parent_trees"


LEAF = {"n": 1}
VALUES = {
    "either": LEAF,
    "eithers": [LEAF, 5],
    "either_list": [LEAF],
    "branches": {"a": {"leaf": LEAF, "grid": [[LEAF]]}},
    "grid": [[LEAF]],
    "lists": {"a": [LEAF]},
    "maps": [{"a": LEAF}],
}
PATHS = (
    "either", "eithers.0", "either_list.0", "branches.a", "grid.0.0", "lists.a.0", "maps.0.a",
)  # fmt: skip


def assert_known(tree):
    """Check the parents of all that is inside."""
    assert {path: tree.get_path(path).parent is tree for path in PATHS} == dict.fromkeys(
        PATHS, True
    )
    branch = tree.branches["a"]
    assert branch.leaf.parent is branch
    assert branch.grid[0][0].parent is branch


def test_everywhere(mongo):
    """New, saved, loaded one by one and many at once."""
    tree = Tree(**VALUES)
    assert_known(tree)
    tree.save()
    assert_known(tree)
    assert_known(Tree.objects.get())
    for found in Tree.objects.all():
        assert_known(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("either", {"n": 2}),
        ("eithers.2", LEAF),
        ("eithers.1", LEAF),
        ("either_list.1", LEAF),
        ("branches.b", {"leaf": LEAF}),
        ("grid.0.1", LEAF),
        ("lists.a.1", LEAF),
        ("maps.0.b", LEAF),
    ],
)
def test_put_there(mongo, path, value):
    """What is put into a loaded document knows it too, and nothing else is changed by that."""
    Tree(**VALUES).save()
    tree = Tree.objects.get()

    tree.set_path(path, value)

    assert tree.get_path(path).parent is tree
    assert tree.modified_paths()
    tree.save()
    assert not Tree.objects.get().is_modified()
    assert_known(tree)
