"""``manage.py checkreferences``: find references that lead nowhere, and mend them."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from docmodels.connections import connections
from docmodels.documents.referrers import REWRITING, OnDelete
from docmodels.exceptions import DocmodelsError
from docmodels.integrity import CopyCheck, Position, ReferenceCheck, Run
from docmodels.management.labels import find_documents

#: How many seconds pass between two lines about the progress.
EVERY = 5.0

#: What `--rule` may name.
RULES = {rule.name.lower(): rule for rule in (*REWRITING, OnDelete.CASCADE)}


class Command(BaseCommand):
    """Check, print, and mend if asked."""

    help = "Finds references to documents that are not there; --mend does what their rule says."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take labels and what to do."""
        parser.add_argument(
            "labels", nargs="*", metavar="app_label[.Document]", help="Default: every document."
        )
        parser.add_argument("--using", help="The alias to read; default: by the router.")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--plan", action="store_true", help="Print what --mend would do.")
        what.add_argument("--mend", action="store_true", help="Do what each rule says.")
        parser.add_argument(
            "--copies", action="store_true", help="Look at copies beside references instead."
        )
        parser.add_argument(
            "--check", action="store_true", help="Exit with 1 if something is left broken."
        )
        parser.add_argument(
            "--rule", choices=sorted(RULES), help="Mend by this rule in place of the declared ones."
        )
        parser.add_argument(
            "--batch-size", type=int, default=1000, help="How many documents are read at a time."
        )
        parser.add_argument(
            "--resume", metavar="FILE", help="Keep the position there, and go on from it."
        )

    def handle(self, *labels: str, **options: Any) -> None:
        """Look at all documents."""
        if options["batch_size"] < 1:
            raise CommandError("--batch-size: expected 1 or more.")
        if options["copies"] and options["rule"]:
            raise CommandError("--rule: copies are brought in step, expected no rule.")
        if options["using"] is not None and options["using"] not in connections:
            choices = ", ".join(connections.aliases)
            raise CommandError(f"--using: no alias {options['using']!r}. Choices are: {choices}.")
        models = find_documents(options["labels"] or labels)
        rule = RULES.get(options["rule"] or "")
        task = {
            "documents": sorted(model._meta.label for model in models),
            **{name: options[name] for name in ("using", "mend", "rule", "copies")},
        }
        try:
            position = Position(options["resume"], task=task)
            how = {"mend": options["mend"]} | ({} if options["copies"] else {"rule": rule})
            make: Any = CopyCheck if options["copies"] else ReferenceCheck
            checks = [make(model, options["using"], **how) for model in models]
            self._run(Run(checks, position, size=options["batch_size"]), options)
        except DocmodelsError as error:
            raise CommandError(str(error)) from error
        self._print(position, options)
        if options["check"] and position.left:
            raise CommandError(f"{position.left:,} document(s) are broken; see --mend.")

    def _run(self, run: Run, options: Any) -> None:
        position = run.position
        if position.is_resumed:
            count = sum(position.checked.values())
            self.stderr.write(f"Going on behind {count:,} document(s).")
        told = time.monotonic()
        for check in run:
            is_time = time.monotonic() - told > EVERY or options["verbosity"] > 1
            if is_time and options["verbosity"] and check.name == position.current:
                told = time.monotonic()
                self.stderr.write(
                    f"{check.name}: {position.checked[check.name]:,} checked, "
                    f"{position.broken:,} broken"
                )

    def _print(self, position: Position, options: Any) -> None:
        if not options["verbosity"]:
            return
        for label, found in sorted(position.findings.items()):
            self.stdout.write(
                f"{label}: {found['broken']:,} document(s) broken{_fate(found, options)}"
            )
            keys = ", ".join(map(str, found["examples"]))
            more = ", …" if found["broken"] > len(found["examples"]) else ""
            self.stdout.write(f"  {keys}{more}")
            if found["refusal"]:
                self.stdout.write(f"  {found['refusal']}")
        checked = sum(position.checked.values())
        self.stdout.write(
            f"{checked:,} document(s) checked, {position.broken:,} broken"
            + (f", {position.broken - position.left:,} mended." if options["mend"] else ".")
        )


def _fate(found: dict[str, Any], options: Any) -> str:
    """Return what became of broken documents, or would become of them."""
    if options["mend"]:
        return f", {found['mended']:,} mended ({found['action']})"
    return f" ({found['action']})"
