from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.actions import demo as action
from assessments.exceptions import Refused
from assessments.importers import demo
from assessments.models import Organisation, Status


def positive(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a whole number above zero.")
    return int(text)


class Command(BaseCommand):
    help = (
        f"Load the demo people and their assessments, all with password {action.PASSWORD}. "
        "Needs IPT_DEMO=1 and the published IPT revision. Where the demo stands already, nothing changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, kept in [("--therapists", "six are"), ("--assessments", "41 are")]:
            parser.add_argument(
                name,
                type=positive,
                default=0,
                metavar="N",
                help=f"how many in all; {kept} always there, and further assessments are shared, not signed",
            )
        parser.add_argument("--seed", type=int, default=2026, help="the same seed on the same day gives the same demo")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IPT_DEMO:
            raise CommandError("Demo people have a public password, so seed_demo runs only with IPT_DEMO=1.")
        cast = demo.read((settings.BASE_DIR / "fixtures" / "demo.yaml").read_bytes())
        if Organisation.objects.filter(name=cast.organisation).exists():
            self.stdout.write(f"{cast.organisation} is here already. Nothing was changed.")
            return
        wanted = {name: options[name] for name in ["therapists", "assessments", "seed"]}
        try:
            counts = action.load(cast=demo.grow(cast, **wanted), today=timezone.localdate(), seed=options["seed"])
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{cast.organisation}: {_in_words(counts)}.")


def _in_words(counts: action.Counts) -> str:
    states = [f"{count} {Status(state).label.lower()}" for state, count in counts.assessments.most_common()]
    return (
        f"{counts.people} people, {counts.supervisions} supervisions, "
        f"{counts.assessments.total()} assessments ({', '.join(states)}), "
        f"{counts.ratings} ratings, {counts.records} signed records"
    )
