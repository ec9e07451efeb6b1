"""What a field stores, and what it makes of it again."""


def assert_round_trip(mongo, model, name, value, bson_type):
    """Assert that value, class and BSON type come back, and that reading changes nothing."""
    document = model(**{name: value})
    document.save()
    collection = mongo.collection(model._meta.collection)
    raw = collection.find_one({"_id": document.pk})

    loaded = model.objects.get(pk=document.pk)
    read = getattr(loaded, name)

    assert read == getattr(document, name) == value
    assert type(read) is type(getattr(document, name))
    assert collection.count_documents({name: {"$type": bson_type}}) == 1
    assert loaded.read_errors == {}
    assert loaded.to_mongo() == raw
    setattr(loaded, name, read)
    assert loaded.pending_update()[1] == {}
    assert model.objects.filter(**{name: value}).get() == loaded
    return raw[name]
