"""Make document classes: sort the attributes, let each part install itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from docmodels.documents.loading import make_loader
from docmodels.documents.options import Options
from docmodels.fields import Field, ObjectIdField
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
        parent_options = [p._meta for p in parents if "_meta" in vars(p)]
        _refuse_concrete_parents(name, parent_options)
        embedded = any(getattr(parent, "_embedded", False) for parent in parents)
        options = Options(meta, reversed(parent_options), embedded=embedded)
        own = {k: v for k, v in namespace.items() if _contributes(v)}
        plain = {k: v for k, v in namespace.items() if k not in own}
        parts = _inherited_parts(parent_options, namespace) | own
        abstract = bool(getattr(meta, "abstract", False))
        fields = {k: v for k, v in parts.items() if isinstance(v, Field)}
        if not (abstract or embedded) and not any(f.primary_key for f in fields.values()):
            fields = {"id": ObjectIdField("ID", primary_key=True, editable=False), **fields}
        for attribute, field in fields.items():
            _check_name(name, attribute)
            field.set_attributes_from_name(attribute)
        plain["__slots__"] = () if abstract else tuple(f.attname for f in fields.values())
        cls = super().__new__(mcs, name, bases, plain, **kwargs)
        options.contribute_to_class(cls, "_meta")
        for attribute, field in fields.items():
            field.contribute_to_class(cls, attribute)
        for attribute, part in parts.items():
            if not isinstance(part, Field):
                part.contribute_to_class(cls, attribute)
        if not abstract:
            cls._prepare()
        return cls

    def _prepare(cls) -> None:
        """Finish a concrete class: attributes, loader, manager, registry."""
        options = cls._meta
        for field in options.fields:
            slot = cls.__dict__[field.attname]
            field.slot_get, field.slot_set = slot.__get__, slot.__set__  # type: ignore[attr-defined]
            field.slot_delete = slot.__delete__  # type: ignore[attr-defined]
            attribute = field.make_attribute(slot)
            if attribute is not slot:
                type.__setattr__(cls, field.attname, attribute)
            _add_choice_display(cls, field)
        options.load = make_loader(cls)
        if not options.embedded:
            for error in (ObjectDoesNotExist, MultipleObjectsReturned):
                _add_exception(cls, error)
            if not options.managers:
                Manager().contribute_to_class(cls, "objects")
            default = options.default_manager_name or next(iter(options.managers))
            type.__setattr__(cls, "_default_manager", getattr(cls, default))
            type.__setattr__(cls, "_base_manager", getattr(cls, default))
        registry.register(cls, embedded=options.embedded)
        class_prepared.send(sender=cls)


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
        for manager in options.managers.values():
            if manager.name not in namespace:
                parts[manager.name] = manager.clone()
    return parts


def _refuse_concrete_parents(name: str, parents: list[Options]) -> None:
    for options in parents:
        if not (options.abstract or options.embedded):
            raise TypeError(
                f"{name}: {options.object_name} is not abstract, expected a base with "
                f"Meta.abstract = True."
            )


def _check_name(document: str, name: str) -> None:
    if name.startswith("_") or name.endswith("_") or "__" in name or name == "pk":
        raise TypeError(
            f"{document}.{name}: not a name of a field, expected one without a leading or trailing "
            f"underscore, without '__', and other than 'pk'. Give the stored key as db_field."
        )


def _add_choice_display(cls: Any, field: Field[Any]) -> None:
    method = f"get_{field.name}_display"
    if field.choices and method not in cls.__dict__:
        type.__setattr__(cls, method, lambda self, field=field: self._get_display(field))


def _add_exception(cls: Any, base: type[Exception]) -> None:
    name = "DoesNotExist" if base is ObjectDoesNotExist else base.__name__
    error = type(
        name,
        (base,),
        {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{name}"},
    )
    type.__setattr__(cls, name, error)
