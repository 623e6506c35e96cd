"""Load a framework file, confirm what became of each competence, and publish: python -m tests.faults.publish FILE

In a process of its own, because the tests never open Django's database themselves.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")


def main(file: Path) -> None:
    django.setup()
    from assessments.actions import frameworks, lineage  # noqa: PLC0415  models exist after django.setup()
    from assessments.importers import own_yaml  # noqa: PLC0415

    data = replace(own_yaml.read(file.read_bytes()), previous="1.0")
    revision = frameworks.load(by=None, data=data)
    lineage.confirm(by=None, revision=revision, links=revision.links.values_list("pk", flat=True))
    frameworks.publish(by=None, revision=revision)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
