"""What a package said besides when it was imported, as far as CASE 1.1 can hold it again."""

from collections.abc import Callable, Iterator
from typing import Any

from assessments.exporters.case_links import Object
from assessments.revisions import CompetenceData, Kept, RevisionData

# Members that are plain texts, and members that are lists of texts.
ITEM = {"text": ["alternativeLabel", "language"], "list": ["subject", "educationLevel"]}
DOCUMENT = {"text": ["frameworkType"], "list": ["subject"]}
TYPES = {
    *["isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo", "replacedBy", "exemplar", "hasSkillLevel"],
    "isTranslationOf",
}


def item(kept: Kept) -> Object:
    return _fitting(kept, ITEM)


def about(data: RevisionData) -> Object:
    said = data.kept.get("CFDocument")
    return _fitting(said, DOCUMENT) if isinstance(said, dict) else {}


def keywords(competence: CompetenceData) -> list[str]:
    """Its kind first, then what it came with."""
    given = _texts(competence.kept.get("conceptKeywords"))
    safety = ["Safety-critical"] if competence.is_safety_critical else []
    return list(dict.fromkeys([competence.kind.capitalize(), *safety, *given]))


def links(
    data: RevisionData, items: list[Object], known: list[Object], dated: Callable[[Object], Object]
) -> Iterator[Object]:
    """Links about an item of this package, unless the package says the same already."""
    here = {each["identifier"] for each in items}
    told = {_ends(link) for link in known}
    found = data.kept.get("associations")
    for link in found if isinstance(found, list) else []:
        if _is_whole(link) and _ends(link) not in told and here & {*_ends(link)[1:]}:
            told.add(_ends(link))
            names = ["identifier", "uri", "associationType", "originNodeURI", "destinationNodeURI", "notes"]
            yield dated({name: _plain(link[name]) for name in names if name in link})


def _is_whole(link: Any) -> bool:
    if not isinstance(link, dict) or link.get("associationType") not in TYPES:
        return False
    texts = [link.get("identifier"), link.get("uri"), link.get("notes", "")]
    ends = [link.get("originNodeURI"), link.get("destinationNodeURI")]
    texts += [
        end.get(name) if isinstance(end, dict) else None for end in ends for name in ["title", "identifier", "uri"]
    ]
    return all(isinstance(text, str) for text in texts)


def _ends(link: Object) -> tuple[str, str, str]:
    ends = [link[name]["identifier"].lower() for name in ["originNodeURI", "destinationNodeURI"]]
    return (link["associationType"], ends[0], ends[1])


def _plain(value: Any) -> Any:
    """An end without what 1.0 allowed and 1.1 does not."""
    return {name: value[name] for name in ["title", "identifier", "uri"]} if isinstance(value, dict) else value


def _fitting(kept: Kept, names: dict[str, list[str]]) -> Object:
    texts = {name: kept[name] for name in names["text"] if isinstance(kept.get(name), str)}
    lists = {name: found for name in names["list"] if (found := _texts(kept.get(name)))}
    return {**texts, **lists}


def _texts(value: Any) -> list[str]:
    """A list of texts; real packages write a single text as well."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str) and each]
