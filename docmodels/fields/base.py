"""
The field: a name, a key in MongoDB, and one pipeline for values.

The verbs are Django's. `to_python` casts what a user gives, `from_db` wraps
what the driver decoded and never raises, `validate` and `run_validators` judge
a value, `clean` is the three in a row, and `get_prep_value` makes what the
driver encodes.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from django.core.exceptions import ValidationError
from django.db.models.query_utils import RegisterLookupMixin
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from docmodels.fields.descriptors import ConvertedAttribute
from docmodels.tracking import MISSING, Tracked, is_safe_key, same

T = TypeVar("T")

ErrorMap = dict[str, list[ValidationError]]


class NotProvided:
    """The default of `default`: none was given (None is a value)."""

    def __repr__(self) -> str:
        return "NOT_PROVIDED"


NOT_PROVIDED = NotProvided()


class Field(RegisterLookupMixin, Generic[T]):
    """
    A declared path of a document.

    Arguments are Django's: `verbose_name`, `null` (null may be stored),
    `blank` (the path may be missing, text may be empty), `default` (a value or
    a callable), `choices`, `validators`, `help_text`, `editable`, `unique`
    (an index), `primary_key` (stored as `_id`), `error_messages`; and MongoDB's
    own: `db_field` (the key in the stored document, the name unless given) and
    `hidden` (left out of queries unless asked for).
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("This field is required."),
        "null": _("This field cannot be null."),
        "blank": _("This field cannot be blank."),
        "invalid": _("“%(value)s” is not valid, expected %(expected)s."),
        "invalid_choice": _("Value %(value)r is not a valid choice."),
        "stored_type": _("Stored as %(got)s, expected %(expected)s."),
        "unique": _("%(document_name)s with this %(field_label)s already exists."),
        "key": _(
            "The key %(key)r cannot be stored: keys are text without '.', NUL or leading '$'."
        ),
    }
    #: What the field holds, for messages.
    description: ClassVar[str] = "a value"
    #: Names as in MongoDB's `$type` of the types that the field accepts.
    bson_types: ClassVar[frozenset[str]] = frozenset()
    #: Classes of a decoded value that need no conversion and are no error.
    python_types: ClassVar[tuple[type, ...]] = ()
    #: Classes of a decoded value that `from_db` turns into something else.
    converted_types: ClassVar[tuple[type, ...]] = ()
    #: Values that count as "nothing given".
    empty_values: ClassVar[Sequence[Any]] = (None, "")
    default_validators: ClassVar[Sequence[Callable[[Any], None]]] = ()

    # What Django's own code asks a field
    is_relation = False
    remote_field = None
    many_to_one = False
    many_to_many = False
    one_to_many = False
    one_to_one = False
    auto_created = False
    concrete = True
    max_length: int | None = None

    _creation = itertools.count()

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        null: bool = False,
        blank: bool = False,
        default: Any = NOT_PROVIDED,
        choices: Any = None,
        validators: Iterable[Callable[[Any], None]] = (),
        help_text: str = "",
        editable: bool = True,
        unique: bool = False,
        primary_key: bool = False,
        db_field: str | None = None,
        hidden: bool = False,
        error_messages: dict[str, Any] | None = None,
    ) -> None:
        self.verbose_name = verbose_name
        self.null = null
        self.blank = blank
        self.default = default
        self.choices = _normalize_choices(choices)
        self.help_text = help_text
        self.editable = editable
        self.unique = unique or primary_key
        self.primary_key = primary_key
        self.hidden = hidden
        self._db_field = "_id" if primary_key else db_field
        self._validators = list(validators)
        self._error_messages = error_messages
        self.creation_counter = next(Field._creation)
        self.name: str = ""
        self.attname: str = ""
        self.db_field: str = self._db_field or ""
        self.model: Any = None

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any) -> Field[T]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> T: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...
        def __set__(self, instance: Any, value: Any) -> None: ...
        def __delete__(self, instance: Any) -> None: ...

    # Life in a document class

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Take the name, and install the field in the options of `cls`."""
        self.set_attributes_from_name(name)
        self.model = cls
        cls._meta.add_field(self)

    def set_attributes_from_name(self, name: str) -> None:
        """Derive attname, key and label from the attribute's name."""
        self.name = name
        self.attname = self.get_attname()
        self.db_field = self._db_field or name
        if self.verbose_name is None:
            self.verbose_name = name.replace("_", " ").strip()

    def get_attname(self) -> str:
        """Return the name of the attribute that holds the stored value."""
        return self.name

    def make_attribute(self, slot: Any) -> Any:
        """
        Return the class attribute over `slot`, the member descriptor.

        The slot itself, read at C speed, serves where nothing is converted.
        """
        return ConvertedAttribute(self, slot) if self.converted_types else slot

    def clone(self) -> Field[T]:
        """Return a copy that another class can install."""
        # Not `copy.copy`, which asks `__reduce__` and gets the field itself.
        field = object.__new__(type(self))
        field.__dict__.update(self.__dict__)
        field.__dict__.pop("validators", None)
        field.__dict__.pop("error_messages", None)
        return field

    def __deepcopy__(self, memo: dict[int, Any]) -> Field[T]:
        return self

    def __lt__(self, other: Any) -> bool:
        if isinstance(other, Field):
            return self.creation_counter < other.creation_counter
        return NotImplemented

    def __repr__(self) -> str:
        name = f": {self.name}" if self.name else ""
        return f"<{type(self).__module__}.{type(self).__qualname__}{name}>"

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}" if self.model is not None else repr(self)

    def __reduce__(self) -> Any:
        # A pickled document names its fields; it does not carry them.
        if self.model is not None and self.name:
            return (_load_field, (self.model, self.name))
        return super().__reduce__()

    def get_internal_type(self) -> str:
        """Return the name of the class, as Django's fields do."""
        return type(self).__name__

    @cached_property
    def error_messages(self) -> dict[str, Any]:
        """Return the messages by code, merged along the class hierarchy."""
        messages: dict[str, Any] = {}
        for cls in reversed(type(self).__mro__):
            messages.update(getattr(cls, "default_error_messages", {}))
        messages.update(self._error_messages or {})
        return messages

    @cached_property
    def validators(self) -> list[Callable[[Any], None]]:
        """Return the callables that judge a value which is not empty."""
        return [*self.default_validators, *self._validators]

    @property
    def required(self) -> bool:
        """Return whether a document without this path is invalid."""
        return not (self.blank or self.has_default() or self.primary_key)

    @property
    def flatchoices(self) -> list[tuple[Any, Any]]:
        """Return the choices without their groups."""
        flat: list[tuple[Any, Any]] = []
        for value, label in self.choices or ():
            if isinstance(label, (list, tuple)):
                flat.extend(label)
            else:
                flat.append((value, label))
        return flat

    # Defaults

    def has_default(self) -> bool:
        """Return whether a default was given."""
        return self.default is not NOT_PROVIDED

    def get_default(self) -> Any:
        """Return the cast default, fresh at each call, or MISSING."""
        if self.default is NOT_PROVIDED:
            return MISSING
        value = self.default() if callable(self.default) else self.default
        return None if value is None else self.to_python(copy.deepcopy(value))

    # The value pipeline

    def to_python(self, value: Any) -> T:
        """Cast `value`; None stays None. Raise ValidationError."""
        return value

    def from_db(self, value: Any) -> Any:
        """Wrap a decoded value; one of a wrong type is returned as it is."""
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the BSON value of a Python value, sharing no container."""
        return value.encode() if isinstance(value, Tracked) else value

    def accepts(self, value: Any) -> bool:
        """Return whether a value read from the database has a declared type."""
        if value is None:
            return self.null or self.blank
        return isinstance(value, self.python_types) and (
            value.__class__ is not bool or bool in self.python_types
        )

    def validate(self, value: Any, document: Any = None) -> None:
        """Judge `value` by the field's options; raise ValidationError."""
        if value is None:
            if not self.null:
                raise self.error("null")
            return
        if not self.accepts(value):
            raise self.error("stored_type", got=type(value).__name__, expected=self.description)
        if not self.blank and value in self.empty_values:
            raise self.error("blank")
        if self.choices and value not in self.empty_values:
            allowed = [choice for choice, _label in self.flatchoices]
            if value not in allowed:
                raise self.error("invalid_choice", value=value)

    def run_validators(self, value: Any) -> None:
        """Run the validators on a value that is not empty."""
        if value in self.empty_values:
            return
        errors = []
        for validator in self.validators:
            try:
                validator(value)
            except ValidationError as error:
                code = getattr(error, "code", None)
                # Only what the declaration gave: the field's own texts take other parameters.
                if code is not None and code in (self._error_messages or ()):
                    error.message = self.error_messages[code]
                errors.extend(error.error_list)
        if errors:
            raise ValidationError(errors)

    def clean(self, value: Any, document: Any = None) -> T:
        """Cast and judge `value`; return it cast."""
        value = self.to_python(value)
        errors: ErrorMap = {}
        self.collect_errors(value, "", errors, document)
        if errors:
            if list(errors) == [""]:
                raise ValidationError(errors[""])
            raise ValidationError(errors)
        return value

    def collect_errors(self, value: Any, path: str, errors: ErrorMap, document: Any) -> None:
        """Add all that is wrong with `value` to `errors`, by path."""
        try:
            self.validate(value, document)
            self.run_validators(value)
        except ValidationError as error:
            errors.setdefault(path, []).extend(error.error_list)

    def same(self, stored: Any, value: Any) -> bool:
        """Tell whether writing `value` over `stored` (both BSON) changes it."""
        return same(stored, value)

    def keep_type(self, stored: Any, value: T) -> T:
        """Return `value` as the BSON type of `stored`, where both may be."""
        return value

    def check_key(self, key: Any) -> None:
        """Refuse a key of a map that no update can name."""
        if not is_safe_key(key):
            raise self.error("key", key=key)

    def error(self, code: str, **params: Any) -> ValidationError:
        """Make the ValidationError of a code of `error_messages`."""
        return ValidationError(self.error_messages[code], code=code, params=params)

    def invalid(self, value: Any) -> ValidationError:
        """Make the error of a value that cannot be cast."""
        shown = repr(value) if not isinstance(value, str) else value
        if len(shown) > 100:
            shown = f"{shown[:97]}…"
        return self.error("invalid", value=shown, expected=self.description)

    def pre_save(self, document: Any, *, adding: bool) -> Any:
        """Return a value to set right before a save, or MISSING for none."""
        return MISSING

    # What forms, admin and serializers ask

    def value_from_object(self, document: Any) -> Any:
        """Return the attribute's value."""
        return getattr(document, self.attname)

    def value_to_string(self, document: Any) -> str:
        """Return the attribute's value as text."""
        value = self.value_from_object(document)
        return "" if value is None else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Return the class of a lookup, or None."""
        # Django's own method knows subclasses of its SQL lookups only.
        return self.get_lookups().get(lookup_name)

    def get_inner(self, part: str) -> Field[Any] | None:
        """Return the field of the next part of a path, if there is one."""
        return None

    def prepare_lookup_value(self, value: Any) -> Any:
        """Return the BSON value to compare with; raise ValidationError."""
        return self.get_prep_value(self.to_python(value))


def _normalize_choices(choices: Any) -> list[tuple[Any, Any]] | None:
    if choices is None:
        return None
    if hasattr(choices, "choices"):
        choices = choices.choices
    elif callable(choices):
        choices = choices()
    if isinstance(choices, dict):
        choices = choices.items()
    # A plain list of values is one of values that label themselves.
    return [
        tuple(choice) if isinstance(choice, (list, tuple)) else (choice, str(choice))
        for choice in choices
    ]


def _load_field(model: Any, name: str) -> Field[Any]:
    name, *items = name.split(".")
    field = model._meta.get_field(name)
    for _item in items:
        field = field.base_field
    return field
