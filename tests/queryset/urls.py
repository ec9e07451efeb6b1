"""Django's own generic views on documents, unchanged."""

from django.urls import path
from django.views.generic import DetailView, ListView

from tests.queryset.models import Account


class AccountList(ListView):
    queryset = Account.objects.filter(visits__lt=5)


class PagedList(ListView):
    model = Account
    paginate_by = 2
    ordering = ["-name"]
    allow_empty = False


class AccountDetail(DetailView):
    model = Account
    template_name = "shelf/account_detail.html"


class AccountBySlug(DetailView):
    queryset = Account.objects.all()
    slug_field = "name"
    template_name = "shelf/account_detail.html"


urlpatterns = [
    path("accounts/", AccountList.as_view()),
    path("paged/", PagedList.as_view()),
    path("accounts/<str:pk>/", AccountDetail.as_view()),
    path("names/<slug:slug>/", AccountBySlug.as_view()),
]
