import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from assessments.actions import people
from assessments.exceptions import Refused
from assessments.models import Organisation, Role


class Command(BaseCommand):
    help = "Make an organisation's first administrator, and the organisation if it is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--organisation", required=True)
        parser.add_argument("--password", help="asked for when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"] or getpass.getpass("Password: ")
        try:
            with transaction.atomic():
                name = options["organisation"]
                organisation = Organisation.objects.filter(name=name).first()
                people.create_person(
                    by=None,
                    email=options["email"],
                    name=options["name"],
                    organisation=organisation or people.create_organisation(by=None, name=name),
                    role=Role.ADMIN,
                    starts_on=timezone.localdate(),
                    password=password,
                )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{options['email']} administers {options['organisation']}.")
