"""
What is to be populated: paths, what is wanted at each, and how they hang together.

`plan()` turns the paths that were asked for into a tree of steps. Each step
leads from documents, through embedded ones, to one relation.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Q

from docmodels.constants import LOOKUP_SEP, PATH_SEP
from docmodels.registry import registry


class Populate:
    """
    A path to populate, with what is wanted of the documents that are there.

    `match` (a Q object, or a dict of conditions) chooses among them, `only`
    names the fields to load, `order_by` an order, `skip` and `limit` count for
    each parent; `model` is the class to load them as, or its label, `populate` what to
    populate in them; `keep_missing` keeps None in a list in the place of a
    document that is not there. With `count`, for a `Related`, their number is
    in the place of the documents.
    """

    def __init__(
        self,
        path: str,
        *,
        match: Q | dict[str, Any] | None = None,
        only: Iterable[str] = (),
        order_by: Iterable[str] = (),
        skip: int = 0,
        limit: int | None = None,
        model: Any = None,
        populate: Iterable[str | Populate] = (),
        keep_missing: bool = False,
        count: bool = False,
    ) -> None:
        if not isinstance(path, str):
            raise TypeError(f"Populate(): {path!r}, expected a path.")
        if isinstance(match, (str, bytes, int, list, tuple, set)):
            raise TypeError(
                f"Populate({path!r}): match={match!r}, expected a Q object or a dict of conditions."
            )
        if not (_is_number(skip, 0) and (limit is None or _is_number(limit, 1))):
            raise ValueError(
                f"Populate({path!r}): skip {skip!r} and limit {limit!r}, expected a skip of 0 or "
                f"more and a limit of 1 or more."
            )
        self.path = path
        self.match = match
        self.only = _names(only)
        self.order_by = _names(order_by)
        self.skip = skip
        self.limit = limit
        self.model = model
        self.populate: tuple[str | Populate, ...] = (
            (populate,) if isinstance(populate, (str, Populate)) else tuple(populate)
        )
        self.keep_missing = keep_missing
        self.count = count
        if count:
            self.refuse_of_documents()

    @property
    def is_partial(self) -> bool:
        """Return whether a list may get fewer documents than there are keys, or another order."""
        return bool(self.match or self.order_by or self.skip or self.limit is not None)

    def refuse_of_documents(self) -> None:
        """Raise ValueError for what is asked of documents where they are counted."""
        for name in ("only", "order_by", "skip", "limit", "populate", "keep_missing"):
            value = getattr(self, name)
            if value:
                raise ValueError(
                    f"Populate({self.path!r}): {name}={value!r} of documents that are counted, "
                    f"expected match and model at most."
                )

    def __repr__(self) -> str:
        given = {k: v for k, v in vars(self).items() if v and k != "path"}
        shown = "".join(f", {name}={value!r}" for name, value in given.items())
        return f"Populate({self.path!r}{shown})"


def _is_number(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


def _names(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


class Step:
    """One relation to follow, and the relations to follow behind it."""

    def __init__(self, names: tuple[str, ...], relation: Any, options: Populate) -> None:
        #: The names that lead to it, its own last.
        self.names = names
        #: The field that holds the keys, or the reverse relation.
        self.relation = relation
        self.options = options
        #: The steps from the documents that are found, by path.
        self.children: dict[tuple[str, ...], Step] = {}
        #: What is to be populated behind it, where each document tells its class.
        self.later: list[Populate] = []
        #: The class that the documents of a dynamic reference told.
        self.told: Any = None

    @property
    def reference(self) -> Any:
        """Return the reference that holds the keys, a dynamic one toward the class if known."""
        reference = self.relation.reference
        model = self.options.model or self.told
        if reference is None or not reference.is_dynamic or model is None:
            return reference
        return reference.toward(model)

    @property
    def counts(self) -> bool:
        """Return whether it leads to numbers."""
        return self.relation.reference is None and self.relation.counts

    @property
    def is_dynamic(self) -> bool:
        """Return whether the documents that refer are yet to tell the class."""
        reference = self.reference
        return reference is not None and reference.is_dynamic

    @property
    def target(self) -> Any:
        """Return the class of the documents that are found."""
        return self.options.model or (self.reference or self.relation).related_model

    def toward(self, model: Any) -> Step:
        """Return the step for the documents that tell a class."""
        step = Step(self.names, self.relation, self.options)
        step.told = model
        return step


def plan(model: Any, wanted: Sequence[str | Populate]) -> list[Step]:
    """Return the steps for paths from a class; raise FieldError for one that leads nowhere."""
    steps: dict[tuple[str, ...], Step] = {}
    for item in wanted:
        options = item if isinstance(item, Populate) else Populate(item)
        _add(model, steps, options, split(options.path), options.path)
    for step in steps.values():
        if step.children and step.counts:
            behind = PATH_SEP.join(next(iter(step.children)))
            raise FieldError(
                f"{model._meta.object_name}.{step.options.path}: counted, so that there are no "
                f"documents to populate {behind!r} in."
            )
    return list(steps.values())


def split(path: str) -> list[str]:
    """Split a path by dots where it has any, else by double underscores."""
    return path.split(PATH_SEP if PATH_SEP in path else LOOKUP_SEP)


def _add(
    model: Any, steps: dict[tuple[str, ...], Step], options: Populate, parts: list[str], path: str
) -> None:
    names, relation = _first_relation(model, parts, path)
    rest = parts[len(names) :]
    step = steps.get(names)
    if step is None:
        step = steps[names] = Step(names, relation, Populate(PATH_SEP.join(names)))
    if rest:
        _add_behind(step, options, rest, path)
        return
    # The later of two for one path counts.
    options = step.options = _with_class(options)
    step.relation = relation
    if options.count:
        step.relation = _counted(model, relation, path)
    elif step.counts:
        options.refuse_of_documents()
    if options.model is not None or options.populate:
        step.children, step.later = {}, []
    for item in options.populate:
        inner = item if isinstance(item, Populate) else Populate(item)
        _add_behind(step, inner, split(inner.path), inner.path)


def _with_class(options: Populate) -> Populate:
    """Return options with the class that they choose in the place of its label."""
    model = options.model
    if model is None or hasattr(model, "_meta"):
        return options
    if not isinstance(model, str):
        raise TypeError(
            f"Populate({options.path!r}): model={model!r}, expected a document class or its label."
        )
    found = copy.copy(options)
    found.model = registry.get(model)
    return found


def _counted(model: Any, relation: Any, path: str) -> Any:
    """Return the relation that counts what another one loads; raise FieldError for references."""
    if relation.reference is not None:
        raise FieldError(
            f"{model._meta.object_name}.{path}: a reference, which documents.Populate(count=True) "
            f"does not count; expected a documents.Related."
        )
    return relation.counted()


def _add_behind(step: Step, options: Populate, parts: list[str], path: str) -> None:
    """Add what is to be populated in the documents that a step leads to."""
    if not step.is_dynamic:
        _add(step.target, step.children, options, parts, path)
        return
    inner = copy.copy(options)
    inner.path = PATH_SEP.join(parts)
    models = list(step.reference.declared_targets())
    if models:
        # It must lead somewhere from one of them.
        plan_for(models, inner)
    step.later.append(inner)


def plan_for(models: Iterable[Any], options: Populate) -> dict[Any, list[Step]]:
    """Return the steps of a path by class, of those that know it; raise FieldError if none does."""
    found: dict[Any, list[Step]] = {}
    problem: FieldError | None = None
    for model in models:
        try:
            found[model] = plan(model, [options])
        except FieldError as error:
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return found


def _first_relation(model: Any, parts: list[str], path: str) -> tuple[tuple[str, ...], Any]:
    """Return the names up to the first relation on a path, and the relation."""
    meta = model._meta
    for position, part in enumerate(parts):
        found = find(meta, part)
        if found is None:
            raise _no_relation(model, meta, path, f"{meta.object_name} has no field {part!r}")
        if getattr(found, "is_reverse", False) or found.reference is not None:
            return (*parts[:position], found.name), found
        inner = innermost(found)
        embedded = getattr(inner, "embedded_model", None)
        if embedded is None:
            got = f"{meta.object_name}.{part} is a {type(found).__name__}, expected a reference"
            raise _no_relation(model, meta, path, got)
        meta = embedded._meta
    raise _no_relation(model, meta, path, "embedded documents, expected a reference in them")


def find(meta: Any, name: str) -> Any:
    """Return the field, or the reverse relation, of a name of a class or its subclasses."""
    for options in (meta, *(child._meta for child in meta.children.values())):
        field = options.by_name.get(name)
        if field is not None:
            return field
        relation = getattr(options.model, name, None)
        if getattr(relation, "is_reverse", False):
            return relation
    return None


def innermost(field: Any) -> Any:
    """Return the field of the elements of lists and maps, in whatever depth."""
    while getattr(field, "base_field", None) is not None:
        field = field.base_field
    return field


def relation_names(meta: Any) -> list[str]:
    """Return the names that a path to populate may begin with, hidden fields left out."""
    found = []
    for field in meta.fields:
        leads_on = field.reference is not None or hasattr(innermost(field), "embedded_model")
        if leads_on and not field.hidden:
            found.append(field.name)
    return [*found, *(relation.name for relation in reverse_relations(meta.model))]


def reverse_relations(model: Any) -> list[Any]:
    """Return the reverse relations of a class, inherited ones too."""
    found = {
        name: value
        for cls in reversed(model.__mro__)
        for name, value in vars(cls).items()
        if getattr(value, "is_reverse", False)
    }
    return list(found.values())


def _no_relation(model: Any, meta: Any, path: str, got: str) -> FieldError:
    names = relation_names(meta)
    last = split(path)
    near = next((m for p in last if (m := difflib.get_close_matches(p, names, n=1))), None)
    if near:
        hint = f" Did you mean {near[0]!r}?"
    else:
        hint = f" Choices are: {', '.join(names) or 'none'}."
    return FieldError(f"{model._meta.object_name}.{path}: {got}.{hint}")
