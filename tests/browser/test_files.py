"""A file on its way through the forms of a real browser; pictures are left for eyes."""

import pytest
from bson import ObjectId

from tests.browser.test_looks import FILM, FOLDER, SIZES
from tests.fields.test_files import png


@pytest.fixture
def posters(demo_database):
    """Give GridFS; files of these tests are removed at the end."""
    known = {entry["_id"] for entry in demo_database["fs.files"].find({}, {"_id": 1})}
    yield demo_database["fs.files"]
    made = [
        entry["_id"]
        for entry in demo_database["fs.files"].find({}, {"_id": 1})
        if entry["_id"] not in known
    ]
    demo_database["fs.files"].delete_many({"_id": {"$in": made}})
    demo_database["fs.chunks"].delete_many({"files_id": {"$in": made}})


def image(name="poster.png"):
    """Return a picture as the file chooser gives it."""
    return {"name": name, "mimeType": "image/png", "buffer": png(600, 900)}


def test_upload_replace_and_clear(open_page, films, film, posters, watch):
    """Chosen, shown, reviewed, replaced and taken away, all by the form."""
    page = open_page(f"{FILM}change/")
    chooser = page.get_by_label("poster", exact=True)

    chooser.set_input_files(image())
    assert page.get_by_text("1 changed path").is_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{FILM}")
    preview = page.get_by_alt_text("Preview of poster.png")
    assert preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 600

    page.goto(f"{FILM}change/")
    chooser.set_input_files(image("second.png"))
    page.get_by_role("button", name="Review").click()
    assert page.get_by_role("cell", name="second.png").is_visible()
    page.get_by_label("Choose “second.png” again").set_input_files(image("second.png"))
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{FILM}")
    assert page.get_by_alt_text("Preview of second.png").is_visible()

    page.goto(f"{FILM}change/")
    page.get_by_label("Clear").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{FILM}")
    assert page.get_by_alt_text("Preview of").count() == 0
    assert "poster" not in films.find_one({"_id": film})


def test_refused(open_page, films, film, posters, watch):
    """The error stands at the input, says to choose again, and nothing is stored."""
    watch.allow(422)
    page = open_page(f"{FILM}change/")

    page.get_by_label("poster", exact=True).set_input_files(image("page.html"))
    page.get_by_role("button", name="Save", exact=True).click()

    row = page.locator("[data-path=poster]")
    assert row.get_by_text("File extension “html” is not allowed.").is_visible()
    assert row.get_by_text("Choose “page.html” again").is_visible()
    assert posters.count_documents({"filename": "page.html"}) == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_looks(open_page, films, film, posters, demo_database, scheme, size):
    """The input and the preview fit the screen."""
    key = ObjectId()
    content = png(600, 900)
    demo_database["fs.chunks"].insert_one({"files_id": key, "n": 0, "data": content})
    posters.insert_one(
        {
            "_id": key,
            "filename": "a poster with a rather long name, as cameras and people give them.png",
            "length": len(content),
            "chunkSize": 261_120,
            "metadata": {"contentType": "image/png"},
        }
    )
    films.update_one({"_id": film}, {"$set": {"poster": key}})
    FOLDER.mkdir(parents=True, exist_ok=True)

    widths = {}
    page = open_page("/", color_scheme=scheme, viewport=SIZES[size])
    for name, path in {"file-detail": FILM, "file-change": f"{FILM}change/"}.items():
        page.goto(path)
        page.locator("[data-path=poster]").scroll_into_view_if_needed()
        page.get_by_alt_text("Preview of").evaluate("image => image.decode()")
        page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
        widths[name] = page.evaluate("document.documentElement.scrollWidth")

    assert set(widths.values()) == {SIZES[size]["width"]}
