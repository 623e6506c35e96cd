from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0013_rating_of_assessment")]

    operations = [
        migrations.AddIndex("signedrecord", models.Index(fields=["sha256"], name="record_by_its_hash")),
        migrations.AddIndex("report", models.Index(fields=["sha256"], name="report_by_its_hash")),
    ]
