"""Measure docmodels against raw pymongo: `python -m bench --help`."""
