"""Middleware of the demo site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"


class ContentSecurityPolicyMiddleware:
    """
    Let pages load from this site only, and run nothing that is written into them.

    Django 6 ships a middleware for this; the demo also runs on 5.2.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to every response."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
