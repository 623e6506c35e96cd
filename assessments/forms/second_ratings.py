from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.forms.fields import Form
from assessments.models import User


class AskSecondForm(Form):
    rater = forms.ModelChoiceField(
        label="Another supervisor",
        queryset=User.objects.none(),
        empty_label="Choose a supervisor",
    )

    def __init__(self, *args: Any, raters: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("rater", raters)
