"""Make document classes: sort the attributes, let each part install itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from docmodels.documents import (
    copying,
    discriminators,
    hooks,
    plugins,
    storage,
    timestamps,
    upgrades,
    virtuals,
)
from docmodels.documents.bare import is_bare
from docmodels.documents.loading import make_loader
from docmodels.documents.meta import check_options
from docmodels.documents.options import Options
from docmodels.fields import Field, ObjectIdField
from docmodels.query.relations import reverse_relations
from docmodels.queryset.manager import Manager
from docmodels.registry import registry
from docmodels.signals import class_prepared


class DocumentMetaclass(type):
    """The class of document classes."""

    _meta: Options
    _default_manager: Any

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> Any:
        parents = [base for base in bases if isinstance(base, DocumentMetaclass)]
        if not parents or namespace.pop("__root__", False):
            return super().__new__(mcs, name, bases, namespace, **kwargs)
        meta = namespace.pop("Meta", None)
        abstract = bool(getattr(meta, "abstract", False))
        embedded = any(getattr(parent, "_embedded", False) for parent in parents)
        added = plugins.find(name, meta, bases, everywhere=not (abstract or embedded))
        bases = added.bases
        parents = [base for base in bases if isinstance(base, DocumentMetaclass)]
        parent_options = [p._meta for p in parents if "_meta" in vars(p)]
        options = Options(meta, reversed(parent_options), embedded=embedded)
        discriminators.check_parents(name, meta, parent_options)
        discriminators.adopt(options, parent_options)
        if not abstract:
            added.prepare(namespace, options, parent_options)
        own = {k: v for k, v in namespace.items() if _contributes(v)}
        plain = {k: v for k, v in namespace.items() if k not in own}
        _check_plain(name, plain)
        parts = _inherited_parts(parent_options, namespace) | own
        fields = {k: v for k, v in parts.items() if isinstance(v, Field)}
        for attribute, field in timestamps.make_fields(name, meta, parent_options).items():
            fields.setdefault(attribute, field)
        fields |= copying.make_fields(name, fields)
        if not (abstract or embedded) and not any(f.primary_key for f in fields.values()):
            _check_id(name, fields)
            fields = {"id": ObjectIdField("ID", primary_key=True, editable=False), **fields}
        for attribute, field in fields.items():
            _check_name(name, attribute)
            field.set_attributes_from_name(attribute)
        # A concrete parent has slots for its fields already.
        taken = {f.attname for p in parent_options if not p.abstract for f in p.fields}
        attnames = [f.attname for f in fields.values() if f.attname not in taken]
        plain["__slots__"] = () if abstract else tuple(attnames)
        cls = super().__new__(mcs, name, bases, plain, **kwargs)
        options.contribute_to_class(cls, "_meta")
        options.plugins = added.objects
        if abstract:
            # As in Django, so that a child may say `class Meta(Base.Meta)`.
            meta.abstract = False
            type.__setattr__(cls, "Meta", meta)
        for attribute, field in fields.items():
            field.contribute_to_class(cls, attribute)
        for attribute, part in parts.items():
            if not isinstance(part, Field):
                part.contribute_to_class(cls, attribute)
        if not abstract:
            added.contribute_to_class(cls)
            cls._prepare()
        return cls

    def __subclasses__(cls) -> list[Any]:
        """Return the direct subclasses, as Python does, without those that only fill objects."""
        children: list[type[Any]] = super().__subclasses__()
        return [child for child in children if not is_bare(child)]

    def _prepare(cls) -> None:
        """Finish a concrete class: attributes, loader, manager, registry."""
        options = cls._meta
        for field in options.fields:
            slot = _find_slot(cls, field.attname)
            field.slot = slot  # type: ignore[attr-defined]
            field.slot_get, field.slot_set = slot.__get__, slot.__set__  # type: ignore[attr-defined]
            field.slot_delete = slot.__delete__  # type: ignore[attr-defined]
            attribute = field.make_attribute(slot)
            if attribute is not cls.__dict__.get(field.attname, slot):
                type.__setattr__(cls, field.attname, attribute)
            _add_choice_display(cls, field)
        options.virtuals = virtuals.collect(cls)
        found = hooks.collect(cls)
        options.hooks = hooks.chains(found, query=False)
        options.query_hooks = hooks.chains(found, query=True)
        options.upgrades = upgrades.collect(cls)
        options.load = make_loader(cls)
        discriminators.register(options)
        if not options.embedded:
            for error in (ObjectDoesNotExist, MultipleObjectsReturned):
                _add_exception(cls, error, parent=options.parent)
            if not options.managers:
                Manager().contribute_to_class(cls, "objects")
            check_options(options)
            storage.install(options)
            default = options.default_manager_name or next(iter(options.managers))
            type.__setattr__(cls, "_default_manager", getattr(cls, default))
            type.__setattr__(cls, "_base_manager", _manager_of_all(cls))
        registry.register(cls, embedded=options.embedded)
        class_prepared.send(sender=cls)


def _manager_of_all(cls: Any) -> Manager[Any]:
    # Whatever its own managers leave out.
    manager: Manager[Any] = Manager()
    manager.name, manager.model = "_base_manager", cls
    return manager


def _find_slot(cls: Any, name: str) -> Any:
    if name in cls.__dict__:
        return cls.__dict__[name]
    # Inherited from a concrete parent, whose field has hidden it.
    return next(
        base._meta.attributes[name].slot
        for base in cls.__mro__[1:]
        if "_meta" in vars(base) and name in base._meta.attributes and not base._meta.abstract
    )


def _contributes(value: Any) -> bool:
    return not isinstance(value, type) and hasattr(value, "contribute_to_class")


def _inherited_parts(parents: list[Options], namespace: dict[str, Any]) -> dict[str, Any]:
    # In class C(A, B) what A declares wins over what B declares, and C may
    # take a field away by `name = None`.
    parts: dict[str, Any] = {}
    for options in reversed(parents):
        for field in options.fields:
            parts.pop(field.name, None)
            if field.name not in namespace:
                parts[field.name] = field.clone()
        for part in (*options.managers.values(), *reverse_relations(options.model)):
            if part.name not in namespace:
                parts[part.name] = part.clone()
    return parts


def _check_name(document: str, name: str) -> None:
    if name.startswith("_") or name.endswith("_") or "__" in name or name == "pk":
        raise TypeError(
            f"{document}.{name}: not a name of a field, expected one without a leading or trailing "
            f"underscore, without '__', and other than 'pk'. Give the stored key as db_field."
        )


def _check_id(document: str, fields: dict[str, Any]) -> None:
    if "id" in fields:
        raise TypeError(
            f"{document}.id: a field that is not the key, expected primary_key=True, or another "
            f"name with db_field='id'."
        )


def _check_plain(document: str, plain: dict[str, Any]) -> None:
    for name, value in plain.items():
        if isinstance(value, type) and issubclass(value, Field) and not name.startswith("_"):
            kind = value.__name__
            raise TypeError(
                f"{document}.{name}: the class {kind}, expected a field. Did you mean {kind}()?"
            )


def _add_choice_display(cls: Any, field: Field[Any]) -> None:
    method = f"get_{field.name}_display"
    choices = field.choices or getattr(getattr(field, "base_field", None), "choices", None)
    if choices and method not in cls.__dict__:
        type.__setattr__(cls, method, lambda self, field=field: self._get_display(field))


def _add_exception(cls: Any, base: type[Exception], *, parent: Options | None) -> None:
    name = "DoesNotExist" if base is ObjectDoesNotExist else base.__name__
    error = type(
        name,
        # As in Django, what catches a parent's catches a child's.
        (base if parent is None else getattr(parent.model, name),),
        {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{name}"},
    )
    type.__setattr__(cls, name, error)
