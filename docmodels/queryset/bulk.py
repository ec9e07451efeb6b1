"""Many writes in few commands: of objects, of their fields, and of mixed operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from typing import Any, TypeVar

from django.core.exceptions import FieldError, ValidationError

from docmodels.exceptions import BulkError, NotSupportedError, OperationFailed
from docmodels.fields.companions import with_companions
from docmodels.fields.errors import ErrorMap, add_errors
from docmodels.query import operations
from docmodels.query.timestamps import add_timestamps
from docmodels.query.updates import Update, make_update
from docmodels.query.upserts import insertable
from docmodels.query.where import compile_q, join_and
from docmodels.queryset import iterables, sending
from docmodels.queryset.collections import collection_to_insert
from docmodels.queryset.commands import options_for
from docmodels.queryset.crossing import settled_filter
from docmodels.queryset.guarded import GuardedMixin
from docmodels.queryset.hooking import hooked
from docmodels.queryset.replacing import make_replacement, narrow, replace_stages
from docmodels.queryset.sending import BulkResult, Command

D = TypeVar("D")


class BulkMixin(GuardedMixin[D]):
    """`bulk_update`, `bulk_save`, `bulk_write`."""

    @hooked("bulk")
    def bulk_update(
        self,
        objects: Iterable[D],
        fields: Iterable[str],
        batch_size: int | None = None,
        *,
        validate: bool = True,
        timestamps: bool = True,
    ) -> int:
        """
        Store the named fields of the objects; return the number of matches.

        As in Django they are written whether or not they were changed, found by
        key alone, and no save hooks or signals run. Nothing is sent where a
        value is invalid; the paths of the ValidationError, as those of duplicate
        keys, begin with the position of the object.
        """
        documents = sending.list_of(objects, f"{self._name}.bulk_update()")
        named = self._check_fields(documents, fields, batch_size)
        connection = self._writing_connection("bulk_update")
        errors: ErrorMap = {}
        for index, document in enumerate(documents):
            names = {field.name for field in named}
            found = document.collect_errors(only=names) if validate else document._errors
            for path, path_errors in found.items():
                if path.partition(".")[0] in names:
                    errors[f"{index}.{path}"] = path_errors
        if errors:
            raise ValidationError(errors)
        commands = []
        narrowed = settled_filter(self)
        with with_companions(documents, connection.alias, {field.name for field in named}):
            for document in documents:
                update = _field_update(document, named)
                if timestamps:
                    add_timestamps(self.model._meta, update)
                where = join_and([narrowed, document._stored_filter()])
                commands.append(Command("update_one", (where, update), {}))
            result, problems = self._send_all(connection, commands, batch_size, ordered=True)
        for position, problem in problems.items():
            if not isinstance(problem, ValidationError):
                raise problem
            add_errors(errors, str(position), problem)
        if errors:
            raise ValidationError(errors) from next(iter(problems.values())).__cause__
        if result.matched == len(documents):
            for document in documents:
                document._mark_updated(connection.alias, frozenset(f.name for f in named))
        return result.matched

    def _check_fields(
        self, documents: list[Any], fields: Iterable[str], batch_size: int | None
    ) -> list[Any]:
        sending.check_batch_size(batch_size, self._name)
        if isinstance(fields, str):
            raise TypeError(f"{self._name}.bulk_update(): {fields!r}, expected a list of names.")
        names = list(fields)
        if not names:
            raise ValueError(f"{self._name}: Field names must be given to bulk_update().")
        for document in documents:
            if not isinstance(document, self.model):
                raise TypeError(
                    f"{self._name}.bulk_update(): {document!r}, expected {self.model.__name__} "
                    "objects."
                )
            if document.pk is None:
                raise ValueError(
                    f"{self._name}: All bulk_update() objects must have a primary key set."
                )
        found = []
        for name in names:
            resolved = self.model._meta.resolve(name)
            if len(resolved.fields) > 1:
                raise FieldError(f"{self._name}.{name}: a path, expected a field of its own.")
            if resolved.field.primary_key:
                raise ValueError(
                    f"{self._name}.bulk_update() cannot be used with primary key fields."
                )
            if resolved.field.immutable:
                raise ValidationError({name: [resolved.field.error("immutable")]})
            found.append(resolved.field)
        copies = [self.model._meta.by_name.get(f"{field.name}_copy") for field in found]
        return found + [field for field in copies if field is not None and field.is_copy]

    @hooked("bulk")
    def bulk_save(
        self,
        objects: Iterable[D],
        batch_size: int | None = None,
        *,
        ordered: bool = False,
        validate: bool | str = True,
        timestamps: bool = True,
    ) -> BulkResult:
        """
        Insert the new objects and write the changes of the others, as `save()` does.

        Each change is the minimal update of its document, with the version
        checks of a save; objects without changes are left alone. No save hooks
        or signals run. Nothing is sent where one is invalid: the paths of the
        ValidationError begin with the position of the object. `validate` and
        `timestamps` are those of a save; `batch_size` objects are sent at a time.

        Raise BulkError for what fails afterwards: its `errors` have, by
        position, a VersionConflict, a DoesNotExist, a ValidationError by field
        for a duplicate key … Those objects keep their changes, the others are
        saved; with `ordered=True` nothing is done behind the first one.
        """
        sending.check_batch_size(batch_size, self._name)
        documents = sending.list_of(objects, f"{self._name}.bulk_save()")
        connection = self._writing_connection("bulk_save")
        return self.model._save_many(
            documents,
            connection,
            chunk=batch_size or sending.CHUNK,
            ordered=ordered,
            validate=validate,
            timestamps=timestamps,
        )

    @hooked("bulk")
    def bulk_write(
        self,
        batch: Iterable[operations.Operation],
        *,
        ordered: bool = True,
        batch_size: int | None = None,
        validate: bool = True,
        timestamps: bool = True,
    ) -> BulkResult:
        """
        Run the operations of `batch`, of `documents.ops`, in few commands.

        `InsertOne`, `UpdateOne`, `UpdateMany`, `ReplaceOne`, `DeleteOne` and
        `DeleteMany` are cast, judged and given their times as the methods of
        those names; they find no more than the queryset does. Save hooks and
        signals do not run. Nothing is sent where one is invalid: the paths of
        the ValidationError begin with the position of the operation. `validate`
        and `timestamps` are those of `update()`; with `ordered=False` all that
        can be is done, `batch_size` operations at a time.

        Raise BulkError for what the server refuses, with `errors` by position;
        in order nothing is done behind the first one. Raise NotSupportedError
        for deletions that rules of references, hooks or signals belong to.
        """
        sending.check_batch_size(batch_size, self._name)
        self._refuse_cut("bulk_write")
        compiled: list[Callable[[], Command]] = []
        stored: dict[int, Any] = {}
        errors: ErrorMap = {}
        for position, operation in enumerate(sending.list_of(batch, f"{self._name}.bulk_write()")):
            try:
                compiled.append(self._compile(operation, position, stored, validate, timestamps))
            except ValidationError as error:
                add_errors(errors, str(position), error)
        if errors:
            raise ValidationError(errors)
        connection = self._writing_connection("bulk_write")
        if self.query.empty or not compiled:
            return BulkResult()
        with ExitStack() as stack:
            for document in stored.values():
                stack.enter_context(with_companions([document], connection.alias))
            commands = [make() for make in compiled]
            result, problems = self._send_all(connection, commands, batch_size, ordered=ordered)
        end = min(problems) if problems and ordered else len(commands)
        for position, document in stored.items():
            inserted = commands[position].method == "insert_one"
            if inserted and position < end and position not in problems:
                document._mark_stored(connection.alias)
        if problems:
            raise make_bulk_error(problems, len(compiled), result)
        return result

    def _send_all(
        self, connection: Any, commands: list[Command], batch_size: int | None, *, ordered: bool
    ) -> tuple[BulkResult, dict[int, Exception]]:
        collection = collection_to_insert(self.model._meta, connection)
        follows = [
            self.model._prepare_update(args[0], Update(args[1], []), connection.alias)
            for method, args, _options in commands
            if self.model._meta.has_copies and method.startswith("update")
        ]
        options = options_for(self.query, "comment")
        result, problems = BulkResult(), {}
        size = batch_size or sending.CHUNK
        for start in range(0, len(commands), size):
            with iterables.deadline(self.query):
                answer = sending.send(
                    collection,
                    commands[start : start + size],
                    connection,
                    ordered=ordered,
                    **options,
                )
            result.add(answer, start)
            for entry in answer.get("writeErrors", ()):
                error = sending.error_of(entry, self.model, connection.alias)
                if isinstance(error, OperationFailed):
                    error = self._explained(error)
                problems[start + entry["index"]] = error
            if problems and ordered:
                break
        self._result_cache = None
        for follow in filter(None, follows):
            follow()
        return result, problems

    # Operations

    def _compile(
        self,
        operation: Any,
        position: int,
        stored: dict[int, Any],
        validate: bool,
        timestamps: bool,
    ) -> Callable[[], Command]:
        """
        Judge one operation; return what makes its command.

        Documents get their files and numbers in between; `stored` takes them.
        """
        if isinstance(operation, operations.InsertOne):
            document = self._new_document(operation.document, validate, timestamps)
            stored[position] = document
            return lambda: Command("insert_one", (document._to_insert(),), {})
        if not isinstance(operation, operations.Filtered):
            names = "InsertOne, UpdateOne, UpdateMany, ReplaceOne, DeleteOne, DeleteMany"
            raise TypeError(
                f"{self._name}.bulk_write(): {operation!r}, expected an "
                f"operation of documents.ops. Choices are: {names}."
            )
        where = self._conditions(operation)
        kind = "one" if operation.single else "many"
        options = options_for(self.query, "collation", "hint")
        if isinstance(operation, operations.UpdateOne):
            update = make_update(
                self.model._meta, operation.values, operation.more, validate=validate,
                timestamps=timestamps, upsert=operation.upsert, conditions=where,
                array_filters=operation.array_filters,
            )  # fmt: skip
            if not update:
                raise ValueError(
                    f"{self._name}.bulk_write(): {operation!r}, expected values by path."
                )
            options |= {"upsert": operation.upsert, **update.options}
            if operation.upsert:
                where = insertable(self.model._meta, where)
            return lambda: Command(f"update_{kind}", (where, update.document), options)
        if isinstance(operation, operations.ReplaceOne):
            document = make_replacement(
                self.model, operation.replacement, "bulk_write", validate=validate,
                timestamps=timestamps,
            )  # fmt: skip
            where = narrow(where, document, upsert=operation.upsert)
            if operation.upsert:
                where = insertable(self.model._meta, where)
            options |= {"upsert": operation.upsert}
            stored[position] = document
            return lambda: Command("update_one", (where, replace_stages(document)), options)
        if not self.model._deletes_plainly():
            raise NotSupportedError(
                f"{self._name}.bulk_write(): {operation!r}, but its deletion has "
                f"rules of references, hooks or signals. Use delete() or find_one_and_delete()."
            )
        return lambda: Command(f"delete_{kind}", (where,), options)

    def _new_document(self, given: Any, validate: bool, timestamps: bool) -> Any:
        if isinstance(given, Mapping):
            given = self.model.from_dict(given)
        elif not isinstance(given, self.model):
            raise TypeError(
                f"{self._name}.bulk_write(): InsertOne({given!r}), expected a "
                f"{self.model.__name__} or values by name."
            )
        given._set_automatic(timestamps=timestamps)
        errors = given.collect_errors() if validate else given._errors
        if not errors and given.pk is None:
            errors = {given._meta.pk.name: [given._meta.pk.error("required")]}
        if errors:
            raise ValidationError(errors)
        return given

    def _conditions(self, operation: Any) -> dict[str, Any]:
        meta = self.model._meta
        own = compile_q(meta, operation.conditions)
        if not own and not self.query.is_filtered and not operation.allow_all:
            raise ValueError(
                f"{meta.object_name}.bulk_write(): {type(operation).__name__} without conditions, "
                f"expected some, or allow_all=True."
            )
        return join_and([settled_filter(self), own])


def _field_update(document: Any, fields: list[Any]) -> dict[str, dict[str, Any]]:
    update: dict[str, dict[str, Any]] = {}
    for field in fields:
        if document.is_set(field.name):
            value = field.get_prep_value(document._slot_value(field))
            update.setdefault("$set", {})[field.db_field] = value
        else:
            update.setdefault("$unset", {})[field.db_field] = ""
    return update


def make_bulk_error(problems: dict[int, Exception], count: int, result: BulkResult) -> BulkError:
    """Return the one error of several operations."""
    position = min(problems)
    problem = problems[position]
    text = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
    error = BulkError(
        f"{len(problems)} of {count} operations failed. Operation {position}: {text}",
        errors=dict(sorted(problems.items())),
        result=result,
    )
    error.__cause__ = problem
    return error
