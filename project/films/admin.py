"""How films are browsed."""

from docmodels import admin
from project.films.models import Film, Person


@admin.register(Film)
class FilmAdmin(admin.DocumentAdmin):
    list_display = ["title", "year", "genres", "director", "ratings__tomatometer", "box_office"]
    list_filter = ["certificate", "genres", "year"]
    search_fields = ["title", "cast"]
    autocomplete_fields = ["director"]


@admin.register(Person)
class PersonAdmin(admin.DocumentAdmin):
    list_display = ["name"]
    search_fields = ["name"]
