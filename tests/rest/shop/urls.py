"""Addresses of the shop's API."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.rest.shop import api

router = DefaultRouter()
router.register("orders", api.OrderViewSet)
router.register("customers", api.CustomerViewSet)
router.register("samples", api.SampleViewSet)
router.register("archive", api.ArchiveViewSet, basename="archive")

urlpatterns = [path("api/", include(router.urls))]
