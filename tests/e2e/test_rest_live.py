"""The demo's API on a real server, driven by `curl` alone."""

import json
import shutil
import subprocess
from typing import Any, NamedTuple

import pytest

FILM = {
    "imdb_id": "e2e-1",
    "title": "A film",
    "year": 2020,
    "released": "2020-02-29",
    "genres": ["Drama", "War"],
    "countries": ["CN"],
    "ratings": {"tomatometer": 90, "average": 8.5},
}
STORED = {
    "pk": "e2e-1",
    "imdb_id": "e2e-1",
    "title": "A film",
    "year": 2020,
    "released": "2020-02-29",
    "genres": ["Drama", "War"],
    "languages": [],
    "countries": ["CN"],
    "cast": [],
    "ratings": {"tomatometer": 90, "average": 8.5},
    "oscars": 0,
}
PARAMETERS = (
    "after, before, certificate, certificate__in, director, genres, ordering, page_size, "
    "ratings__tomatometer__gte, search, year, year__gte, year__lte."
)
FIELDS = (
    "imdb_id, title, year, released, certificate, runtime, genres, languages, countries, "
    "director, cast, ratings, box_office, oscars, poster."
)


class Answer(NamedTuple):
    """What `curl` got."""

    status: int
    body: Any


@pytest.fixture
def curl(demo_site):
    """Give a function that sends a request as the demo's user, or as nobody."""
    program = shutil.which("curl")
    assert program, "These tests need curl. Install it with the package manager of this system."

    def send(method, path, data=None, *arguments, user="admin:admin"):
        url = path if path.startswith("http") else f"{demo_site.url}/api/{path}"
        command = [program, "--silent", "--globoff", "--max-time", "30", "--request", method]
        command += ["--write-out", "\n%{http_code}", *arguments]
        if user:
            command += ["--user", user]
        if data is not None:
            text = data if isinstance(data, str) else json.dumps(data)
            command += ["--header", "Content-Type: application/json", "--data", text]
        done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
        text, _line, status = done.stdout.rpartition("\n")
        return Answer(int(status), json.loads(text) if text else None)

    return send


@pytest.fixture
def read(curl):
    """Give a function that reads as nobody."""
    return lambda path: curl("GET", path, user="")


@pytest.fixture
def films(demo_database):
    """Give the stored films; those of this module are removed at the end."""
    films = demo_database["films"]
    yield films
    films.delete_many({"_id": {"$regex": "^e2e-"}})


@pytest.fixture
def film(films):
    """Store the film, with a value that nobody declared."""
    films.insert_one(
        {"_id": "e2e-1"} | {k: v for k, v in FILM.items() if k != "imdb_id"} | {"shelf": "B7"}
    )
    return films


class TestVerbs:
    def test_create_read_replace_change_delete(self, curl, read, films):
        """A film with nested values lives from POST to DELETE."""
        assert curl("POST", "films/", FILM) == (201, STORED)
        assert films.find_one("e2e-1")["ratings"] == {"tomatometer": 90, "average": 8.5}
        assert read("films/e2e-1/") == (200, STORED)

        replaced = STORED | {"title": "Another", "ratings": {"average": 1.0}}
        assert curl("PUT", "films/e2e-1/", FILM | {"title": "Another"}).status == 200
        assert curl("PATCH", "films/e2e-1/", {"genres": ["War"], "ratings": {"metacritic": 7}}) == (
            200,
            replaced
            | {
                "genres": ["War"],
                "ratings": {"tomatometer": 90, "average": 8.5, "metacritic": 7},
            },
        )

        assert curl("DELETE", "films/e2e-1/") == (204, None)
        assert read("films/e2e-1/") == (404, {"detail": "No Film matches the given query."})
        assert films.find_one("e2e-1") is None

    def test_changes_leave_what_nobody_declared(self, curl, film):
        """A PATCH writes its own path, a PUT the declared ones."""
        curl("PATCH", "films/e2e-1/", {"ratings": {"average": 2}})
        curl("PUT", "films/e2e-1/", FILM | {"year": 2021})

        stored = film.find_one("e2e-1")
        assert (stored["shelf"], stored["year"], stored["title"]) == ("B7", 2021, "A film")

    def test_head_and_options(self, curl, film):
        """Other verbs tell about the address, or are refused."""
        options = curl("OPTIONS", "films/e2e-1/")
        head = curl("HEAD", "films/e2e-1/", None, "--head", "--output", "/dev/null")

        assert head == (200, None)
        assert options.body["actions"]["PUT"]["title"]["max_length"] == 200
        assert curl("DELETE", "films/") == (405, {"detail": 'Method "DELETE" not allowed.'})

    def test_point(self, curl, read, demo_database):
        """A position goes in and out as GeoJSON."""
        city = {
            "geoname_id": -1,
            "name": "Nowhere",
            "country": "CN",
            "position": {"type": "Point", "coordinates": [8.5, 47.25]},
            "timezone": "UTC",
        }

        created = curl("POST", "cities/", city)
        found = read("cities/-1/")
        removed = curl("DELETE", "cities/-1/")

        expected = {"pk": -1, **city, "population": 0, "alternate_names": []}
        assert (created.status, found, removed.status) == (201, (200, expected), 204)


class TestLists:
    def test_pages_follow_each_other(self, read, demo_database):
        """`next` leads through every document once, `previous` back."""
        total = demo_database["countries"].count_documents({})
        first = read("countries/?page_size=100")
        pages = [first.body]
        while pages[-1]["next"]:
            pages.append(read(pages[-1]["next"]).body)
        codes = [country["code"] for page in pages for country in page["results"]]

        assert list(first.body) == ["next", "previous", "results"]
        assert first.body["previous"] is None
        assert [len(page["results"]) for page in pages[:-1]] == [100] * (len(pages) - 1)
        assert len(codes) == len(set(codes)) == total
        assert read(pages[1]["previous"]).body["results"] == first.body["results"]

    def test_filter_search_order(self, read, demo_database):
        """Declared parameters narrow and sort the list."""
        countries = demo_database["countries"]
        expected = [
            country["_id"]
            for country in countries.find(
                {"continent": {"$in": ["EU", "AF"]}, "population": {"$gte": 10_000_000}}
            ).sort("population", -1)
        ]

        found = read(
            "countries/?continent__in=EU,AF&population__gte=10000000&ordering=-population"
            "&page_size=100"
        )
        searched = read("countries/?search=switzer")

        assert [country["pk"] for country in found.body["results"]] == expected
        assert [country["pk"] for country in searched.body["results"]] == ["CH"]

    @pytest.mark.parametrize(
        ("query", "body"),
        [
            ("name[$ne]=x", {"name[$ne]": [f"Unknown parameter. Choices are: {PARAMETERS}"]}),
            (
                "yaer=2000",
                {
                    "yaer": [
                        f"Unknown parameter. Did you mean 'year'? Choices are: {PARAMETERS}",
                    ]
                },
            ),
            ("year=x", {"year": ["Film.year: “x” is not valid, expected a whole number."]}),
            (
                "year[$gt]=1&title=x",
                {
                    "year[$gt]": [
                        f"Unknown parameter. Did you mean 'year__gte'? Choices are: {PARAMETERS}",
                    ],
                    "title": [f"Unknown parameter. Choices are: {PARAMETERS}"],
                },
            ),
            (
                "ordering=-cast",
                {
                    "ordering": [
                        "Cannot order by '-cast'. Choices are: title, year, box_office.",
                    ]
                },
            ),
        ],
    )
    def test_bad_parameters(self, read, query, body):
        """Each is named in a 400, with what would have been right."""
        assert read(f"films/?{query}") == (400, body)

    def test_bad_cursor(self, read):
        """A token that was made up leads to no page."""
        assert read("films/?after=made-up") == (
            400,
            {"after": ["The page token is not valid here; start from the first page."]},
        )


class TestBadBodies:
    @pytest.mark.parametrize(
        ("data", "body"),
        [
            ({"shelf": 1}, {"shelf": [f"Unknown field. Choices are: {FIELDS}"]}),
            ({"titel": 1}, {"titel": ["Unknown field. Did you mean 'title'?"]}),
            ({"year": "soon"}, {"year": ["A valid integer is required."]}),
            ({"title": {"$ne": 1}}, {"title": ["Not a valid string."]}),
            (
                {
                    "genres": ["War", {"$gt": ""}],
                    "ratings": {"average": "good", "averge": 1},
                    "director": "nobody",
                },
                {
                    "genres": {"1": ["Not a valid string."]},
                    "director": [
                        "“nobody” is not valid, expected an ObjectId (24 hexadecimal digits)."
                    ],
                    "ratings": {
                        "average": ["A valid number is required."],
                        "averge": ["Unknown field. Did you mean 'average'?"],
                    },
                },
            ),
            (
                {"countries": ["Soviet Union"]},
                {"countries": {"0": ['Invalid pk "Soviet Union" - object does not exist.']}},
            ),
        ],
    )
    def test_values(self, curl, film, data, body):
        """All errors come at once, at their paths, and nothing is stored."""
        before = film.find_one("e2e-1")

        assert curl("PATCH", "films/e2e-1/", data) == (400, body)
        assert film.find_one("e2e-1") == before

    def test_missing_values(self, curl):
        """A new document needs its required fields."""
        required = ["This field is required."]

        assert curl("POST", "films/", {}) == (
            400,
            {"imdb_id": required, "title": required, "year": required},
        )

    def test_taken_key(self, curl, film):
        """A key that is taken is an error of its field."""
        assert curl("POST", "films/", FILM) == (
            400,
            {"imdb_id": ["Film with this IMDb id already exists."]},
        )

    def test_taken_name(self, curl, demo_database):
        """So is a unique value that another document has."""
        answer = curl("POST", "countries/", {"code": "e2", "name": "China", "continent": "AS"})

        assert answer == (400, {"name": ["Country with this name already exists."]})

    def test_no_json(self, curl):
        """A body that cannot be read says where."""
        assert curl("POST", "films/", '{"title":') == (
            400,
            {"detail": "JSON parse error - Expecting value: line 1 column 10 (char 9)"},
        )

    def test_what_others_refer_to(self, curl):
        """A country with cities cannot be deleted."""
        assert curl("DELETE", "countries/CN/") == (
            409,
            {"detail": "Other documents refer to this one."},
        )


class TestUnknownAddresses:
    @pytest.mark.parametrize("path", ["films/nonsense/", "films/%24ne/"])
    def test_unknown_keys(self, read, path):
        """No document has them."""
        assert read(path) == (404, {"detail": "No Film matches the given query."})

    @pytest.mark.parametrize("path", ["cities/abc/", "cities/99999999999999999999/", "people/1/"])
    def test_keys_of_another_type(self, read, path):
        """No document can have them."""
        assert read(path).status == 404

    @pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
    def test_writes(self, curl, verb):
        """What is not there cannot be written."""
        assert curl(verb, "films/nonsense/", FILM).status == 404


class TestPermissions:
    def test_everybody_reads(self, read, film):
        """The demo's API can be read without a login."""
        assert read("films/e2e-1/").status == 200

    @pytest.mark.parametrize(
        ("verb", "path"),
        [
            ("POST", "films/"),
            ("PUT", "films/e2e-1/"),
            ("PATCH", "films/e2e-1/"),
            ("DELETE", "films/e2e-1/"),
        ],
    )
    def test_nobody_writes_without_a_login(self, curl, film, verb, path):
        """The answer says what is missing, and nothing happens."""
        before = film.find_one("e2e-1")

        assert curl(verb, path, FILM, user="") == (
            403,
            {"detail": "Authentication credentials were not provided."},
        )
        assert film.find_one("e2e-1") == before

    def test_wrong_password(self, curl):
        """It is told at once, for reading too."""
        assert curl("GET", "films/", user="admin:wrong") == (
            403,
            {"detail": "Invalid username/password."},
        )
