"""A CASE 1.0 or 1.1 package (1EdTech): JSON with one document, a flat list of items, and links that make the tree.

Kept aside, under CASE's own names: what an item says besides, in its node; in the reading's `kept` the rest of
CFDocument, the definitions and rubrics, `associations` (all links but the tree's), `child_links` (what the tree's
links say besides, by child) and `left_out` (items that were not read).
"""

import re
from typing import Any

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import case_lineage, case_rubrics, case_tree, strict_json
from assessments.importers.findings import Findings
from assessments.importers.members import Members
from assessments.importers.reading import MAX_NODES, Answers, Reading

FORMAT = "case"
MAX_LINKS = 6 * MAX_NODES  # as many as the most seen: six to an item

_SIGN = re.compile(rb'"(?:CFDocuments?|CFItems|CFAssociations|CFPackageURI)"\s*+:')


def recognises(name: str, content: bytes) -> bool:
    """Whether it is CASE, by its content; the name does not matter."""
    starts = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}
    return starts and bool(_SIGN.search(content))


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """Read a package. Raises ImportRejected when it is not one, or cannot be parsed."""
    findings = Findings()
    document, problems = strict_json.parsed(content)
    findings.problems += problems
    _check_kind(document)
    package = Members(document, (), findings)
    for name_of_list, most in {"CFItems": MAX_NODES, "CFAssociations": MAX_LINKS}.items():
        entries = package.value.get(name_of_list)
        if isinstance(entries, list) and len(entries) > most:
            what = f"It has more than {most:,} entries."
            raise ImportRejected([Problem(f"/{name_of_list}", what, "Split the framework into several packages.")])
    about = package.inside("CFDocument")
    tree = case_tree.read(package, about, keep_retired=answers.keep_retired)
    metadata = _metadata(about, package)
    scale = case_rubrics.read(package, tree.ends, metadata["title"])
    kept = {**package.rest(), **tree.kept, "CFDocument": about.rest()}
    if package.has("CFRubrics"):
        kept["CFRubrics"] = package.value["CFRubrics"]
    return findings.checked(
        Reading(
            format=FORMAT,
            nodes=tree.nodes,
            metadata=metadata,
            scale=scale,
            lineage=case_lineage.read(tree),
            kept=kept,
        )
    )


def _check_kind(document: Any) -> None:
    """Refuse what CASE serves besides packages, in words that say what was found."""
    documents = document.get("CFDocuments") if isinstance(document, dict) else document
    if isinstance(documents, list):
        what = f"It is a list of {len(documents):,} CASE documents, not the package of one."
        raise ImportRejected([Problem("file", what, "Download one of them as a package (CFPackages).")])
    if isinstance(document, dict) and isinstance(document.get("CFDocument"), dict):
        return
    if isinstance(document, dict) and "CFPackageURI" in document:
        what = "It is a CASE document without its items."
        raise ImportRejected([Problem("file", what, "Download the package that its CFPackageURI names.")])
    raise ImportRejected([Problem("/CFDocument", "The package has no document.", "Download the package again.")])


def _metadata(about: Members, package: Members) -> dict[str, str]:
    title = about.text("title")
    if not title:
        about.findings.problem(about.place("title"), "The framework has no title.", "Give it one.")
    licence, attribution = _licence(about, package)
    said = {
        "title": title,
        "framework_title": title,
        "number": about.text("version"),
        "language": about.text("language"),
        "summary": about.text("description"),
        "authors": about.text("creator"),
        "rights_holder": about.text("publisher"),
        "issued_on": case_tree.day(about, "statusStartDate"),
        "source_url": _address(about.text("officialSourceURL")) or _address(about.value.get("uri")),
        "licence": licence,
        "attribution": attribution,
        "source_id": about.raw("identifier").lower(),
    }
    return {name: value for name, value in said.items() if value or name == "title"}


def _address(written: object) -> str:
    """An address that a page may link to."""
    return written if isinstance(written, str) and written.lower().startswith(("http://", "https://")) else ""


def _licence(about: Members, package: Members) -> tuple[str, str]:
    """The licence's name and text, which stand among the definitions."""
    link, definitions = about.peek("licenseURI"), package.peek("CFDefinitions")
    for licence in definitions.objects("CFLicenses"):
        if link.value and licence.raw("identifier").lower() == link.raw("identifier").lower():
            return licence.text("title") or link.text("title"), licence.text("licenseText")
    return link.text("title"), ""
