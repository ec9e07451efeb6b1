"""The aliases of ``MONGO_DATABASES``: clients, databases, deadlines, errors, routing."""

from docmodels.connections.deadlines import deadline
from docmodels.connections.handler import connections
from docmodels.connections.router import router
from docmodels.constants import DEFAULT_ALIAS, SLOW_ALIAS

__all__ = ["DEFAULT_ALIAS", "SLOW_ALIAS", "connections", "deadline", "router"]
