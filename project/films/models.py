"""
Films and the people who directed them.

The collection `films` holds what Wikidata says, as it says it: keys are absent,
a list of genres may be an empty text, a country may no longer exist.
"""

from django.core.validators import FileExtensionValidator

from docmodels import documents

CERTIFICATES = {
    "G": "General audiences",
    "PG": "Parental guidance suggested",
    "PG-13": "Parents strongly cautioned",
    "R": "Restricted",
    "NC-17": "Adults only",
}


class Person(documents.Document):
    name = documents.CharField(max_length=120, unique=True)

    class Meta:
        collection = "people"
        ordering = ["name"]
        indexes = [documents.Index(fields=["name", "pk"])]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class Ratings(documents.EmbeddedDocument):
    tomatometer = documents.IntegerField(blank=True, null=True, help_text="Percent of good reviews")
    average = documents.FloatField(blank=True, null=True, help_text="Of ten")
    reviews = documents.IntegerField(blank=True, null=True)
    metacritic = documents.IntegerField(blank=True, null=True)

    def __str__(self) -> str:
        return f"{self.tomatometer} %"


class Film(documents.Document):
    imdb_id = documents.CharField(max_length=12, primary_key=True, verbose_name="IMDb id")
    title = documents.CharField(max_length=200)
    year = documents.IntegerField()
    released = documents.DateField(blank=True)
    certificate = documents.CharField(max_length=5, blank=True, choices=CERTIFICATES)
    runtime = documents.IntegerField(blank=True, help_text="Minutes")
    genres = documents.ListField(documents.CharField(max_length=30), blank=True)
    languages = documents.ListField(documents.CharField(max_length=60), blank=True)
    countries = documents.ListField(
        documents.ReferenceField("geo.Country", on_delete=documents.DO_NOTHING), blank=True
    )
    director = documents.ReferenceField(Person, on_delete=documents.PROTECT, blank=True)
    cast = documents.ListField(documents.CharField(max_length=120), blank=True)
    ratings = documents.EmbeddedField(Ratings, blank=True)
    box_office = documents.IntegerField(blank=True, help_text="US dollars")
    oscars = documents.IntegerField(default=0)
    poster = documents.FileField(
        blank=True,
        max_size=5_000_000,
        validators=[FileExtensionValidator(["gif", "jpeg", "jpg", "png", "webp"])],
        help_text="A picture of at most 5 MB",
    )

    class Meta:
        collection = "films"
        ordering = ["-year", "title"]
        indexes = [
            # Pages are told apart by the key, so the index of their order ends with it.
            documents.Index(fields=["-year", "title", "pk"]),
            documents.Index(fields=["title"]),
            documents.Index(fields=["genres", "-year"]),
            documents.Index(fields=["director"]),
            documents.Index(fields=["-box_office"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"
