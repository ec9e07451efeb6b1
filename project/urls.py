"""Addresses of the demo site."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from docmodels import admin
from project.dashboard.views import DashboardView
from project.demo.views import HomeView
from project.films.api import FilmViewSet, PersonViewSet
from project.geo.api import CityViewSet, CountryViewSet

router = DefaultRouter()
router.register("countries", CountryViewSet, basename="country")
router.register("cities", CityViewSet, basename="city")
router.register("films", FilmViewSet, basename="film")
router.register("people", PersonViewSet, basename="person")

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("dashboard/", DashboardView.as_view(), name="dashboard"),
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
    path("api/auth/", include("rest_framework.urls")),
]
