from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import checks  # noqa: F401, PLC0415  registering them needs the loaded apps
