"""A document with every option that a field may have."""

import pytest
from django.core.exceptions import ValidationError

from docmodels import documents


def is_published(document):
    """Tell what makes a summary necessary."""
    return document.state == "published"


def is_even(value):
    """Judge by the answer, as Mongoose's validators do."""
    return value % 2 == 0


def is_short(value):
    """Judge by raising, as Django's validators do."""
    if len(value) > 3:
        raise ValidationError("“%(value)s” is longer than 3.")


class Step(documents.EmbeddedDocument):
    code = documents.CharField(set="uppercase", immutable=True)
    note = documents.CharField(required=lambda step: step.code == "X")


class Article(documents.Document):
    slug = documents.CharField(db_field="s", set=["trim", "lowercase"])
    state = documents.CharField(default="draft")
    summary = documents.TextField(required=is_published)
    made_by = documents.CharField(immutable=True, blank=True)
    origin = documents.ListField(documents.CharField(), immutable=True)
    secret = documents.CharField(hidden=True, blank=True)
    card = documents.CharField(blank=True, get=lambda text: f"…{text[-4:]}")
    price = documents.DecimalField(blank=True, get=float, default="1.50")
    tags = documents.ListField(documents.CharField(set="lowercase"), choices=["red", "green"])
    labels = documents.ListField(documents.CharField(), unique_items=True)
    steps = documents.EmbeddedListField(Step, db_field="st")
    due = documents.DateTimeField(blank=True, get=[lambda at: at.date(), str])

    class Meta:
        collection = "articles"
        indexes = [documents.Index(fields=["slug", "-steps__code"])]


def saved(**values):
    """Return a stored article, loaded anew."""
    article = Article(**{"slug": "a"} | values)
    article.save()
    return Article.objects.get(pk=article.pk)


def stored(mongo, article):
    """Return what the server has."""
    return mongo.collection("articles").find_one({"_id": article.pk})


def errors_of(action, *args, **values):
    """Return the messages by path of the error that `action` raises."""
    with pytest.raises(ValidationError) as caught:
        action(*args, **values)
    return caught.value.message_dict
