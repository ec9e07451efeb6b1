from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "tests.rest.shop"
    label = "shop"
