"""Formsets for lists of embedded documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.forms.formsets import BaseFormSet, formset_factory


class EmbeddedFormSet(BaseFormSet):
    """One form for each embedded document of a list, and some empty ones."""

    _should_delete_form: Any

    def __init__(self, *args: Any, instances: Sequence[Any] = (), **kwargs: Any) -> None:
        self.instances = list(instances)
        #: The forms in the order of the documents that `documents()` returned.
        self.element_forms: list[Any] = []
        kwargs.setdefault("initial", [{} for _instance in self.instances])
        super().__init__(*args, **kwargs)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each form its document."""
        kwargs = super().get_form_kwargs(index)
        if index is not None and index < min(len(self.instances), self.initial_form_count()):
            kwargs["instance"] = self.instances[index]
        return kwargs

    def documents(self) -> list[Any]:
        """Return the documents that the forms make, in their order."""
        chosen = []
        for index, form in enumerate(self.forms):
            if self._should_delete_form(form):
                continue
            if index >= self.initial_form_count() and not form.has_changed():
                continue
            order = form.cleaned_data.get("ORDER")
            # Without a number a form stays behind those that have one.
            chosen.append((order is None, order or 0, index, form))
        chosen.sort(key=lambda item: item[:3])
        self.element_forms = [form for *_place, form in chosen]
        return [form.instance for form in self.element_forms]


def embedded_formset_factory(
    form: type[Any],
    *,
    extra: int = 1,
    min_num: int | None = None,
    max_num: int | None = None,
    formset: type[EmbeddedFormSet] = EmbeddedFormSet,
) -> type[EmbeddedFormSet]:
    """Return the formset class for a list of embedded documents."""
    return formset_factory(  # type: ignore[return-value]
        form,
        formset=formset,
        extra=extra,
        can_order=True,
        can_delete=True,
        min_num=min_num,
        max_num=max_num,
        validate_min=min_num is not None,
        validate_max=max_num is not None,
    )
