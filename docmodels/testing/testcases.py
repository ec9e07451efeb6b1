"""Test cases for projects that use Django's test runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import SimpleTestCase as DjangoSimpleTestCase
from django.test import TestCase as DjangoTestCase

from docmodels.connections import DEFAULT_ALIAS
from docmodels.testing.commands import assert_num_commands
from docmodels.testing.databases import empty_databases, own_databases
from docmodels.testing.plans import assert_no_collscan, assert_pipeline, assert_uses_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


class DocumentTestMixin:
    """Give each test case class databases of its own, emptied after each test."""

    @classmethod
    def setUpClass(cls) -> None:
        """Point the aliases to databases named after the class."""
        super().setUpClass()  # type: ignore[misc]
        databases = own_databases(cls.__name__.lower())
        databases.__enter__()
        cls.addClassCleanup(databases.__exit__, None, None, None)  # type: ignore[attr-defined]

    def tearDown(self) -> None:
        """Empty the collections."""
        super().tearDown()  # type: ignore[misc]
        empty_databases()

    def assertNumCommands(  # noqa: N802 - spelled as assertNumQueries
        self,
        num: int,
        func: Callable[..., Any] | None = None,
        *args: Any,
        using: str = DEFAULT_ALIAS,
        **kwargs: Any,
    ) -> AbstractContextManager[Any] | None:
        """Fail unless the block, or `func`, sends exactly `num` commands."""
        context = assert_num_commands(num, using=using)
        if func is None:
            return context
        with context:
            func(*args, **kwargs)
        return None

    def assertUsesIndex(self, queryset: Any, name: str | None = None) -> None:  # noqa: N802
        """Fail unless the server answers `queryset` through the index `name`, or through any."""
        assert_uses_index(queryset, name)

    def assertNoCollscan(self, queryset: Any) -> None:  # noqa: N802
        """Fail if the server reads a whole collection to answer `queryset`."""
        assert_no_collscan(queryset)

    def assertPipeline(self, queryset: Any, stages: list[dict[str, Any]]) -> None:  # noqa: N802
        """Fail unless the stages that `queryset` says are these."""
        assert_pipeline(queryset, stages)


class SimpleTestCase(DocumentTestMixin, DjangoSimpleTestCase):
    """Tests that need documents but no SQL database."""


class TestCase(DocumentTestMixin, DjangoTestCase):
    """Tests that need documents and Django's SQL database."""
