"""Set up and serve the demo site."""

import io
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from docmodels.connections import connections
from project.demo import preflight

USER = PASSWORD = "admin"


class Command(BaseCommand):
    help = "Migrate, load the sample data, create a login and serve the demo on this machine."
    # runserver makes the checks; what stands in the way of a start is said before.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, help="Load at most so many of each kind.")
        parser.add_argument("--reset", action="store_true", help="Load the sample data anew.")

    def handle(self, *args: Any, limit: int | None, reset: bool, **options: Any) -> None:
        port = preflight.chosen_port()
        preflight.require_free_port(port)
        preflight.require_space(Path(settings.DATA_DIR))
        preflight.require_database()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("loaddemo", limit=limit, reset=reset)
        call_command("syncindexes", verbosity=0, stdout=io.StringIO())
        password = self.create_login()
        self.stdout.write(
            f"\n  docmodels demo   http://{preflight.HOST}:{port}/\n"
            f"  log in as        {USER} / {password}\n"
            "  stop with        Ctrl-C\n"
        )
        self.stdout.flush()
        os.environ.setdefault("DJANGO_RUNSERVER_HIDE_WARNING", "true")
        try:
            call_command("runserver", f"{preflight.HOST}:{port}", use_reloader=False, verbosity=0)
        finally:
            self.end_server()

    def end_server(self) -> None:
        """End the embedded server, unless another process uses it, and wait for that."""
        server = getattr(connections["default"], "server", None)
        connections.close_all()
        if server is not None and not server.status()["users"]:
            server.stop()

    def create_login(self) -> str:
        """Create the user if there is none, and give the password as far as it is known."""
        users = get_user_model()
        user = users.objects.filter(username=USER).first()
        if user is None:
            users.objects.create_superuser(USER, password=PASSWORD)
        elif not user.check_password(PASSWORD):
            return "(the password that you chose)"
        return PASSWORD
