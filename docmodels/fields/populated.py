"""
Lists and maps of references that were populated: they read as the documents.

The stored keys stay where they are, in the tracked list or map of the slot
(`book.editors_ids`), and are all that is saved. What is shown as
`book.editors` is a view of them: changing it changes the keys as well, and
where the keys were changed otherwise the view is no longer shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docmodels.exceptions import IncompleteList


class PopulatedList(list[Any]):
    """
    The documents that a list of references leads to, in the order of the keys.

    A document that is put into it puts its key into the stored list. A key
    that is put into it makes the whole show keys again.
    """

    __slots__ = ("_reference", "_seen", "is_incomplete", "keys")

    def __init__(
        self, items: Iterable[Any], keys: Any, reference: Any, *, incomplete: bool = False
    ) -> None:
        super().__init__(items)
        #: The list of the stored keys.
        self.keys = keys
        #: Whether it has not just the documents of the keys in their order.
        self.is_incomplete = incomplete
        self._reference = reference
        self._seen: Any = list(keys)

    def is_current(self, keys: Any) -> bool:
        """Return whether it shows the documents of `keys` as they are now."""
        return keys is self.keys and bool(self._seen == keys) and _are_current(self, keys)

    def _note(self, values: Iterable[Any]) -> None:
        """Be in step with the keys, after `values` were put into both."""
        if self._seen is not None and all(map(self._reference.is_document, values)):
            self._seen = list(self.keys)
            return
        self._seen = None
        list.__setitem__(self, slice(None), list(self.keys))

    def _require_all(self) -> None:
        if self.is_incomplete:
            raise IncompleteList(
                f"{self._reference}: populated in part or in an order of its own, expected "
                f"append(), extend() or remove(), or a change of the keys."
            )

    def append(self, value: Any) -> None:
        """Add a document, or a key, at the end."""
        self.extend([value])

    def extend(self, values: Iterable[Any]) -> None:
        """Add documents, or keys, at the end."""
        added = list(values)
        self.keys.extend(added)
        super().extend(added)
        self._note(added)

    def __iadd__(self, values: Iterable[Any]) -> PopulatedList:  # type: ignore[misc]
        self.extend(values)
        return self

    def insert(self, index: Any, value: Any) -> None:
        """Insert a document, or a key, before `index`."""
        self._require_all()
        self.keys.insert(index, value)
        super().insert(index, value)
        self._note([value])

    def remove(self, value: Any) -> None:
        """Remove a document, given itself or by its key."""
        key = self._reference.to_python(value)
        self.keys.remove(key)
        found = next((i for i, item in enumerate(self) if self._key_of(item) == key), None)
        if found is not None:
            super().__delitem__(found)
        self._note(())

    def _key_of(self, item: Any) -> Any:
        return None if item is None else self._reference.to_python(item)

    def pop(self, index: Any = -1) -> Any:
        """Remove and return a document."""
        self._require_all()
        item = super().pop(index)
        self.keys.pop(index)
        self._note(())
        return item

    def clear(self) -> None:
        """Remove all."""
        self._require_all()
        self.keys.clear()
        super().clear()
        self._note(())

    def reverse(self) -> None:
        """Reverse in place."""
        self._require_all()
        self.keys.reverse()
        super().reverse()
        self._note(())

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        """Sort in place, as `list.sort`."""
        self._require_all()
        value_of = key or (lambda item: item)
        order = sorted(range(len(self)), key=lambda i: value_of(self[i]), reverse=reverse)
        items = [self[i] for i in order]
        self.keys[:] = [self.keys[i] for i in order]
        super().__setitem__(slice(None), items)
        self._note(())

    def __setitem__(self, index: Any, value: Any) -> None:
        self._require_all()
        values = list(value) if isinstance(index, slice) else [value]
        given = values if isinstance(index, slice) else value
        self.keys[index] = given
        super().__setitem__(index, given)
        self._note(values)

    def __delitem__(self, index: Any) -> None:
        self._require_all()
        del self.keys[index]
        super().__delitem__(index)
        self._note(())

    def __imul__(self, count: Any) -> PopulatedList:  # type: ignore[misc]
        self._require_all()
        self.keys *= count
        super().__imul__(count)
        self._note(())
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A copy is a list of documents, of nobody's keys.
        return (list, (list(self),))


class PopulatedDict(dict[str, Any]):
    """
    The documents that a map of references leads to, by the keys of the map.

    What is put into it or taken out is so in the stored map as well.
    """

    __slots__ = ("_reference", "_seen", "keys_of_documents")

    def __init__(self, items: Mapping[str, Any], keys: Any, reference: Any) -> None:
        super().__init__(items)
        #: The map of the stored keys.
        self.keys_of_documents = keys
        self._reference = reference
        self._seen: Any = dict(keys)

    def is_current(self, keys: Any) -> bool:
        """Return whether it shows the documents of `keys` as they are now."""
        shown = keys is self.keys_of_documents and bool(self._seen == keys)
        return shown and _are_current(self.values(), keys)

    def _note(self, values: Iterable[Any]) -> None:
        """Be in step with the keys, after `values` were put into both."""
        if self._seen is not None and all(map(self._reference.is_document, values)):
            self._seen = dict(self.keys_of_documents)
            return
        self._seen = None
        super().clear()
        super().update(self.keys_of_documents)

    def __setitem__(self, key: str, value: Any) -> None:
        self.keys_of_documents[key] = value
        super().__setitem__(key, value)
        self._note([value])

    def __delitem__(self, key: str) -> None:
        del self.keys_of_documents[key]
        super().pop(key, None)
        self._note(())

    def pop(self, key: str, *default: Any) -> Any:
        """Remove and return a document."""
        item = super().pop(key, *default)
        self.keys_of_documents.pop(key, None)
        self._note(())
        return item

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the last item."""
        key, value = super().popitem()
        del self.keys_of_documents[key]
        self._note(())
        return key, value

    def clear(self) -> None:
        """Remove all."""
        self.keys_of_documents.clear()
        super().clear()
        self._note(())

    def update(self, *args: Any, **values: Any) -> None:
        """Put in several, as `dict.update`."""
        given = dict(*args, **values)
        self.keys_of_documents.update(given)
        super().update(given)
        self._note(given.values())

    def __ior__(self, values: Any) -> PopulatedDict:  # type: ignore[misc,override]
        self.update(values)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the document at `key`, `default` put there where there is none."""
        if key not in self.keys_of_documents:
            self[key] = default
        return self.get(key)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (dict, (dict(self),))


def _are_current(items: Iterable[Any], keys: Any) -> bool:
    """Return whether the views inside of a view are so, of lists of lists."""
    return all(
        item.is_current(item.keys if isinstance(item, PopulatedList) else item.keys_of_documents)
        for item in items
        if isinstance(item, (PopulatedList, PopulatedDict))
    )


class ReferencesAttribute:
    """`book.editors`: the documents where they were populated, else the stored keys."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        keys = getattr(instance, self.field.attname)
        shown = instance._related.get(self.field.name)
        return shown if shown is not None and shown.is_current(keys) else keys

    def __set__(self, instance: Any, value: Any) -> None:
        if isinstance(value, (PopulatedList, PopulatedDict)):
            keys = value.keys if isinstance(value, PopulatedList) else value.keys_of_documents
            if keys is getattr(instance, self.field.attname):
                # What `book.editors += ...` assigns at its end.
                return
        setattr(instance, self.field.attname, value)

    def __delete__(self, instance: Any) -> None:
        delattr(instance, self.field.attname)


class HoldsReferences:
    """The part of lists and maps that knows whether references are inside."""

    name: str
    base_field: Any

    @property
    def reference(self) -> Any:
        """Return the reference that the elements are, None where they are none."""
        return self.base_field.reference

    def get_attname(self) -> str:
        """Return `<name>_ids` where references are inside, else the name."""
        is_inside = self.name.endswith("]")
        return self.name if is_inside or self.reference is None else f"{self.name}_ids"

    def add_view(self, cls: Any) -> None:
        """Install the attribute that shows documents, where references are inside."""
        if self.reference is not None:
            setattr(cls, self.name, ReferencesAttribute(self))
