"""Views that the tests of ASGI ask for."""

from django.http import JsonResponse
from django.urls import path

from docmodels.transaction import atomic
from tests.aio.models import Author


async def authors(request):
    """Store an author that is posted; list all."""
    if request.method == "POST":
        async with atomic():
            await Author.objects.acreate(name=request.POST["name"])
    return JsonResponse({"authors": [author.name async for author in Author.objects.all()]})


def synchronous(request):
    """List all, in a view of the other kind."""
    return JsonResponse({"authors": [author.name for author in Author.objects.all()]})


async def blocking(request):
    """List all by a call that would block."""
    return JsonResponse({"count": Author.objects.count()})


urlpatterns = [
    path("authors/", authors),
    path("synchronous/", synchronous),
    path("blocking/", blocking),
]
