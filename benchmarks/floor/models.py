from django.db import models


class Line(models.Model):
    text = models.CharField(max_length=28)

    class Meta:
        db_table = "floor_line"
        managed = False  # prepare.py makes the tables

    def __str__(self) -> str:
        return self.text
