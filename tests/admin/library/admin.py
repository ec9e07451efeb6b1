"""How the test documents are browsed."""

from docmodels import admin
from tests.admin.library.models import Author, Book, Poster, Remark, Shelf


@admin.register(Author)
class AuthorAdmin(admin.DocumentAdmin):
    list_display = ["name", "email"]
    search_fields = ["name"]


@admin.register(Book)
class BookAdmin(admin.DocumentAdmin):
    list_display = [
        "title", "author", "price", "pages", "available", "added_at", "tags",
        "publisher__address__city", "thick",
    ]  # fmt: skip
    list_filter = ["genre", "available", "published", "pages", "author", "language"]
    search_fields = ["title", "^isbn", "tags", "=pages"]

    @admin.display(description="Thick?", ordering="pages", boolean=True)
    def thick(self, book):
        return book.pages is not None and book.pages > 500


@admin.register(Shelf)
class ShelfAdmin(admin.DocumentAdmin):
    list_display = ["key", "label"]


@admin.register(Poster)
class PosterAdmin(admin.DocumentAdmin):
    list_display = ["name", "photo"]


@admin.register(Remark)
class RemarkAdmin(admin.DocumentAdmin):
    list_display = ["text", "kind", "about", "others"]
