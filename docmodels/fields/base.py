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
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Never, Self, overload

from django.core.exceptions import ValidationError
from django.db.models.query_utils import RegisterLookupMixin
from django.utils.functional import cached_property

from docmodels.constants import ATOMS
from docmodels.fields import transforms
from docmodels.fields.choices import normalize_choices
from docmodels.fields.defaults import call_default
from docmodels.fields.descriptors import ConvertedAttribute, TransformedAttribute
from docmodels.fields.django_face import DjangoFace
from docmodels.fields.errors import ErrorMap, Messages, about
from docmodels.fields.naming import unknown_option
from docmodels.fields.typed import Blank, Default, Input, NotProvided, Null, Typed, Value
from docmodels.indexes import options_of
from docmodels.tracking import MISSING, Tracked, is_safe_key, same
from docmodels.validators import as_validator, with_value

if TYPE_CHECKING:
    from docmodels.fields.typed import Said

NOT_PROVIDED = NotProvided()


class Field(RegisterLookupMixin, Messages, DjangoFace, Typed[Value, Input, Null, Blank, Default]):
    """
    A declared path of a document.

    Arguments are Django's: `verbose_name`, `null` (null may be stored), `blank` (the path may
    be missing, text may be empty), `default` (a value or a callable, which may take the
    document), `choices`, `validators`, `help_text`, `editable`, `unique` (an index),
    `db_index` (True, a kind such as "hashed", or a dict of the options of an `Index`),
    `primary_key` (stored as `_id`), `error_messages`; and MongoDB's own: `db_field` (the key in
    the stored document, the name unless given), `hidden` (left out of queries unless asked
    for), `immutable` (kept as it was inserted), `required` (the opposite of `blank`, or a
    function of the document that tells), `set` and `get` (functions, or names of
    `transforms.NAMED`, that a value passes when it is given and when the attribute is read).
    """

    #: Names as in MongoDB's `$type` of the types that the field accepts.
    bson_types: ClassVar[frozenset[str]] = frozenset()
    #: Classes of a decoded value that need no conversion and are no error.
    python_types: ClassVar[tuple[type, ...]] = ()
    #: Classes of a decoded value that `from_db` turns into something else.
    converted_types: ClassVar[tuple[type, ...]] = ()
    #: Values that count as "nothing given".
    empty_values: ClassVar[Sequence[Any]] = (None, "")
    default_validators: ClassVar[Sequence[Callable[[Any], None]]] = ()

    #: Whether a new document gets a key of this kind where none is given.
    makes_keys: ClassVar[bool] = False

    _creation = itertools.count()

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        null: Null | Literal[False] = False,
        blank: Blank | Literal[False] = False,
        default: Default | NotProvided = NOT_PROVIDED,
        choices: Any = None,
        validators: Iterable[Callable[[Any], None]] = (),
        help_text: str = "",
        editable: bool = True,
        unique: bool = False,
        db_index: Any = False,
        primary_key: bool = False,
        db_field: str | None = None,
        hidden: bool = False,
        immutable: bool = False,
        required: Blank | Literal[True] | None = None,
        get: Any = None,
        set: Any = None,  # noqa: A002 - Mongoose's name
        error_messages: dict[str, Any] | None = None,
        **unknown: Never,
    ) -> None:
        if unknown:
            raise unknown_option(type(self), unknown)
        if blank and required is True:
            raise TypeError(f"{type(self).__name__}: blank=True and required, expected one.")
        self.verbose_name = verbose_name
        self.null = bool(null)
        self.blank = bool(blank) if required is None else required is not True
        self.default = default
        self.choices = normalize_choices(choices)
        self.help_text = help_text
        self.editable = editable
        self.unique = unique or primary_key
        self.db_index = options_of(db_index)
        self.primary_key = primary_key
        self.hidden = hidden
        self.immutable = immutable
        #: Tells whether a document must have a value, None where `blank` tells.
        self.required_if = required if callable(required) else None
        self.getters = transforms.make_transforms(get, "get")
        self.setters = transforms.make_transforms(set, "set")
        if self.setters:
            self.to_python = self._cast_and_transform  # type: ignore[method-assign]
        if self.getters and primary_key:
            raise TypeError(f"{type(self).__name__}: get and primary_key, expected one of them.")
        self._db_field = "_id" if primary_key else db_field
        self._validators = [as_validator(validator) for validator in validators]
        self._error_messages = error_messages
        #: Whether embedded documents are inside, which are to know their parent.
        self.embeds = False
        self.creation_counter = next(Field._creation)
        self.name: str = ""
        self.attname: str = ""
        self.db_field: str = self._db_field or ""
        self.model: Any = None

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any) -> Self: ...
        @overload
        def __get__(
            self: Field[Value, Any, bool, Any, Any], instance: object, owner: Any
        ) -> Value | None: ...
        @overload
        def __get__(
            self: Field[Value, Any, Any, Said, object], instance: object, owner: Any
        ) -> Value | None: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> Value: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...
        @overload
        def __set__(
            self: Field[Any, Input, bool, Any, Any], instance: Any, value: Input | None
        ) -> None: ...
        @overload
        def __set__(self, instance: Any, value: Input) -> None: ...
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
        attribute = ConvertedAttribute(self, slot) if self.converted_types else slot
        return TransformedAttribute(self, attribute) if self.getters else attribute

    def clone(self) -> Self:
        """Return a copy that another class can install."""
        # Not `copy.copy`, which asks `__reduce__` and gets the field itself.
        field = object.__new__(type(self))
        field.__dict__.update(self.__dict__)
        field.__dict__.pop("validators", None)
        field.__dict__.pop("error_messages", None)
        if self.setters:
            field.to_python = field._cast_and_transform  # type: ignore[method-assign]
        return field

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

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

    @cached_property
    def validators(self) -> list[Callable[[Any], None]]:
        """Return the callables that judge a value which is not empty."""
        return [*self.default_validators, *self._validators]

    @property
    def required(self) -> bool:
        """Return whether a document without this path is invalid."""
        return not (self.blank or self.has_default() or (self.primary_key and self.makes_keys))

    def is_required(self, document: Any) -> bool:
        """Return whether `document` is invalid without this path."""
        if self.required_if is None or document is None:
            return self.required
        return bool(self.required_if(document))

    def _is_demanded_by(self, document: Any) -> bool:
        return self.required_if is not None and document is not None and self.is_required(document)

    def get_display(self, value: Any) -> Any:
        """Return the label of a value's choice, the value where it is none."""
        return dict(self.flatchoices).get(value, value)

    # Defaults

    def has_default(self) -> bool:
        """Return whether a default was given."""
        return self.default is not NOT_PROVIDED

    def get_default(self, document: Any = None) -> Any:
        """Return the cast default, fresh at each call, or MISSING."""
        value = self.default
        if value is NOT_PROVIDED:
            return MISSING
        if callable(value) and (value := call_default(value, document)) is MISSING:
            return MISSING
        return None if value is None else self.to_python(copy.deepcopy(value))

    # What containers of embedded documents ask

    #: Whether it is the field of the elements of a list that has each of them once.
    distinct: bool = False

    #: The key that tells one embedded document from the others of a list.
    identity: Any = None

    def from_db_inside(self, value: Any, parent: Any) -> Any:
        """Wrap a decoded value; `parent` refers weakly to the document that it is in."""
        return self.from_db(value)

    def load_items(self, raw: list[Any], parent: Any) -> list[Any]:
        """Wrap the elements of a decoded list; `parent` is as above."""
        return [self.from_db_inside(item, parent) for item in raw]

    def make_test(self, conditions: dict[str, Any]) -> Callable[[Any], bool]:
        """Return the function that compares an element's values by name."""
        raise TypeError(f"{self}: conditions by name, expected a list of embedded documents.")

    # The value pipeline

    def to_python(self, value: Any) -> Value:
        """Cast `value`; None stays None. Raise ValidationError."""
        return value

    def cast(self, value: Any) -> Value:
        """Cast `value` as `to_python` does, without the functions of `set`."""
        return type(self).to_python(self, value)

    def _cast_and_transform(self, value: Any) -> Value:
        # In place of `to_python` where there is something to do: the others pay nothing.
        try:
            value = transforms.apply(self.setters, self.cast(value))
        except ValueError as error:
            raise self.invalid(value) from error
        return self.cast(value)

    def from_db(self, value: Any) -> Any:
        """Wrap a decoded value; one of a wrong type is returned as it is."""
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the BSON value of a Python value, sharing no container."""
        if value.__class__ in ATOMS:
            return value
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
                if validator(value) is False:
                    raise self.error("refused", value=value)
            except ValidationError as error:
                code = getattr(error, "code", None)
                # Only what the declaration gave: the field's own texts take other parameters.
                if code is not None and code in (self._error_messages or ()):
                    error.message = self.error_messages[code]
                errors.extend(with_value(error, value).error_list)
        if errors:
            raise ValidationError(errors)

    def clean(self, value: Any, document: Any = None) -> Value:
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
            if (value is None or value == "") and self._is_demanded_by(document):
                raise self.error("required")
            self.validate(value, document)
            self.run_validators(value)
        except ValidationError as error:
            errors.setdefault(path, []).extend(about(error, value).error_list)

    def same(self, stored: Any, value: Any) -> bool:
        """Tell whether writing `value` over `stored` (both BSON) changes it."""
        return same(stored, value)

    def keep_type(self, stored: Any, value: Value) -> Value:
        """Return `value` as the BSON type of `stored`, where both may be."""
        return value

    def check_key(self, key: Any) -> None:
        """Refuse a key of a map that no update can name."""
        if not is_safe_key(key):
            raise self.error("key", key=key)

    def pre_save(self, document: Any, *, adding: bool) -> Any:
        """Return a value to set right before a save, or MISSING for none."""
        return MISSING

    def store_companions(self, documents: Sequence[Any], alias: str) -> Callable[[], None]:
        """Store what goes with the values, before a write; return what takes it back."""
        return lambda: None

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


def _load_field(model: Any, name: str) -> Field[Any]:
    name, *items = name.split(".")
    field = model._meta.get_field(name)
    for item in items:
        # `[]` is the element of a list or map, `[1]` a field of a union.
        field = field.base_field if item == "[]" else field.fields[int(item[1:-1])]
    return field
