import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0012_quarter_standing")]

    operations = [
        migrations.AddIndex(
            "rating",
            models.Index(fields=["assessment", "competence", "outcome", "level"], name="rating_of_assessment"),
        ),
        migrations.AlterField(
            "rating",
            "assessment",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ratings",
                to="assessments.assessment",
            ),
        ),
    ]
