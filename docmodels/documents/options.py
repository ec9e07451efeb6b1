"""`_meta`: what a document class declares, for everybody who asks."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.utils.functional import cached_property
from django.utils.text import camel_case_to_spaces, format_lazy
from django.utils.translation import override

from docmodels.conf import docmodels_settings
from docmodels.documents.prepared import Prepared
from docmodels.documents.resolution import Resolves, nearest
from docmodels.fields import AnyField, Field
from docmodels.query.timestamps import TIMESTAMP_NAMES
from docmodels.tracking import is_safe_key

#: Names that Meta may set; anything else is a mistake.
META_NAMES = (
    "abstract", "app_label", "auto_index", "capped", "collation", "collection", "db_alias",
    "default_manager_name", "default_permissions", "discriminator_key", "get_latest_by", "indexes",
    "minimize", "optimistic_concurrency", "ordering", "permissions", "plugins",
    "read_preference", "schema_key", "schema_version", "shard_key", "skip_versioning", "strict",
    "timeseries", "timestamps", "validator", "verbose_name", "verbose_name_plural", "version_key",
    "write_concern",
)  # fmt: skip

#: What Django calls some of them, and MongoEngine and Mongoose others.
ELSEWHERE = {
    "auto_create_index": "auto_index",
    "autoIndex": "auto_index",
    "cls_key": "discriminator_key",
    "constraints": "indexes",
    "database": "db_alias",
    "db_table": "collection",
    "index_together": "indexes",
    "max_documents": "capped",
    "max_size": "capped",
    "unique_together": "indexes",
    "using": "db_alias",
}

#: Meta of an abstract base that its children inherit.
INHERITED = frozenset(META_NAMES) - {
    "abstract",
    "collection",
    "plugins",
    "verbose_name",
    "verbose_name_plural",
}


class Options(Resolves, Prepared):
    """The options of one document class, from its `Meta` and its fields."""

    # What Django's own code asks the options of a model
    managed = True
    proxy = False
    swapped = None
    auto_created = False
    private_fields: tuple[Any, ...] = ()
    many_to_many: tuple[Any, ...] = ()
    related_objects: tuple[Any, ...] = ()

    def __init__(self, meta: Any, parents: Iterable[Options] = (), *, embedded: bool) -> None:
        self.embedded = embedded
        self.abstract = False
        self.app_label = ""
        self.auto_index = True
        self.capped: Any = None
        self.collation: Any = None
        self.collection = ""
        self.db_alias: str | None = None
        self.default_manager_name: str | None = None
        self.default_permissions: tuple[str, ...] = ("add", "change", "delete", "view")
        self.discriminator_key = "__t"
        #: What the key holds for this class, None unless its parent is concrete.
        self.discriminator: str | None = None
        #: The options of the concrete parent, whose collection this class shares.
        self.parent: Options | None = None
        #: All subclasses that share the collection, by what the key holds for them.
        self.children: dict[str, Any] = {}
        self.get_latest_by: Any = None
        self.indexes: list[Any] = []
        self.minimize = True
        self.optimistic_concurrency: Any = False
        self.ordering: list[str] = []
        self.permissions: tuple[Any, ...] = ()
        #: The plugins that are objects (`documents.plugins`), those of parents too.
        self.plugins: tuple[Any, ...] = ()
        self.read_preference: Any = None
        #: Where the version of the stored form is kept, and which it is.
        self.schema_key = "_schema"
        self.schema_version: int | None = None
        #: The functions that upgrade from an older version (`documents.upgrades`).
        self.upgrades: dict[int, Any] = {}
        self.shard_key: Any = None
        self.skip_versioning: Any = ()
        self._strict: Any = None
        self.timeseries: Any = None
        self.timestamps: Any = False
        self.validator: Any = None
        self.verbose_name: Any = None
        self.verbose_name_plural: Any = None
        self.version_key: str | None = "__v"
        self.write_concern: Any = None
        #: What the driver's collection is given (`documents.storage`).
        self.collection_options: dict[str, Any] = {}
        #: Names of the fields of the shard key, which are always loaded.
        self.shard_fields: frozenset[str] = frozenset()
        #: Whether the collection is other than the server makes it by itself.
        self.has_creation = False
        self.creation_options: Callable[[], dict[str, Any]] = dict
        self.model: Any = None
        self.object_name = ""
        self.model_name = ""
        #: Computed attributes that are never stored, by name.
        self.virtuals: dict[str, Any] = {}
        #: Hooks of documents and of queries, by event (`documents.hooks`).
        self.hooks: dict[str, Any] = {}
        self.query_hooks: dict[str, Any] = {}
        #: Managers by name, in order of declaration.
        self.managers: dict[str, Any] = {}
        #: The loader of a whole stored document (`documents.loading`).
        self.load: Callable[..., Any] = lambda raw, source: None
        self._fields: dict[str, Field[Any]] = {}
        self._inherited: dict[str, Any] = {}
        self._meta = meta
        for parent in parents:
            self._inherited.update(parent._inherited)

    def __repr__(self) -> str:
        return f"<Options for {self.object_name}>"

    def __str__(self) -> str:
        return self.label_lower

    def __reduce__(self) -> Any:
        # They are the class's, wherever a pickled query arrives.
        return (operator.attrgetter("_meta"), (self.model,))

    # Made with the class

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Read `Meta`, check its names, and become `cls._meta`."""
        type.__setattr__(cls, name, self)
        self.model = cls
        self.object_name = cls.__name__
        self.model_name = self.object_name.lower()
        given = _given(self._meta)
        for option in given:
            if option not in META_NAMES:
                meant = ELSEWHERE.get(option)
                hint = f" Did you mean {meant!r}?" if meant else nearest(option, META_NAMES)
                hint = hint or f" Choices are: {', '.join(META_NAMES)}."
                raise TypeError(f"{cls.__name__}.Meta.{option}: unknown option.{hint}")
        for option, value in {**self._inherited, **given}.items():
            setattr(self, "_strict" if option == "strict" else option, value)
        if self._strict not in {None, "raise", True, False}:
            raise TypeError(
                f"{cls.__name__}.Meta.strict: {self._strict!r}, expected 'raise', True or False."
            )
        self._inherited |= {k: v for k, v in given.items() if k in INHERITED}
        if not self.app_label:
            self.app_label = _app_label(cls.__module__)
        if self.parent is not None:
            self.collection = self.parent.collection
        if not (self.embedded or self.abstract) and not self.collection:
            self.collection = f"{self.app_label}_{self.model_name}"
        if str(self.collection).startswith("system."):
            raise ImproperlyConfigured(
                f"{cls.__name__}.Meta.collection: {self.collection!r}, expected a collection of "
                f"your own; the server keeps system.* for itself."
            )
        if self.verbose_name is None:
            self.verbose_name = camel_case_to_spaces(self.object_name)
        if self.verbose_name_plural is None:
            self.verbose_name_plural = format_lazy("{}s", self.verbose_name)
        self._meta = None

    def add_field(self, field: Field[Any]) -> None:
        """Add a field; called by the field itself."""
        for other in self._fields.values():
            if other.name != field.name and field.db_field == other.db_field:
                raise ImproperlyConfigured(
                    f"{self.object_name}.{field.name}: db_field {field.db_field!r} is taken by "
                    f"{self.object_name}.{other.name}, expected one of its own."
                )
        if not is_safe_key(field.db_field):
            raise ImproperlyConfigured(
                f"{self.object_name}.{field.name}: db_field {field.db_field!r}, expected a key "
                f"that updates can name: text without '.', NUL or leading '$'."
            )
        self._fields[field.name] = field

    def add_manager(self, manager: Any) -> None:
        """Add a manager; the first one is the default."""
        self.managers[manager.name] = manager

    def declares(self, option: str) -> bool:
        """Return whether `Meta`, own or inherited, sets an option."""
        return option in self._inherited

    @property
    def root(self) -> Options:
        """Return the options of the class that the collection is declared by."""
        return self if self.parent is None else self.parent.root

    @property
    def strict(self) -> Any:
        """Return what becomes of undeclared names: "raise", True or False."""
        return docmodels_settings.STRICT if self._strict is None else self._strict

    @property
    def discriminator_filter(self) -> dict[str, Any]:
        """Return what tells documents of this class from others of the collection."""
        if self.discriminator is None:
            return {}
        values = [self.discriminator, *self.children]
        return {self.discriminator_key: values[0] if len(values) == 1 else {"$in": values}}

    # Names

    @property
    def label(self) -> str:
        """Return `app_label.ObjectName`."""
        return f"{self.app_label}.{self.object_name}"

    @property
    def label_lower(self) -> str:
        """Return `app_label.model_name`."""
        return f"{self.app_label}.{self.model_name}"

    @property
    def app_config(self) -> Any:
        """Return the AppConfig of the app, or None."""
        return apps.app_configs.get(self.app_label)

    @property
    def verbose_name_raw(self) -> str:
        """Return the untranslated verbose name."""
        with override(None):
            return str(self.verbose_name)

    @property
    def concrete_model(self) -> Any:
        """Return the class itself."""
        return self.model

    # Fields

    @property
    def concrete_fields(self) -> tuple[Field[Any], ...]:
        """Return all fields; each is stored."""
        return self.fields

    local_fields = concrete_fields

    def get_fields(self, *, include_parents: bool = True, include_hidden: bool = False) -> Any:
        """Return all fields, as Django's options do."""
        return self.fields

    @cached_property
    def pk(self) -> Any:
        """Return the primary key's field, None for embedded documents."""
        return next((field for field in self.fields if field.primary_key), None)

    @property
    def updated_field(self) -> Field[Any] | None:
        """Return the field of `Meta.timestamps` for the last change, or None."""
        names = TIMESTAMP_NAMES if self.timestamps is True else self.timestamps or (None, None)
        return self._fields.get(names[1]) if names[1] else None

    def find_field(self, name: str) -> Field[Any] | None:
        """Return the field of a name, an attname or `pk`, or None."""
        field = self.by_name.get(name)
        if field is None:
            # Paths of subclasses can be asked for through their base.
            for child in self.children.values():
                field = child._meta.by_name.get(name)
                if field is not None:
                    return field
            if self.strict is False:
                return AnyField()
        return field

    def get_field(self, name: str) -> Field[Any]:
        """Return the field of a name or an attname; raise FieldDoesNotExist."""
        field = self.by_name.get(name)
        if field is None or name == "pk":
            raise FieldDoesNotExist(
                f"{self.object_name} has no field named {name!r}.{nearest(name, self.by_name)}"
            )
        return field


def _given(meta: Any) -> dict[str, Any]:
    # As in Django, `class Meta(Base.Meta)` starts from the Meta of another class.
    given: dict[str, Any] = {}
    for cls in reversed(getattr(meta, "__mro__", ())):
        if cls is not object:
            given.update((k, v) for k, v in vars(cls).items() if not k.startswith("_"))
    return given


def _app_label(module: str) -> str:
    if apps.apps_ready:
        config = apps.get_containing_app_config(module)
        if config is not None:
            return config.label
    # Outside of an app (a script, a shell) the package gives the name.
    package = module.removesuffix(".models").removesuffix(".documents")
    return package.rpartition(".")[2]
