"""Django's own helpers and generic views work on querysets unchanged."""

import pytest
from bson import ObjectId
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404
from django.shortcuts import get_list_or_404, get_object_or_404

from docmodels.documents import Q
from tests.queryset.models import Account

TEMPLATES = {
    "shelf/account_list.html": (
        "{% for account in account_list %}{{ account.name }},{% endfor %}"
        "{% if is_paginated %}{{ page_obj.number }}/{{ paginator.num_pages }}{% endif %}"
    ),
    "shelf/account_detail.html": "{{ object.name }}",
}


@pytest.fixture
def accounts():
    """Store accounts a to e, by name."""
    return Account.objects.bulk_create([Account(name=name) for name in "abcde"])


@pytest.fixture
def pages(client, settings):
    """Give Django's test client, with the views and templates of this folder."""
    settings.ROOT_URLCONF = "tests.queryset.urls"
    settings.MIDDLEWARE = []
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ]
    return client


class TestShortcuts:
    """`get_object_or_404` and `get_list_or_404`."""

    def test_object(self, accounts):
        """From a class, a manager or a queryset."""
        account = accounts[0]

        assert get_object_or_404(Account, pk=account.pk) == account
        assert get_object_or_404(Account.objects, Q(name="a")) == account
        assert get_object_or_404(Account.objects.filter(name="a"), pk=str(account.pk)) == account
        with pytest.raises(Http404) as caught:
            get_object_or_404(Account, pk=ObjectId())
        assert str(caught.value) == "No Account matches the given query."

    def test_list(self, accounts):
        """A list, or a 404 where it would be empty."""
        assert get_list_or_404(Account, name__in=["a", "b"]) == accounts[:2]
        with pytest.raises(Http404) as caught:
            get_list_or_404(Account.objects.all(), name="x")
        assert str(caught.value) == "No Account matches the given query."


class TestPaginator:
    """Django's `Paginator`."""

    def test_pages(self, accounts, assert_num_commands):
        """It counts once and slices, without a warning: documents are ordered."""
        paginator = Paginator(Account.objects.all(), 2)

        with assert_num_commands(2):
            page = paginator.page(2)
            assert [account.name for account in page] == ["c", "d"]

        assert (paginator.count, paginator.num_pages) == (5, 3)
        assert (page.has_next(), page.start_index(), page.end_index()) == (True, 3, 4)
        with pytest.raises(EmptyPage):
            paginator.page(4)

    def test_rows(self, accounts):
        """Rows are paged as well."""
        paginator = Paginator(Account.objects.order_by("name").values("name"), 2)

        assert list(paginator.get_page("last")) == [{"name": "a"}, {"name": "b"}]
        assert list(paginator.get_page(3)) == [{"name": "e"}]


class TestViews:
    """`ListView` and `DetailView`."""

    def test_list(self, accounts, pages):
        """Names of template and context come from the document; each request reads anew."""
        assert pages.get("/accounts/").content == b"a,b,c,d,e,"

        Account.objects.filter(name__in=["a", "b"]).update(visits=9)

        response = pages.get("/accounts/")
        assert response.content == b"c,d,e,"
        assert response.template_name == ["shelf/account_list.html"]

    def test_paged(self, accounts, pages):
        """Pages, ordering and the 404 of an empty list."""
        assert pages.get("/paged/").content == b"e,d,1/3"
        assert pages.get("/paged/?page=last").content == b"a,3/3"
        assert pages.get("/paged/?page=9").status_code == 404

        Account.objects.delete(allow_all=True)

        assert pages.get("/paged/").status_code == 404

    def test_detail(self, accounts, pages):
        """By key and by slug; a key that is not there is a 404."""
        assert pages.get(f"/accounts/{accounts[1].pk}/").content == b"b"
        assert pages.get("/names/c/").content == b"c"
        assert pages.get(f"/accounts/{ObjectId()}/").status_code == 404
        assert pages.get("/names/zzz/").status_code == 404
