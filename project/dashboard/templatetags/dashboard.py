"""Filters of the dashboard's templates."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def amount(value: Any) -> Any:
    """Write a number for people: 12,345 or 67.8."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
