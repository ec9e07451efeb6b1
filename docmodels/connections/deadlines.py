"""How long an operation may take, and how long a client waits for a server.

The driver's ``timeoutMS`` bounds a whole operation: choosing a server,
waiting for a connection, the server's work and retries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymongo

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

#: The deadline of one operation, in milliseconds.
DEFAULT_TIMEOUT_MS = 10_000

#: The deadline of one operation on the derived slow alias.
SLOW_TIMEOUT_MS = 600_000

#: How many connections the derived slow alias may open.
SLOW_POOL_SIZE = 4

#: Options of every client unless the setting says otherwise. A server that is
#: down must be reported within two seconds, whatever the deadline is; the driver
#: looks at its watch every half second only.
CLIENT_DEFAULTS: dict[str, Any] = {
    "timeoutMS": DEFAULT_TIMEOUT_MS,
    "serverSelectionTimeoutMS": 1_200,
    "connectTimeoutMS": 5_000,
    "waitQueueTimeoutMS": 2_000,
    "w": "majority",
    "appName": "docmodels",
}

#: What the derived slow alias changes in the options of the default one.
SLOW_DEFAULTS: dict[str, Any] = {
    "timeoutMS": SLOW_TIMEOUT_MS,
    "maxPoolSize": SLOW_POOL_SIZE,
}


def deadline(seconds: float | None) -> AbstractContextManager[Any]:
    """Give every operation of the block together `seconds`; None lifts the limit.

    An enclosing deadline that ends earlier stays in force.
    """
    return pymongo.timeout(seconds)
