"""Specify who may do what: Django's own permissions, by method."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.contrib.contenttypes.models import ContentType
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.throttling import AnonRateThrottle

from docmodels import rest
from tests.rest.shop.models import Customer

pytestmark = pytest.mark.django_db

CALLS = {
    "list": ("get", "view"),
    "retrieve": ("get", "view"),
    "create": ("post", "add"),
    "update": ("put", "change"),
    "partial_update": ("patch", "change"),
    "destroy": ("delete", "delete"),
}


def make_user(*actions):
    """Return a user who may do `actions` with customers."""
    user = User.objects.create_user("-".join(actions) or "nobody")
    content_type, _made = ContentType.objects.get_or_create(app_label="shop", model="customer")
    for action in actions:
        permission, _made = Permission.objects.get_or_create(
            codename=f"{action}_customer", content_type=content_type, defaults={"name": action}
        )
        user.user_permissions.add(permission)
    return User.objects.get(pk=user.pk)


def call(action, user, customer, **attributes):
    """Return the status of one call of a viewset."""
    viewset = type(
        "View",
        (rest.DocumentViewSet,),
        {
            "queryset": Customer.objects.all(),
            "permission_classes": [rest.DocumentPermissions],
            **attributes,
        },
    )
    method = CALLS[action][0]
    data = {"name": "Bo", "email": "bo@example.com"} if method in {"post", "put", "patch"} else None
    request = getattr(APIRequestFactory(), method)("/", data, format="json")
    force_authenticate(request, user=user)
    kwargs = {} if action in {"list", "create"} else {"pk": customer.pk}
    return viewset.as_view({method: action})(request, **kwargs).status_code


class TestDocumentPermissions:
    """`DocumentPermissions`."""

    @pytest.mark.parametrize("action", CALLS)
    def test_needs_the_permission_of_the_method(self, customer, action):
        """Without the permission 403, with it the answer."""
        needed = CALLS[action][1]
        others = {"view", "add", "change", "delete"} - {needed}

        assert call(action, make_user(*sorted(others)), customer) == 403
        assert call(action, make_user(needed), customer) < 300

    def test_nobody_in_particular(self, customer):
        """An anonymous user may nothing."""
        assert call("list", AnonymousUser(), customer) == 403

    def test_anonymous_may_read(self, customer):
        """`DocumentPermissionsOrAnonReadOnly` lets everybody read."""
        classes = {"permission_classes": [rest.DocumentPermissionsOrAnonReadOnly]}

        assert call("retrieve", AnonymousUser(), customer, **classes) == 200
        assert call("destroy", AnonymousUser(), customer, **classes) == 403

    def test_object_permissions(self, customer):
        """Without a backend that knows objects, an object is a 404."""
        classes = {"permission_classes": [rest.DocumentObjectPermissions]}

        assert call("list", make_user("view"), customer, **classes) == 200
        assert call("retrieve", User.objects.get(), customer, **classes) == 404

    def test_object_that_the_queryset_leaves_out(self, customer):
        """An object that a user may not see is a 404."""
        nothing = {"queryset": Customer.objects.filter(name="Bo")}

        assert call("retrieve", make_user("view"), customer, **nothing) == 404

    def test_throttle(self, customer):
        """DRF's throttles hold."""

        class Once(AnonRateThrottle):
            rate = "1/day"
            scope = "once"

        open_once = {"permission_classes": [], "throttle_classes": [Once]}

        statuses = [call("list", AnonymousUser(), customer, **open_once) for _ in range(2)]

        assert statuses == [200, 429]
