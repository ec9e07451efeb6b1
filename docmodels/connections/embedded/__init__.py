"""A real ``mongod`` in a folder, shared by all processes that name the folder.

Each process that uses it holds a lease, a locked file that the operating
system releases when the process ends, however it ends. A detached supervisor
owns the server: it starts it, restarts it when it dies, and ends it a moment
after the last lease is gone.
"""

from docmodels.connections.embedded.server import EmbeddedServer, resolve_folder, server_for

__all__ = ["EmbeddedServer", "resolve_folder", "server_for"]
