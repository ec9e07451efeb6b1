"""Every rule of deletion, in every shape of a reference, with and without transactions."""

import functools

import pytest
from django.db.models import ProtectedError, RestrictedError

from tests.deletion.shapes import DEFAULT, GONE, RULES, SHAPES, Case

#: What the document holds afterwards in the place of the key.
CHANGED = {"SET_NULL": None, "SET_DEFAULT": DEFAULT, "PULL": GONE}
REFUSED = {"PROTECT": ProtectedError, "RESTRICT": RestrictedError}

case_of = functools.cache(Case)


def by_document(case, place):
    """Delete by the document's own method."""
    case.target.objects.using(place.alias).get(pk=case.first).delete()


def by_queryset(case, place):
    """Delete by a queryset."""
    case.target.objects.using(place.alias).filter(pk=case.first).delete()


@pytest.mark.keep_documents
@pytest.mark.parametrize(
    ("place", "delete"),
    [
        ("outside", by_document),
        ("outside", by_queryset),
        ("atomic", by_document),
        ("standalone", by_queryset),
    ],
    indirect=["place"],
)
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, name, delete, place):
    """The document and what refers to it are as the rule says, others are left alone."""
    case = case_of(rule, name)
    case.store(place)
    error = REFUSED.get(rule)

    with place.around():
        if error is None:
            delete(case, place)
        else:
            with pytest.raises(error) as caught:
                delete(case, place)

    if error is not None:
        field = f"{case.model._meta.object_name}.{case.shape.path}"
        kind = "protected" if rule == "PROTECT" else "restricted"
        assert caught.value.args[0].endswith(f"through the {kind} field {field}.")
        assert {found.pk for found in caught.value.args[1]} == {case.key}
        assert case.stored() == (case.referring(case.first), True)
    elif rule == "CASCADE":
        assert case.stored() == (None, False)
    else:
        assert case.stored() == (case.referring(CHANGED.get(rule, case.first)), False)
    assert case.referrers.find_one({"_id": case.spare}) == {
        "_id": case.spare,
        **case.raw(case.second, case.second),
    }
    assert case.targets.count_documents({"_id": case.second}) == 1
    if case.unlike is not None:
        assert case.referrers.find_one({"_id": case.unlike["_id"]}) == case.unlike
