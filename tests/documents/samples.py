"""Public collections that other programs made, declared as a user would."""

from docmodels import documents


class Restaurant(documents.Document):
    name = documents.CharField()
    url = documents.URLField(db_field="URL")
    address = documents.CharField()
    city = documents.CharField(db_field="address line 2", blank=True)
    outcode = documents.CharField()
    postcode = documents.CharField()
    rating = documents.FloatField(blank=True)
    kind = documents.CharField(db_field="type_of_food")

    class Meta:
        collection = "restaurants"


class Book(documents.Document):
    key = documents.AnyField(primary_key=True)
    title = documents.CharField()
    isbn = documents.CharField(blank=True)
    pages = documents.IntegerField(db_field="pageCount")
    published = documents.DateTimeField(db_field="publishedDate", blank=True)
    thumbnail = documents.URLField(db_field="thumbnailUrl", blank=True)
    summary = documents.TextField(db_field="longDescription", blank=True)
    status = documents.CharField(choices=["PUBLISH", "MEAP"])
    authors = documents.ListField(documents.CharField(blank=True))
    categories = documents.ListField(documents.CharField(blank=True))

    class Meta:
        collection = "books"


class Name(documents.EmbeddedDocument):
    common = documents.CharField()
    official = documents.CharField()


class CountryName(documents.EmbeddedDocument):
    common = documents.CharField()
    official = documents.CharField()
    native = documents.MapField(documents.EmbeddedField(Name), blank=True)


class Country(documents.Document):
    name = documents.EmbeddedField(CountryName)
    code = documents.CharField(db_field="cca2", max_length=2)
    capital = documents.CharField(blank=True)
    area = documents.FloatField()
    position = documents.ListField(documents.FloatField(), db_field="latlng")
    languages = documents.MapField(documents.CharField(), blank=True)
    translations = documents.MapField(documents.EmbeddedField(Name), blank=True)
    borders = documents.ListField(documents.CharField())
    landlocked = documents.BooleanField()

    class Meta:
        collection = "countries"


class Tier(documents.EmbeddedDocument):
    tier = documents.CharField()
    id = documents.CharField()
    active = documents.BooleanField()
    benefits = documents.ListField(documents.CharField())


class Account(documents.Document):
    number = documents.IntegerField(db_field="account_id")
    limit = documents.IntegerField()
    products = documents.ListField(documents.CharField())

    class Meta:
        collection = "accounts"


class Customer(documents.Document):
    username = documents.CharField()
    name = documents.CharField()
    address = documents.TextField()
    born = documents.DateTimeField(db_field="birthdate")
    email = documents.EmailField()
    active = documents.BooleanField(default=False)
    accounts = documents.ListField(documents.ReferenceField(Account, to_field="number"))
    tiers = documents.MapField(
        documents.EmbeddedField(Tier), db_field="tier_and_details", blank=True
    )

    class Meta:
        collection = "customers"


class Address(documents.EmbeddedDocument):
    street1 = documents.CharField()
    street2 = documents.CharField(blank=True, null=True)
    city = documents.CharField()
    state = documents.CharField(max_length=2)
    zipcode = documents.CharField()


class Location(documents.EmbeddedDocument):
    address = documents.EmbeddedField(Address)
    geo = documents.PointField()


class Theater(documents.Document):
    number = documents.IntegerField(db_field="theaterId")
    location = documents.EmbeddedField(Location)

    class Meta:
        collection = "theaters"


class Spot(documents.EmbeddedDocument):
    x = documents.FloatField()
    y = documents.FloatField()


class Zip(documents.Document):
    city = documents.CharField()
    code = documents.CharField(db_field="zip")
    loc = documents.EmbeddedField(Spot)
    population = documents.IntegerField(db_field="pop")

    class Meta:
        collection = "zips"
