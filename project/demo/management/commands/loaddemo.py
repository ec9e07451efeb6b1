"""Load the sample data."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project.demo.progress import ProgressBar
from project.films.loading import DATASETS as FILMS
from project.geo.loading import DATASETS as GEO

DATASETS = [*GEO, *FILMS]


class Command(BaseCommand):
    help = "Load countries, cities, people and films. What is already loaded stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="Remove everything and load anew.")
        parser.add_argument("--limit", type=int, help="Load at most so many of each kind.")

    def handle(self, *args: Any, reset: bool, limit: int | None, **options: Any) -> None:
        for dataset in DATASETS:
            if reset:
                dataset.reset()
            if dataset.is_loaded():
                if options["verbosity"] > 1:
                    self.stdout.write(f"  {dataset.name:<10} already loaded")
                continue
            start = time.perf_counter()
            bar = ProgressBar(self.stdout, dataset.name, limit or dataset.count())
            count = dataset.load(limit, bar)
            bar.finish(count, time.perf_counter() - start)
