from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from assessments.forms.fields import Date, Form, Line, Text
from assessments.importers import assembly, codes, columns, shaping
from assessments.importers.reading import MAX_BYTES, MAX_TEXT, Answers, Table
from assessments.models import Activity, Competence, FrameworkRevision, LinkKind, RatingScale
from assessments.models.framework import Kind, Phase, ProblemArea, Scope

# As many codes as a split may have, each as long as a code may be, with what stands between them.
CODES = 20 * (codes.CODE_LENGTH + 2)
LINE, SAMPLE = 300, 80


def _line(label: str, name: str, *, required: bool = False, help_text: str = "") -> forms.CharField:
    return Line(
        label=label,
        max_length=assembly.METADATA[name],
        required=required,
        help_text=help_text,
    )


class UploadForm(Form):
    """A file as it comes, or a list pasted in."""

    file = forms.FileField(
        label="File",
        required=False,
        help_text="XLSX, CSV, CASE package, Moodle framework, Mahara matrix, this product's own YAML, or plain text.",
    )
    text = Text(
        label="Or a list pasted in",
        required=False,
        rows=8,
        max_length=1_000_000,
        strip=False,  # the indent of the first line says where it belongs
        help_text="An indented or numbered list, or text copied from a PDF or Word file.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise ValidationError(
                f"This file is larger than {MAX_BYTES // 1024**2} MB. Split it, or leave out what is not text."
            )
        return file

    def clean(self) -> dict[str, Any]:
        if not self.errors and bool(self.cleaned_data.get("file")) == bool(self.cleaned_data.get("text", "").strip()):
            raise ValidationError("Choose a file, or paste a list: one of the two.")
        return self.cleaned_data

    @property
    def upload(self) -> tuple[str, bytes]:
        """Name and bytes of what was given."""
        file = self.cleaned_data["file"]
        return (file.name, file.read()) if file else ("pasted list.txt", self.cleaned_data["text"].encode())


class ColumnsForm(Form):
    """Which column of a sheet is what: guessed, and corrected here."""

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        if len(table.sheets) > 1:
            choices = [(name, name) for name in table.sheets]
            self.fields["sheet"] = forms.ChoiceField(label="Sheet", choices=choices, initial=table.sheet)
        for place, column in enumerate(table.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column.head or f"Column {place + 1}",
                choices=list(columns.ROLES.items()),
                initial=column.role,
                help_text=" · ".join(Truncator(sample).chars(SAMPLE) for sample in column.samples),
                required=False,
            )
        self.fields["fill_down"] = forms.BooleanField(
            label="A blank cell repeats the one above", required=False, help_text="For merged or filled-down cells."
        )

    def answers(self, before: Answers) -> Answers:
        """Another sheet has other columns, so choosing one begins the guessing anew."""
        sheet = self.cleaned_data.get("sheet", before.sheet)
        roles = {column.head: self.cleaned_data[f"column-{n}"] for n, column in enumerate(self.table.columns)}
        is_same = sheet == (before.sheet or self.table.sheet)
        return replace(before, sheet=sheet, fill_down=self.cleaned_data["fill_down"], columns=roles if is_same else {})


class AboutForm(Form):
    """What the revision is called, whose it is, what it follows, and what its levels mean."""

    framework = _line("Framework's address", "framework", required=True, help_text="Short and for ever, such as ipt.")
    framework_title = _line("Framework", "framework_title", required=True)
    number = _line("Number of this revision", "number", required=True, help_text="As printed, such as 1.1.")
    title = _line("Title of this revision", "title", required=True)
    previous = forms.ChoiceField(
        label="Follows",
        required=False,
        help_text="The published revision of the same framework that this one replaces.",
    )
    shape = forms.ChoiceField(label="What the levels of the file are here", required=False, widget=forms.RadioSelect)
    level = forms.ChoiceField(label="Level that holds the competences", required=False)
    kind = forms.ChoiceField(
        label="Kind of competences that do not say", choices=Kind.choices, initial=Kind.SKILL, required=False
    )
    scale = forms.ChoiceField(label="Rating scale", required=False)
    summary = Text(label="Summary", required=False, rows=2, max_length=MAX_TEXT)
    language = _line("Language", "language", help_text="For example en-GB.")
    issued_on = Date(label="Issued on", required=False)
    authors = Text(label="Authors", required=False, rows=2, max_length=MAX_TEXT)
    commissioner = Text(label="Commissioned by", required=False, rows=2, max_length=MAX_TEXT)
    source_name = _line("Source", "source_name")
    source_url = forms.URLField(label="Address of the source", max_length=500, required=False, assume_scheme="https")
    rights_holder = _line("Rights holder", "rights_holder")
    licence = _line("Licence, or what permits its use", "licence")
    attribution = Text(label="Attribution", required=False, rows=2, max_length=MAX_TEXT)
    notice = Text(label="Notice under every page and report", required=False, rows=2, max_length=MAX_TEXT)
    is_redistributable = forms.BooleanField(
        label="Anybody may read and download it",
        required=False,
        help_text="Unless this is ticked, only people who are signed in see it. Tick it only if the licence says so.",
    )
    keep_retired = forms.BooleanField(label="Keep entries that the file itself calls ended", required=False)

    def __init__(
        self,
        *args: Any,
        assembled: assembly.Assembled,
        follows: Iterable[FrameworkRevision],
        scales: Sequence[RatingScale],
        has_own_scale: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = [(f"{row.framework.slug}/{row.number}", f"{row.framework.title}: {row}") for row in follows]
        self._choose("previous", [("", "No earlier revision"), *known])
        own = [("", "The file's own")] if has_own_scale else []
        self._choose("scale", [*own, *((f"{row.key}/{row.version}", str(row)) for row in scales)])
        self._choose("shape", [(name, shaping.SHAPES[name]) for name in assembled.shapes])
        self._choose("level", [("", "None"), *((name, name) for name in assembled.levels)])
        for name in [] if assembled.shapes else ["shape", "level", "kind", "keep_retired"]:
            del self.fields[name]
        if assembled.shapes and shaping.WINDOW not in assembled.shapes:
            del self.fields["level"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        slug, _, number = self.cleaned_data.get("previous", "").rpartition("/")
        framework = self.cleaned_data.get("framework", "")
        if number and framework and slug != framework:
            self.add_error("previous", f"This is a revision of {slug}. Choose one of {framework}, or mend the address.")
        return self.cleaned_data | {"previous": number}

    def answers(self, before: Answers) -> Answers:
        data = self.cleaned_data
        metadata = {name: str(data[name] or "") for name in assembly.METADATA}
        metadata |= {
            "previous": data["previous"],
            "is_redistributable": "yes" if data["is_redistributable"] else "no",
        }
        return replace(
            before,
            metadata=metadata,
            scale=data["scale"],
            shape=data.get("shape", ""),
            level=data.get("level", ""),
            kind=data.get("kind") or Kind.SKILL,
            keep_retired=data.get("keep_retired", False),
        )


class LoadForm(Form):
    """The last confirmation. Warnings, where there are any, are confirmed one and all."""

    is_confirmed = forms.BooleanField(label="I have read the warnings and accept what they say.")

    def __init__(self, *args: Any, warnings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warnings:
            del self.fields["is_confirmed"]


class DecisionForm(Form):
    """What became of one competence: the kind, and the codes of those that follow it."""

    kind = forms.ChoiceField(label="What became of it", choices=[*LinkKind.choices])
    codes = Line(
        label="Codes in the new revision",
        max_length=CODES,
        required=False,
        help_text="Separated by commas.",
    )
    note = Line(label="Reason", max_length=LINE, required=False)

    def clean_codes(self) -> list[str]:
        return [code for part in self.cleaned_data["codes"].split(",") if (code := part.strip())]


class NodeForm(Form):
    """The fields of a draft's domain, activity or competence; `seen` guards against two editors."""

    code = Line(label="Code", max_length=40)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not codes.CODE.fullmatch(code):
            raise ValidationError("A code is made of letters, digits, dot, hyphen and underscore. Mend it.")
        return code


class DomainForm(NodeForm):
    title = Line(label="Title", max_length=300)
    short_title = Line(label="Short title", max_length=40)
    summary = Text(label="Summary", required=False, rows=2, max_length=MAX_TEXT)
    introduction = Text(label="Introduction", required=False, max_length=MAX_TEXT)


class ActivityForm(NodeForm):
    title = Line(label="Title", max_length=300)
    short_title = Line(label="Short title", max_length=60)
    scope = forms.ChoiceField(label="Scope", choices=Scope.choices)
    phase = forms.ChoiceField(label="Phase", choices=[("", "Every phase"), *Phase.choices], required=False)
    problem_area = forms.ChoiceField(label="Problem area", choices=[("", "None"), *ProblemArea.choices], required=False)
    group_heading = Line(
        label="Heading above",
        max_length=200,
        required=False,
    )
    introduction = Text(label="Introduction", required=False, max_length=MAX_TEXT)


class CompetenceForm(NodeForm):
    text = Text(label="Statement", rows=3, max_length=MAX_TEXT)
    kind = forms.ChoiceField(label="Kind", choices=Kind.choices)
    subheading = Line(
        label="Sub-heading above",
        max_length=200,
        required=False,
    )
    guidance = Text(label="Guidance", required=False, rows=3, max_length=MAX_TEXT)
    is_safety_critical = forms.BooleanField(label="Critical for safety", required=False)


class PutIntoForm(Form):
    activity = forms.ChoiceField(label="Move to the end of another activity")

    def __init__(self, *args: Any, activities: Iterable[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["activity"]).choices = [
            (activity.code, str(activity)) for activity in activities
        ]


def values_of(form: type[NodeForm], node: Any) -> dict[str, Any]:
    """What a node's form begins with, and what its editor has seen."""
    return {name: getattr(node, name) for name in form.base_fields}


def fitting_form(node: Any) -> type[NodeForm]:
    if isinstance(node, Competence):
        return CompetenceForm
    return ActivityForm if isinstance(node, Activity) else DomainForm
