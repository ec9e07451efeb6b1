"""Everything public says what it does, and what its arguments are."""

import inspect

import pytest

from docmodels import documents
from tests.docs.public import classes, function_of, functions, members

#: Django's own.
CLASSES = {name: cls for name, cls in classes().items() if cls is not documents.Q}


@pytest.mark.parametrize("name", [*CLASSES, *functions()])
def test_docstrings(name):
    """Each class, function, method and property has a docstring whose first line is short."""
    told = (CLASSES | functions())[name]
    public = {name: told} | (members(told) if isinstance(told, type) else {})

    texts = {key: inspect.getdoc(value) or "" for key, value in public.items()}

    assert [key for key, text in texts.items() if not text] == []
    assert [key for key, text in texts.items() if len(text.splitlines()[0]) > 90] == []


@pytest.mark.parametrize("name", CLASSES)
def test_methods_are_annotated(name):
    """Each argument and each result of a public method, and of the constructor, has a type."""
    cls = CLASSES[name]
    public = members(cls) | ({"__init__": cls.__init__} if "__init__" in vars(cls) else {})
    called = {key: function_of(value) for key, value in public.items()}

    lacking = {key: unannotated(value, skip=1) for key, value in called.items() if value}

    assert {key: found for key, found in lacking.items() if found} == {}


@pytest.mark.parametrize("name", functions())
def test_functions_are_annotated(name):
    """Each argument and the result of a public function have a type."""
    assert unannotated(functions()[name], skip=0) == []


def unannotated(function, *, skip):
    """Return the names of what has no type, behind the first `skip` arguments."""
    signature = inspect.signature(function)
    first = list(signature.parameters.values())
    skip = skip if first and first[0].name in {"self", "cls", "_self"} else 0
    found = [p.name for p in first[skip:] if p.annotation is inspect.Parameter.empty]
    if signature.return_annotation is inspect.Signature.empty and function.__name__ != "__init__":
        found.append("return")
    return found
