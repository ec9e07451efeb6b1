"""URLs of the test suite."""

from django.contrib import admin
from django.urls import path

from docmodels import admin as docmodels_admin

urlpatterns = [
    path("admin/", docmodels_admin.site.urls),
    path("django-admin/", admin.site.urls),
]
