"""How well lineage is proposed for two revisions of a real standard whose authors say what became of what.

Prints JSON: what a proposal joins, how much of it the authors join too, and the processor time of 5,000 against 5,000.
"""

import csv
import json
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assessments.revisions import (  # noqa: E402  a script's folder is on the path, the product's is not
    ActivityData,
    CompetenceData,
    DomainData,
    RevisionData,
    ScaleData,
    lineage,
)

ASVS = ROOT / "tests" / "files" / "asvs"
NODES = 5000
NO_SCALE = ScaleData("none", 1, "None", "ascending", "1", [])


def revision(number: str, texts: dict[str, str]) -> RevisionData:
    competences = [CompetenceData(key, key, "skill", text) for key, text in texts.items()]
    activity = ActivityData("all", "all", "All", "All", competences=competences)
    domain = DomainData("all", "all", "All", "All", activities=[activity])
    return RevisionData("asvs", "ASVS", number, "ASVS", NO_SCALE, [domain])


def asvs(number: str) -> RevisionData:
    """Keys name the revision: the numbers stand in both and mean different things."""
    with (ASVS / f"{number}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return revision(number, {f"{number}-{row['req_id'][1:]}": row["req_description"] for row in rows})


def official() -> set[tuple[str, str]]:
    """The pairs that the authors join, whatever they call the step."""
    joined, older = set(), ""
    for line in (ASVS / "4.0.3-to-5.0.0.yml").read_text().splitlines():
        if line.startswith("v"):
            older = line.strip("v:")
        joined |= {(older, newer) for newer in re.findall(r"v(5\.0\.0-[\d.]+)", line)}
    return joined


def proposed() -> set[tuple[str, str]]:
    links = lineage.propose(asvs("4.0.3"), asvs("5.0.0"))
    return {(link.older, link.newer) for link in links if link.older and link.newer}


def cpu_seconds(nodes: int = NODES) -> float:
    """Statements made of halves of real ones, each with a word changed, no two with one identity."""
    chance = random.Random(1)
    real = [node.text.split() for number in ("4.0.3", "5.0.0") for node in lineage.rateable(asvs(number))]
    before = [_crossed(chance.choice(real), chance.choice(real)) for _ in range(nodes)]
    older = revision("1", {f"1-{place}": " ".join(words) for place, words in enumerate(before)})
    newer = revision("2", {f"2-{place}": " ".join(_changed(words, chance)) for place, words in enumerate(before)})
    begun = time.process_time()
    lineage.propose(older, newer)
    return time.process_time() - begun


def _crossed(one: list[str], two: list[str]) -> list[str]:
    return [*one[: len(one) // 2], *two[len(two) // 2 :]]


def _changed(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    return [*words[:place], "changed", *words[place + 1 :]]


def main() -> int:
    stated, found = official(), proposed()
    right = len(stated & found)
    json.dump({"proposed": len(found), "right": right, "stated": len(stated), "seconds": cpu_seconds()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
