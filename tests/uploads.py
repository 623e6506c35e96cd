"""A framework's file as administrators send it, and the steps they take with it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.exporters import own_yaml
from assessments.models import FrameworkImport
from tests import factories

HOME = "/manage/frameworks/"
SHEET = """\
domain,activity,code,statement
Listening,Silence,A1,An ability to wait.
Listening,Silence,A2,An ability to bear silence.
Asking,Opening,B1,An ability to ask openly.
"""
ABOUT = {
    "framework": "cbt",
    "framework_title": "CBT",
    "number": "1.0",
    "title": "CBT list",
    "shape": "nested",
    "kind": "skill",
    "scale": "ipt-development/1",
}
PASTED = "1 Listening\n\n1.1 Silence\n1.1.1 An ability to wait.\n"
SMALL = own_yaml.write(factories.make_revision_data())


def upload(client, content=SHEET, name="list.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post(HOME, {"file": SimpleUploadedFile(name, content)})


def the_import():
    return FrameworkImport.objects.latest("uploaded_at")


def page(client, step, **query):
    return client.get(the_import().get_absolute_url(), {"step": step, **query})


def send(client, step, **data):
    return client.post(f"{the_import().get_absolute_url()}?step={step}", data)


def described(client, **changes):
    upload(client)
    send(client, "about", **ABOUT | changes)
