"""Map declarative document schemas onto MongoDB collections, at home in Django."""

__version__ = "0.1.0"
