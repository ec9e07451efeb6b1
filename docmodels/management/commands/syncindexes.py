"""``manage.py syncindexes``: make indexes what the documents declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from docmodels.exceptions import DocmodelsError
from docmodels.indexing import CollectionPlan, Plan, plan, sync
from docmodels.management.labels import find_documents


class Command(BaseCommand):
    """Compare, print, and carry out."""

    help = "Creates the indexes that documents declare; prints what is extra."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take labels and what to do."""
        parser.add_argument(
            "labels", nargs="*", metavar="app_label[.Document]", help="Default: every document."
        )
        parser.add_argument("--using", default=None, help="The alias; default: by the router.")
        parser.add_argument("--plan", action="store_true", help="Print what would be done.")
        parser.add_argument(
            "--check", action="store_true", help="Print the plan; exit with 1 if not in sync."
        )
        parser.add_argument("--drop", action="store_true", help="Drop indexes nobody declares.")
        parser.add_argument("--hide", action="store_true", help="Hide indexes nobody declares.")

    def handle(self, *labels: str, **options: Any) -> None:
        """Sync each document's collection."""
        in_sync = True
        quiet = options["verbosity"] == 0
        dry = options["plan"] or options["check"]
        for model in find_documents(options["labels"] or labels):
            if not model._meta.auto_index and not (dry or options["labels"]):
                continue
            try:
                todo = plan(model, options["using"])
                in_sync = in_sync and todo.in_sync
                if not quiet:
                    self._print(todo, options)
                if not dry:
                    sync(
                        todo,
                        drop=options["drop"],
                        hide=options["hide"],
                        progress=lambda line: None if quiet else self.stdout.write(f"  {line}"),
                    )
            except DocmodelsError as error:
                raise CommandError(str(error)) from error
        if options["check"] and not in_sync:
            raise CommandError("Indexes are not in sync; run manage.py syncindexes.")

    def _print(self, todo: Plan, options: Any) -> None:
        meta = todo.model._meta
        if todo.in_sync and not (todo.extra or todo.collection.fixed):
            if options["verbosity"] > 1 or options["plan"]:
                self.stdout.write(f"{meta.label}: in sync, {len(todo.kept)} index(es).")
            return
        self.stdout.write(f"{meta.label} ({meta.collection} on {todo.alias})")
        self._print_collection(todo.collection)
        for spec in todo.create:
            self.stdout.write(f"  + {spec}")
        for old, new in todo.modify:
            self.stdout.write(f"  ~ {old.name}: {new}")
        for spec in todo.extra:
            action = "drop" if options["drop"] else "hide" if options["hide"] else "keep"
            self.stdout.write(f"  - {spec.name} {spec} is not declared ({action})")

    def _print_collection(self, todo: CollectionPlan) -> None:
        if todo.create is not None:
            self.stdout.write(f"  + the collection {_shown(todo.create)}".rstrip())
        if todo.modify:
            self.stdout.write(f"  ~ the collection {_shown(todo.modify)}")
        for difference in todo.fixed:
            self.stdout.write(f"  ! {difference}; only a new collection can have it")


def _shown(options: Mapping[str, Any]) -> str:
    # Schemas are long, and are the declaration in other words.
    return ", ".join(
        f"{name}={'schema' if name == 'validator' else repr(value)}"
        for name, value in options.items()
    )
