import os
import stat
import zipfile

import pytest
from django.core.management import CommandError, call_command

from assessments.models import AuditEvent

pytestmark = pytest.mark.django_db


def export(person, path, **options):
    call_command("export_person", person.email.upper(), output=path, **options)


def noted():
    return list(AuditEvent.objects.filter(type="archive_downloaded").values_list("by", "person", "data"))


@pytest.mark.parametrize("with_drafts", [False, True])
def test_archive_is_written_and_noted(tmp_path, therapist, draft, with_drafts):
    path = tmp_path / "amara.zip"

    export(therapist, path, with_drafts=with_drafts)

    holds_draft = any(str(draft.pk)[-8:] in name for name in zipfile.ZipFile(path).namelist())
    assert holds_draft == with_drafts
    assert noted() == [(None, therapist.pk, {"with_drafts": with_drafts})]


@pytest.mark.parametrize(("with_drafts", "said"), [(False, "without drafts"), (True, "drafts included")])
def test_command_says_what_it_wrote(tmp_path, capsys, therapist, with_drafts, said):
    path = tmp_path / "amara.zip"

    export(therapist, path, with_drafts=with_drafts)

    assert capsys.readouterr().out == f"Amara Okafor, {said}: {path.stat().st_size:,} bytes in {path}.\n"


def test_archive_is_for_nobody_else_on_the_machine(tmp_path, therapist):
    export(therapist, tmp_path / "amara.zip")

    assert stat.S_IMODE((tmp_path / "amara.zip").stat().st_mode) == 0o600


def test_file_that_is_there_stays(tmp_path, therapist):
    path = tmp_path / "amara.zip"
    path.write_text("Earlier")

    with pytest.raises(CommandError, match=r"is there already\. Choose another name, or remove it first\.$"):
        export(therapist, path)

    assert (path.read_text(), noted()) == ("Earlier", [])


def test_folder_that_is_missing_is_told(tmp_path, therapist):
    with pytest.raises(CommandError, match=r"amara\.zip cannot be written: No such file or directory\.$"):
        export(therapist, tmp_path / "missing" / "amara.zip")

    assert noted() == []


def test_half_a_file_is_not_left(tmp_path, monkeypatch, therapist):
    path, opened = tmp_path / "amara.zip", os.open

    def on_a_full_disk(name, flags, mode):
        os.close(opened(name, flags, mode))
        return opened("/dev/full", os.O_WRONLY)

    monkeypatch.setattr("assessments.management.commands.export_person.os.open", on_a_full_disk)

    with pytest.raises(CommandError, match=r"cannot be written: No space left on device\.$"):
        export(therapist, path)

    assert (path.exists(), noted()) == (False, [])


def test_address_of_nobody_is_told(tmp_path):
    with pytest.raises(CommandError, match=r"^Nobody has the address nobody@example\.org\.$"):
        call_command("export_person", "nobody@example.org", output=tmp_path / "nobody.zip")
