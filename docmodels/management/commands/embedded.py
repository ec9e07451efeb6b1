"""``manage.py embedded status|uri|stop``: look after the embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from docmodels.connections import DEFAULT_ALIAS, connections
from docmodels.connections.configuration import scheme_of
from docmodels.connections.embedded import EmbeddedServer, server_for
from docmodels.exceptions import EmbeddedServerError

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Show, start or stop the server of an ``embedded://`` alias."""

    help = "Shows the embedded MongoDB server (status), starts it (uri) or stops it (stop)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the action and the alias."""
        parser.add_argument("action", choices=["status", "uri", "stop"])
        parser.add_argument(
            "--database",
            default=DEFAULT_ALIAS,
            help="The alias in MONGO_DATABASES; 'default' if left out.",
        )

    def handle(self, *args: Any, action: str, database: str, **options: Any) -> None:
        """Do what was asked for."""
        server = _server_of(database)
        try:
            getattr(self, f"handle_{action}")(server)
        except EmbeddedServerError as exc:
            raise CommandError(str(exc)) from exc

    def handle_status(self, server: EmbeddedServer) -> None:
        """Print what is known of the server without starting it."""
        status = server.status()
        rows = [
            ("folder", status["folder"]),
            ("status", status["status"]),
            ("address", status["uri"] or "-"),
            ("process", status["pid"] or "-"),
            ("users", status["users"]),
            ("data", filesizeformat(status["size"]).replace("\xa0", " ")),
        ]
        for name, value in rows:
            self.stdout.write(f"{name + ':':9} {value}")

    def handle_uri(self, server: EmbeddedServer) -> None:
        """Print the address; the server is started if need be."""
        self.stdout.write(server.acquire("manage.py embedded"))

    def handle_stop(self, server: EmbeddedServer) -> None:
        """Stop the server, whoever uses it."""
        stopped = server.stop()
        self.stdout.write("Stopped." if stopped else "The embedded server is not running.")


def _server_of(alias: str) -> EmbeddedServer:
    if alias not in connections:
        raise CommandError(
            f"The connection '{alias}' doesn't exist. Choices are: {', '.join(connections)}."
        )
    settings = connections.settings[alias]
    if scheme_of(settings["HOST"]) != "embedded":
        raise CommandError(
            f"The connection '{alias}' is no embedded server: its HOST does not start with "
            "embedded://."
        )
    return server_for(settings["HOST"], settings["EMBEDDED"])
