"""How countries and cities are browsed."""

from docmodels import admin
from project.geo.models import City, Country


@admin.register(Country)
class CountryAdmin(admin.DocumentAdmin):
    list_display = ["name", "code", "continent", "capital", "population", "currency__code"]
    list_filter = ["continent"]
    search_fields = ["name", "capital"]


@admin.register(City)
class CityAdmin(admin.DocumentAdmin):
    list_display = ["name", "country", "population", "timezone", "alternate_names"]
    list_filter = ["country", "country__continent", "population"]
    search_fields = ["name", "alternate_names"]
    autocomplete_fields = ["country"]
