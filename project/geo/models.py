"""Countries and cities."""

from docmodels import documents

CONTINENTS = {
    "AF": "Africa",
    "AN": "Antarctica",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}


class Currency(documents.EmbeddedDocument):
    code = documents.CharField(max_length=3)
    name = documents.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Country(documents.Document):
    code = documents.CharField(max_length=2, primary_key=True, help_text="ISO 3166, two letters")
    name = documents.CharField(max_length=80, unique=True)
    continent = documents.CharField(max_length=2, choices=CONTINENTS)
    capital = documents.CharField(max_length=60, blank=True)
    population = documents.IntegerField(default=0)
    area = documents.FloatField(blank=True, help_text="Square kilometres")
    currency = documents.EmbeddedField(Currency, blank=True)
    languages = documents.ListField(documents.CharField(max_length=10), blank=True)
    neighbours = documents.ListField(
        documents.ReferenceField("self", on_delete=documents.DO_NOTHING), blank=True
    )

    class Meta:
        collection = "countries"
        ordering = ["name"]
        indexes = [documents.Index(fields=["name", "pk"])]
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.name


class City(documents.Document):
    geoname_id = documents.IntegerField(primary_key=True)
    name = documents.CharField(max_length=120)
    country = documents.ReferenceField(Country, on_delete=documents.PROTECT)
    population = documents.IntegerField(default=0)
    position = documents.PointField()
    timezone = documents.CharField(max_length=40)
    alternate_names = documents.ListField(documents.CharField(max_length=200), blank=True)

    class Meta:
        collection = "cities"
        ordering = ["-population"]
        verbose_name_plural = "cities"
        indexes = [
            # Pages are told apart by the key, so the index of their order ends with it.
            documents.Index(fields=["-population", "-pk"]),
            documents.Index(fields=["name"]),
            documents.Index(fields=["country", "-population", "-pk"]),
            documents.Index(fields=["position:2dsphere"]),
        ]

    def __str__(self) -> str:
        return self.name
