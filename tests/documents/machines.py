"""Documents whose hooks write down that they ran."""

from docmodels import documents

#: What ran, in order.
LOG = []


class Part(documents.EmbeddedDocument):
    size = documents.IntegerField(max_value=10)

    @documents.pre("validate", "save")
    def note_part(self):
        LOG.append("part pre")

    @documents.post("save")
    def note_part_saved(self):
        LOG.append("part post")


class Machine(documents.Document):
    name = documents.CharField(max_length=20)
    slug = documents.CharField(blank=True)
    parts = documents.EmbeddedListField(Part)

    class Meta:
        app_label = "hooked"

    @documents.pre("validate")
    def make_slug(self):
        LOG.append("pre validate")
        self.slug = self.name.lower()

    @documents.post("validate")
    def validated(self):
        LOG.append("post validate")

    @documents.pre("save")
    def before_save(self):
        LOG.append("pre save")
        if self.name == "forbidden":
            raise RuntimeError("not this one")
        if self.name == "late":
            self.name = "x" * 30

    @documents.on_error("save")
    def first_error(self, error):
        LOG.append(f"error 1 {error}")
        if str(error) == "not this one":
            raise ValueError("replaced") from error

    @documents.post("save")
    def after_save(self):
        LOG.append("post save")
        if self.name == "bad post":
            raise RuntimeError("after")

    @documents.on_error("save")
    def second_error(self, error):
        LOG.append(f"error 2 {error}")

    @documents.pre("delete")
    def before_delete(self):
        LOG.append("pre delete")

    @documents.post("delete")
    def after_delete(self):
        LOG.append("post delete")

    @documents.post("init")
    def loaded(self):
        LOG.append("init")

    @documents.pre("update")
    @classmethod
    def before_update(cls, queryset):
        LOG.append("pre update")
        return queryset.exclude(name="locked")

    @documents.pre("find", "find_one", "count", "distinct", "aggregate", "bulk")
    @classmethod
    def before_query(cls, queryset, *rest):
        LOG.append("pre query")
