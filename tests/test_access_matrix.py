"""Every URL for every kind of person, in every state of the assessment it is about."""

import json
import re
from contextlib import contextmanager
from functools import cache, cached_property
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, path, reverse
from django.utils import timezone

from assessments.actions import assessments, bundles, goals, scales, self_assessments
from assessments.forms.frameworks import CompetenceForm, values_of
from assessments.models import Activity, BundleStatus, RecordAccess, ReportBundle, Role, Supervision, User
from assessments.queries import (
    programme_content,
    programme_fingerprint,
    short_form_content,
    short_form_fingerprint,
)
from assessments.queries.revisions import scale_data
from assessments.revisions.scales import fingerprint
from assessments.urls import FOREIGN
from assessments.views.access import RULE, assert_declared
from tests import factories, filled
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

# The columns of the tables. `auth` is Helen, the author of the assessment, and `ther` Amara, whom it is about. `late`
# and `gone` are Helen when her supervision ended ten days ago, and when the time to finish is over, too. `coll`
# supervises Amara beside her. `othe` and `osup`, therapist and supervisor, belong to the same organisation and have
# nothing to do with Amara. Those with ' belong to another one.
ROLES = {
    "none": None,
    "ther": "therapist",
    "auth": "supervisor",
    "late": "supervisor",
    "gone": "supervisor",
    "coll": "second_supervisor",
    "lead": "lead",
    "admn": "admin",
    "othe": "other_therapist",
    "osup": "other_supervisor",
    "sup'": "outside_supervisor",
    "the'": "outside_therapist",
    "lea'": "outside_lead",
    "adm'": "outside_admin",
}
ENDED_DAYS_AGO = {"late": 10, "gone": 40}
SIGN_IN = "/accounts/login/?next="

# In the cells: a status; `in` for the way to the sign-in page, `go` for any other redirect; `–` where a test of its
# own below says what is expected.
TABLES = {
    "GET": """
        url                     state     none ther auth late gone coll lead admn othe osup sup' the' lea' adm'
        home                    any       200  go   go   go   go   go   go   go   go   go   go   go   go   go
        frameworks              any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        framework               any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        revision                any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        domain                  any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        activity                any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        framework-compare       any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        difference              any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        difference-pdf          any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        difference-csv          any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        background              any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        revision-search         any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        framework-download      any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        revision-download       any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        domain-download         any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        activity-download       any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        help                    any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        privacy                 any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        accessibility           any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        verify                  any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        healthz                 any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        readyz                  any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        therapists              any       in   403  200  200  200  200  200  403  403  200  200  403  200  403
        therapist               any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        therapist-agenda        any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        therapist-report        any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        therapist-accesses      any       in   200  403  403  403  403  403  403  404  404  404  404  404  404
        therapist-requirements  any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        cohort                  any       in   403  403  403  403  403  200  200  403  403  403  403  200  200
        cohort-activity         any       in   403  403  403  403  403  200  200  403  403  403  403  200  200
        cohort-activity-figure  any       in   403  403  403  403  403  200  200  403  403  403  403  200  200
        cohort-figure           any       in   403  403  403  403  403  200  403  403  403  403  403  200  403
        cohort-agreement        any       in   403  403  403  403  403  200  200  403  403  403  403  200  200
        cohort-progress         any       in   403  403  403  403  403  200  200  403  403  403  403  200  200
        report-bundles          any       in   403  403  403  403  403  200  403  403  403  403  403  200  403
        report-bundle           any       in   403  403  403  403  403  200  403  403  403  403  403  404  403
        report-bundle-cancel    any       in   403  403  403  403  403  405  403  403  403  403  403  405  403
        report-bundle-again     any       in   403  403  403  403  403  405  403  403  403  403  403  405  403
        report-bundle-download  any       in   403  403  403  403  403  405  403  403  403  403  403  405  403
        cohort-report           any       in   403  403  403  403  403  405  403  403  403  403  403  405  403
        cohort-download         any       in   403  403  403  403  403  405  403  403  403  403  403  405  403
        therapist-archive       any       in   405  405  405  405  405  405  405  405  405  405  405  405  405
        therapist-activity      any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        therapist-figure        any       in   200  200  403  403  200  200  403  404  404  404  404  404  404
        therapist-activity-figure any     in   200  200  403  403  200  200  403  404  404  404  404  404  404
        assessments             any       in   200  200  200  200  200  200  200  200  200  200  200  200  200
        rater-links             any       in   403  200  403  403  200  403  403  404  404  404  404  404  404
        rater-ask               any       in   403  200  403  403  200  403  403  404  404  404  404  404  404
        rater-end               any       in   403  200  403  403  200  403  403  404  404  404  404  404  404
        rater-send              any       in   405  405  405  405  405  405  405  405  405  405  405  405  405
        rater-extend            any       in   405  405  405  405  405  405  405  405  405  405  405  405  405
        rater-home              any       in   go   go   go   go   go   go   go   go   go   go   go   go   go
        rater-again             any       –    –    –    –    –    –    –    –    –    –    –    –    –    –
        rater-link              any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        rater-code              any       405  405  405  405  405  405  405  405  405  405  405  405  405  405
        assessment-start        any       in   403  200  200  200  200  403  403  403  200  200  403  403  403
        assessment-import       any       in   403  200  200  200  200  403  403  403  200  200  403  403  403
        assessment-import-template any    in   403  200  200  200  200  403  403  403  200  200  403  403  403
        assessment-import-preview any     in   403  200  200  200  404  403  403  403  404  404  403  403  403
        assessment-import-discard any     in   403  405  405  405  405  403  403  403  405  405  403  403  403
        assessment              draft     in   404  200  200  200  404  403  403  404  404  404  404  404  404
        assessment              shared    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment              signed    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment              withdrawn in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment              discarded in   404  200  200  200  404  403  403  404  404  404  404  404  404
        assessment              asked     in   200  403  403  403  404  404  404  404  404  404  404  404  404
        assessment              kept      in   200  403  404  404  403  403  403  404  404  404  404  404  404
        assessment              opened    in   200  200  403  403  200  200  403  404  404  404  404  404  404
        assessment              beside    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment              blind     in   403  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-history      asked     in   200  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-history      kept      in   200  403  404  404  403  403  403  404  404  404  404  404  404
        assessment-history      blind     in   403  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-report       asked     in   200  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-report       kept      in   200  403  404  404  403  403  403  404  404  404  404  404  404
        assessment-report       blind     in   403  –    –    –    –    –    403  404  404  404  404  404  404
        assessment-comparison   shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-comparison   asked     in   403  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-comparison   kept      in   403  403  404  404  403  403  403  404  404  404  404  404  404
        assessment-comparison   blind     in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-comparison   opened    in   200  200  403  403  200  200  403  404  404  404  404  404  404
        assessment-comparison   beside    in   200  200  403  403  200  200  403  404  404  404  404  404  404
        assessment-reply        opened    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        blind     in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     opened    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     blind     in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    asked     in   403  403  403  403  404  404  404  404  404  404  404  404  404
        self-assessment-start   any       in   200  403  403  403  403  403  403  200  403  403  200  403  403
        self-assessment-ask     draft     in   405  405  405  405  405  405  405  405  405  405  405  405  405
        self-assessment-show    kept      in   405  405  405  405  405  405  405  405  405  405  405  405  405
        assessment              seconded  in   404  403  403  403  404  403  403  404  200  404  404  404  404
        assessment              rated-too in   200  200  403  403  200  200  403  404  200  404  404  404  404
        assessment              rated-first in 200  200  200  200  200  200  403  404  200  404  404  404  404
        assessment-history      seconded  in   404  403  403  403  404  403  403  404  200  404  404  404  404
        assessment-report       seconded  in   404  403  403  403  404  403  403  404  200  404  404  404  404
        assessment-context      seconded  in   404  403  403  403  404  403  403  404  403  404  404  404  404
        assessment-hand-over    seconded  in   404  403  403  403  404  403  403  404  403  404  404  404  404
        second-rating-ask       draft     in   404  200  200  403  404  200  403  404  404  404  404  404  404
        second-rating-ask       shared    in   403  200  200  403  403  200  403  404  404  404  404  404  404
        second-rating-ask       seconded  in   404  403  403  403  404  403  403  404  403  404  404  404  404
        second-rating-call-off  draft     in   405  405  405  405  405  405  405  405  405  405  405  405  405
        second-rating-comparison shared   in   403  403  403  403  403  403  403  404  404  404  404  404  404
        second-rating-comparison seconded in   404  403  403  403  404  403  403  404  403  404  404  404  404
        second-rating-comparison rated-too in  200  200  403  403  200  200  403  404  200  404  404  404  404
        second-rating-comparison rated-first in 200 200  403  403  200  200  403  404  200  404  404  404  404
        assessment-history      draft     in   404  200  200  200  404  403  403  404  404  404  404  404  404
        assessment-history      shared    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-history      signed    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-history      withdrawn in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-history      discarded in   404  200  200  200  404  403  403  404  404  404  404  404  404
        assessment-report       draft     in   404  200  200  200  404  403  403  404  404  404  404  404  404
        assessment-report       shared    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-report       signed    in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-report       withdrawn in   200  200  200  200  200  200  403  404  404  404  404  404  404
        assessment-context      draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        assessment-context      shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-context      signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-context      withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-context      discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-rate         draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        assessment-rate         shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        rating-save             draft     in   405  405  405  405  405  405  405  405  405  405  405  405  405
        outbox                  draft     in   405  405  405  405  405  405  405  405  405  405  405  405  405
        assessment-check        draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        assessment-check        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-check        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-check        withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-check        discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        goal-new                draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        goal-new                shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-new                signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-new                withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-new                discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        goal                    draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        goal                    shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal                    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal                    withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal                    discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        goal-result             draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        goal-result             shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-result             signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-result             withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-result             discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-share        draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        assessment-share        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-take-back    draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-take-back    shared    in   403  200  200  –    403  403  403  404  404  404  404  404  404
        assessment-take-back    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-take-back    withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-take-back    discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-withdraw     draft     in   404  200  200  –    404  403  403  404  404  404  404  404  404
        assessment-withdraw     shared    in   403  200  200  –    403  403  403  404  404  404  404  404  404
        assessment-withdraw     signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-withdraw     withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-withdraw     discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-hand-over    draft     in   404  200  200  –    404  200  403  404  404  404  404  404  404
        assessment-hand-over    shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-close        draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-close        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-close        waiting   in   403  403  403  403  403  200  403  404  404  404  404  404  404
        assessment-close        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-close        withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reopen       draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-reopen       shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reopen       signed    in   403  403  403  403  403  200  403  404  404  404  404  404  404
        assessment-reopen       withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-reply        shared    in   200  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-sign-off     draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-sign-off     shared    in   200  200  200  200  403  403  403  404  404  404  404  404  404
        assessment-sign-off     signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        people                  any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        organisation            any       in   403  403  403  403  403  403  200  403  403  403  403  403  404
        person-new              any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        person                  any       in   403  403  403  403  403  403  200  403  403  403  403  403  404
        membership-start        any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        membership-end          any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        supervision-start       any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        supervision-end         any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        manage-frameworks       any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        framework-import        any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        framework-import-discard any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        framework-import-file   any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        revision-manage         any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        revision-mapping        any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        revision-step           any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        draft-edit              any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        node-edit               any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        node-move               any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        scales                  any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        scale-new               any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        scale                   any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        scale-version           any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        short-forms             any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        short-form-new          any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        short-form              any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        short-form-retire       any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        programmes              any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        programme-new           any       in   403  403  403  403  403  403  200  403  403  403  403  403  200
        programme               any       in   403  403  403  403  403  403  200  403  403  403  403  403  404
        programme-retire        any       in   403  403  403  403  403  403  405  403  403  403  403  403  405
        notices                 any       in   200  200  200  200  200  200  200  200  200  200  200  200  200
        page-keys               any       in   405  405  405  405  405  405  405  405  405  405  405  405  405
        account_login           any       200  go   go   go   go   go   go   go   go   go   go   go   go   go
        account_logout          any       go   200  200  200  200  200  200  200  200  200  200  200  200  200
        account_inactive        any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        account_reauthenticate  any       in   200  200  200  200  200  200  200  200  200  200  200  200  200
        account_change_password any       in   200  200  200  200  200  200  200  200  200  200  200  200  200
        account_set_password    any       in   go   go   go   go   go   go   go   go   go   go   go   go   go
        account_reset_password  any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        account_reset_password_done any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        account_reset_password_from_key any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        account_reset_password_from_key_done any 200  200  200  200  200  200  200  200  200  200  200  200  200  200
    """,
    "POST": """
        url                     state     none ther auth late gone coll lead admn othe osup sup' the' lea' adm'
        report-bundles          any       in   403  403  403  403  403  go   403  403  403  403  403  go   403
        report-bundle-cancel    any       in   403  403  403  403  403  go   403  403  403  403  403  404  403
        report-bundle-again     any       in   403  403  403  403  403  go   403  403  403  403  403  404  403
        report-bundle-download  any       in   403  403  403  403  403  200  403  403  403  403  403  404  403
        cohort-report           any       in   403  403  403  403  403  200  403  403  403  403  403  200  403
        cohort-download         any       in   403  403  403  403  403  200  403  403  403  403  403  200  403
        therapist-archive       any       in   200  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-start        any       in   403  go   200  200  go   403  403  403  200  200  403  403  403
        rater-ask               any       in   403  go   403  403  go   403  403  404  404  404  404  404  404
        rater-send              any       in   403  go   403  403  go   403  403  404  404  404  404  404  404
        rater-extend            any       in   403  go   403  403  go   403  403  404  404  404  404  404  404
        rater-end               any       in   403  go   403  403  go   403  403  404  404  404  404  404  404
        rater-link              any       200  200  200  200  200  200  200  200  200  200  200  200  200  200
        rater-code              any       go   go   go   go   go   go   go   go   go   go   go   go   go   go
        self-assessment-start   any       in   go   403  403  403  403  403  403  go   403  403  200  403  403
        self-assessment-ask     draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        self-assessment-ask     shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        self-assessment-ask     asked     in   403  403  403  403  404  404  404  404  404  404  404  404  404
        second-rating-ask       draft     in   404  go   go   403  404  go   403  404  404  404  404  404  404
        second-rating-ask       shared    in   403  go   go   403  403  go   403  404  404  404  404  404  404
        second-rating-call-off  seconded  in   404  go   go   go   404  go   403  404  403  404  404  404  404
        second-rating-call-off  rated-too in   403  403  403  403  403  403  403  404  403  404  404  404  404
        second-rating-call-off  shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        second-rating-ask       rated-first in 403  403  403  403  403  403  403  404  403  404  404  404  404
        second-rating-ask       seconded  in   404  403  403  403  404  403  403  404  403  404  404  404  404
        assessment-rate         seconded  in   404  403  403  403  404  403  403  404  go   404  404  404  404
        assessment-share        seconded  in   404  403  403  403  404  403  403  404  200  404  404  404  404
        assessment-withdraw     seconded  in   404  403  403  403  404  403  403  404  go   404  404  404  404
        assessment-withdraw     rated-too in   403  403  403  403  403  403  403  404  403  404  404  404  404
        goal-new                seconded  in   404  403  403  403  404  403  403  404  403  404  404  404  404
        self-assessment-show    kept      in   go   403  404  404  403  403  403  404  404  404  404  404  404
        self-assessment-show    opened    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        self-assessment-show    shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         asked     in   go   403  403  403  404  404  404  404  404  404  404  404  404
        rating-save             asked     in   200  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-share        asked     in   200  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-take-back    kept      in   go   403  404  404  403  403  403  404  404  404  404  404  404
        assessment-take-back    opened    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-withdraw     asked     in   go   403  403  403  404  404  404  404  404  404  404  404  404
        goal-new                asked     in   403  403  403  403  404  404  404  404  404  404  404  404  404
        assessment-reply        blind     in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     blind     in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-import       any       in   403  go   200  200  go   403  403  403  200  200  403  403  403
        assessment-import-preview any     in   403  go   403  403  404  403  403  403  404  404  403  403  403
        assessment-import-discard any     in   403  go   go   go   404  403  403  403  404  404  403  403  403
        assessment-context      draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        assessment-context      shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-context      signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-context      discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-rate         draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        assessment-rate         shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-rate         discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        rating-save             draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        rating-save             shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        rating-save             signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        rating-save             withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        rating-save             discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        outbox                  draft     in   404  200  200  403  404  403  403  404  404  404  404  404  404
        outbox                  shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        outbox                  signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        outbox                  withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        outbox                  discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-check        draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        assessment-check        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-check        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-new                draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        goal-new                shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-new                signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal                    draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        goal                    shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal                    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-result             draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        goal-result             shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        goal-result             signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        draft     in   404  go   go   403  404  403  403  404  404  404  404  404  404
        assessment-share        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-share        discarded in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-take-back    draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-take-back    shared    in   403  go   go   –    403  403  403  404  404  404  404  404  404
        assessment-take-back    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-withdraw     draft     in   404  go   go   –    404  403  403  404  404  404  404  404  404
        assessment-withdraw     shared    in   403  go   go   –    403  403  403  404  404  404  404  404  404
        assessment-withdraw     signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    draft     in   404  go   go   –    404  go   403  404  404  404  404  404  404
        assessment-hand-over    shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-hand-over    signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-close        draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-close        shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-close        waiting   in   403  403  403  403  403  go   403  404  404  404  404  404  404
        assessment-close        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-close        withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reopen       draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-reopen       shared    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reopen       signed    in   403  403  403  403  403  go   403  404  404  404  404  404  404
        assessment-reopen       withdrawn in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-reply        shared    in   go   403  403  403  403  403  403  404  404  404  404  404  404
        assessment-reply        signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        assessment-sign-off     draft     in   404  403  403  403  404  403  403  404  404  404  404  404  404
        assessment-sign-off     shared    in   go   go   go   go   403  403  403  404  404  404  404  404  404
        assessment-sign-off     signed    in   403  403  403  403  403  403  403  404  404  404  404  404  404
        person-new              any       in   403  403  403  403  403  403  go   403  403  403  403  403  200
        organisation            any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        person                  any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        membership-start        any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        membership-end          any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        supervision-start       any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        supervision-end         any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        manage-frameworks       any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        framework-import        any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        framework-import-discard any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        revision-mapping        any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        revision-step           any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        node-edit               any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        node-move               any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        scale-new               any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        scale                   any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        scale-version           any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        short-form-new          any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        short-form              any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        short-form-retire       any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        programme-new           any       in   403  403  403  403  403  403  go   403  403  403  403  403  go
        programme               any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        programme-retire        any       in   403  403  403  403  403  403  go   403  403  403  403  403  404
        notices                 any       in   go   go   go   go   go   go   go   go   go   go   go   go   go
        page-keys               any       in   go   go   go   go   go   go   go   go   go   go   go   go   go
    """,
}  # fmt: skip


# Of these the world is made only where they are asked for.
MANAGED = [
    "framework-import",
    "framework-import-discard",
    "framework-import-file",
    "revision-manage",
    "revision-mapping",
    "revision-step",
    "draft-edit",
    "node-edit",
    "node-move",
]


# About a form that Helen uploaded.
OF_A_FORM = ["assessment-import-preview", "assessment-import-discard"]


# About an occasional rater whom Helen asked, and that rater's own pages.
OF_A_LINK = ["rater-send", "rater-extend", "rater-end"]
BY_TOKEN = ["rater-link", "rater-code"]


class ReadAgain(SimpleUploadedFile):
    """A file that every role sends from its start."""

    def read(self, *args):
        self.seek(0)
        return super().read(*args)


def rows(method):
    """The lines of a table: url, state, and what each role is answered."""
    head, *lines = [line.split() for line in TABLES[method].strip().splitlines()]
    assert head[2:] == list(ROLES)
    return [(url, state, dict(zip(ROLES, cells, strict=True))) for url, state, *cells in lines]


def as_params(method):
    return [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in rows(method)]


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield pattern.name


@pytest.fixture
def second_supervisor(therapist, northfield):
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


class World:
    """Amara's record with one assessment by Helen, and how each URL is called about them."""

    def __init__(self, request, state):
        self.fixture = request.getfixturevalue
        self.people = {name: self.fixture(name) for name in set(ROLES.values()) - {None}}
        self.therapist, self.author = self.people["therapist"], self.people["supervisor"]
        revision = self.fixture("revision")
        args = (self.author, self.therapist, revision)
        self._open_scale = scales.save_scale(by=self.people["admin"], data=factories.make_scale_data(key="open"))
        self._short_form = factories.make_short_form(self.people["admin"], revision)
        self._programme = factories.make_programme(self.people["admin"], self.fixture("northfield"))
        self.assessment = {
            "draft": self._begun,
            "shared": factories.make_shared,
            "waiting": self._waiting,
            "signed": factories.make_signed,
            "withdrawn": factories.make_withdrawn,
            "discarded": lambda *args: factories.make_withdrawn(*args, is_shared=False),
            "asked": lambda *args: factories.make_asked(*args)[0],
            "kept": lambda *args: factories.make_self_shared(*args[1:]),
            "opened": lambda *args: factories.make_pair(*args)[0],
            "beside": lambda *args: factories.make_pair(*args)[1],
            "blind": self._blind,
            "seconded": lambda *args: self._rated(factories.make_second, *args)[1],
            "rated-too": lambda *args: self._rated(factories.make_rated_twice, *args)[1],
            "rated-first": lambda *args: self._rated(factories.make_rated_twice, *args)[0],
        }["draft" if state == "any" else state](*args)

    def _begun(self, *args):
        draft = factories.make_draft(*args, codes="S2")
        factories.rate(draft, "S2.1")
        goals.save(by=self.author, assessment=draft, text="Rehearse endings", due_on=None, competences=[])
        return draft

    def _waiting(self, *args):
        """Shared, and signed by the supervisor alone."""
        return assessments.sign_off(by=self.author, assessment=factories.make_shared(*args))

    def _blind(self, *args):
        """Shared, while the therapist still rates the same session."""
        draft = factories.make_draft(*args)
        factories.rate(draft, "S2.1")
        self_assessments.ask(by=self.author, assessment=draft)
        return assessments.share(by=self.author, assessment=draft)

    def _rated(self, make, author, therapist, revision):
        return make(author, therapist, self.people["other_supervisor"], revision)

    @cached_property
    def _goal_from_before(self):
        earlier = factories.make_draft(self.author, self.therapist, self.fixture("revision"))
        factories.rate(earlier, "S2.1")
        goal = goals.save(by=self.author, assessment=earlier, text="Say less", due_on=None, competences=[])
        assessments.share(by=self.author, assessment=earlier)
        return goal.pk

    def url(self, name):
        chosen = f"?revision={self.fixture('revision').pk}" if name == "assessment-import-template" else ""
        return reverse(name, kwargs=self.kwargs(name)) + chosen

    def kwargs(self, name):
        if name in OF_A_LINK:
            return {"pk": self.therapist.pk, "link_pk": self._rater_link.pk}
        if name in BY_TOKEN:
            return {"token": re.search(r"/rate/([^/]+)/", self._rater_link.body)[1]}
        if name in OF_A_FORM:
            return {"pk": self._form_import.pk}
        if name.startswith("report-bundle-") or name == "report-bundle":
            return {"pk": self._bundles(name).pk}
        return self._managed[name] if name in MANAGED else self._kwargs(name)

    @cached_property
    def _bundles(self):
        return cache(self._bundle)

    def _bundle(self, name):
        """One that Margaret asked for, as far as it has to be for what is tried with it."""
        args = (self.people["lead"], self.fixture("northfield"), self.fixture("revision"))
        for other in ReportBundle.objects.filter(asked_by=args[0], status=BundleStatus.WAITING):
            bundles.cancel(by=args[0], bundle=other)
        if name == "report-bundle-download":
            return factories.make_ready_bundle(*args, self.therapist)
        return factories.make_stopped_bundle(*args) if name == "report-bundle-again" else factories.make_bundle(*args)

    @cached_property
    def _rater_link(self):
        link = factories.make_rater_link(self.author, self.therapist, self.fixture("revision"))
        link.body = mail.outbox[-1].body
        return link

    @cached_property
    def _form_import(self):
        return factories.make_form_import(self.author, self.therapist, self.fixture("revision"))

    @cached_property
    def _managed(self):
        """Of a draft that follows a published revision, and of a file that lies open."""
        factories.make_revision()
        draft = factories.make_next()
        self._node = draft.competences.get(code="A1.2")
        in_draft = {"slug": "small", "number": "1.1"}
        node = in_draft | {"kind": "competence", "pk": self._node.pk}
        kept = {"pk": factories.make_import(self.people["admin"]).pk}
        return {
            "framework-import": kept,
            "framework-import-discard": kept,
            "framework-import-file": kept,
            "revision-manage": in_draft,
            "revision-mapping": in_draft,
            "revision-step": in_draft | {"step": "confirm-certain"},
            "draft-edit": in_draft,
            "node-edit": node,
            "node-move": node,
        }

    @cached_property
    def _managed_body(self):
        node = self._node
        seen = values_of(CompetenceForm, node)
        return {
            "framework-import": {"column-0": "code", "column-1": "title"},
            "framework-import-discard": {},
            "revision-mapping": {"confirm": f"o{node.links_back.get().older_id}"},
            "revision-step": {},
            "node-edit": {"code": "A1.2", "text": "Changed.", "kind": "skill", "seen": json.dumps(seen)},
            "node-move": {"direction": "up"},
        }

    def _kwargs(self, name):
        goal = self.assessment.goals.first()
        about_person = {"pk": self.therapist.pk}
        about_assessment = {"pk": self.assessment.pk}
        in_revision = {"slug": "ipt", "number": "1.0"}
        pair = {"slug": "ipt", "older": "1.0", "newer": "1.0"}
        return {
            "framework": {"slug": "ipt"},
            "revision": in_revision,
            "domain": in_revision | {"code": "3"},
            "activity": in_revision | {"code": "S2"},
            "background": in_revision | {"key": "about-ipt"},
            "revision-search": in_revision,
            "framework-download": {"slug": "ipt", "extension": "csv"},
            "revision-download": in_revision | {"extension": "csv"},
            "domain-download": in_revision | {"code": "3", "extension": "csv"},
            "activity-download": in_revision | {"code": "S2", "extension": "csv"},
            "framework-compare": {"slug": "ipt"},
            "difference": pair,
            "difference-pdf": pair,
            "difference-csv": pair,
            "cohort-activity": {"code": "S2"},
            "cohort-activity-figure": {"code": "S2"},
            "cohort-figure": {"name": "quarters"},
            "cohort-progress": {},
            "cohort-report": {},
            "cohort-download": {"extension": "csv"},
            "therapist": about_person,
            "therapist-accesses": about_person,
            "therapist-archive": about_person,
            "therapist-agenda": about_person,
            "therapist-report": about_person,
            "therapist-requirements": about_person,
            "rater-links": about_person,
            "rater-ask": about_person,
            "therapist-activity": about_person | {"code": "S2"},
            "therapist-activity-figure": about_person | {"code": "S2"},
            "therapist-figure": about_person | {"name": "coverage"},
            "assessment-rate": about_assessment | {"code": "S2"},
            "rating-save": about_assessment | {"code": "S2.2"},
            "outbox": about_assessment,
            "goal-new": about_assessment,
            "goal": about_assessment | {"goal_pk": goal.pk if goal else uuid4()},
            "goal-result": about_assessment | {"goal_pk": self._goal_from_before},
            "assessments": {},
            "assessment-start": {},
            "assessment-import": {},
            "assessment-import-template": {},
            "cohort-agreement": {},
            "second-rating-ask": about_assessment,
            "second-rating-comparison": about_assessment,
            "second-rating-call-off": about_assessment,
            "self-assessment-ask": about_assessment,
            "self-assessment-show": about_assessment,
            "organisation": {"pk": self.fixture("northfield").pk},
            "person": about_person,
            "membership-start": about_person,
            "membership-end": about_person | {"membership_pk": self.therapist.memberships.get().pk},
            "supervision-start": about_person,
            "supervision-end": about_person | {"supervision_pk": self._supervision.pk},
            "scale": {"pk": self._open_scale.pk},
            "scale-version": {"pk": self.fixture("revision").scale_id},
            "short-form": {"pk": self._short_form.pk},
            "short-form-retire": {"pk": self._short_form.pk},
            "programme": {"pk": self._programme.pk},
            "programme-retire": {"pk": self._programme.pk},
            "account_reset_password_from_key": {"uidb36": "0", "key": "set-password"},
        }.get(name, about_assessment if name.startswith("assessment") else {})

    @property
    def _supervision(self):
        return Supervision.objects.get(therapist=self.therapist, supervisor=self.author)

    def body(self, name):
        return self._managed_body[name] if name in MANAGED else self._body(name)

    def _body(self, name):
        """What somebody who may do it would send."""
        today = timezone.localdate().isoformat()
        context = {
            **factories.make_context(),
            "extent": "chosen",
            "activities": Activity.objects.get(revision=self.assessment.revision, code="S2").pk,
        }
        northfield = str(self.fixture("northfield").pk)
        return {
            "rater-ask": context
            | {"name": "Dr Ruth Okello", "email": "ruth@example.org", "profession": "Consultant", "days": "14"},
            "rater-send": {},
            "rater-extend": {"days": "30"},
            "rater-end": {"reason": "Another session was meant."},
            "rater-link": {"code": "123"},
            "rater-code": {},
            "therapist-archive": {},
            "cohort-download": {},
            "cohort-report": {},
            "report-bundles": {"on": today, "kinds": "profiles", "password": factories.PASSWORD},
            "report-bundle-cancel": {},
            "report-bundle-again": {},
            "report-bundle-download": {},
            "assessment-start": context | {"therapist": self.therapist.pk},
            "assessment-import": {
                "therapist": self.therapist.pk,
                "revision": self.fixture("revision").pk,
                "file": ReadAgain("form.xlsx", filled.filled(self.fixture("revision"), {"S2.1": "4"})),
            },
            "assessment-import-preview": {},
            "assessment-import-discard": {},
            "self-assessment-start": context | {"organisation": self.fixture("northfield").pk},
            "second-rating-call-off": {},
            "second-rating-ask": {"rater": self.people["other_supervisor"].pk},
            "self-assessment-ask": {},
            "self-assessment-show": {},
            "assessment-context": context,
            "assessment-rate": {"version-S2.2": "0", "answer-S2.2": "3"},
            "rating-save": {"key": uuid4(), "version": "0", "answer": "3"},
            "outbox": {},
            "assessment-check": {"summary": "A steady session."},
            "goal-new": {"text": "Stay with silence", "owner": "both"},
            "goal": {"text": "Stay with silence", "owner": "both"},
            "goal-result": {"status": "met", "result": "Stayed for a minute."},
            "assessment-share": {},
            "assessment-take-back": {"reason": "A wrong level."},
            "assessment-withdraw": {"reason": "The wrong session."},
            "assessment-hand-over": {"to": self.people["second_supervisor"].pk, "reason": "I am leaving."},
            "assessment-reply": {"agreement": "agree"},
            "assessment-sign-off": {"password": factories.PASSWORD},
            "assessment-close": {"closed_as": "declined", "reason": "She said so.", "password": factories.PASSWORD},
            "assessment-reopen": {"reason": "Two levels were swapped."},
            "organisation": {"reply_days": "21"},
            "person-new": {
                "name": "Nadia Stone",
                "email": "nadia@example.org",
                "organisation": northfield,
                "role": "therapist",
                "starts_on": today,
            },
            "person": {"name": "Amara Okafor", "is_active": "on"},
            "membership-start": {
                "membership-organisation": northfield,
                "membership-role": "lead",
                "membership-starts_on": today,
            },
            "membership-end": {"ends_on": today},
            "supervision-start": {
                "supervision-organisation": northfield,
                "supervision-supervisor": self.people["other_supervisor"].pk,
                "supervision-starts_on": today,
            },
            "supervision-end": {"ends_on": today},
            "manage-frameworks": {"text": "1 Listening\n1.1 An ability to wait."},
            "scale-new": self._scale,
            "scale": self._scale | {"seen": fingerprint(scale_data(self._open_scale))},
            "scale-version": {},
            "short-form-new": self._form | {"name": "Another"},
            "short-form": self._form | {"seen": short_form_fingerprint(short_form_content(self._short_form))},
            "short-form-retire": {},
            "programme-new": {"name": "Year 2", "cases": "2"},
            "programme": {
                "name": "Year 1",
                "cases": "5",
                "seen": programme_fingerprint(programme_content(self._programme)),
            },
            "programme-retire": {},
            "page-keys": {"has_page_keys": "on"},
            "notices": {"has_digest": "on"},
        }[name]

    @property
    def _scale(self):
        levels = {f"level-{place}-{name}": f"{name} {place}" for place in range(2) for name in ["value", "label"]}
        return {"name": "Two steps", "direction": "ascending", "threshold": "1", **levels}

    @property
    def _form(self):
        activity = Activity.objects.get(revision=self.fixture("revision"), code="S3")
        return {"name": "Longer", "purpose": "other", "activities": activity.pk}

    def client(self, role):
        if role in ENDED_DAYS_AGO:
            ends_on = factories.days_ago(ENDED_DAYS_AGO[role])
            Supervision.objects.filter(pk=self._supervision.pk).update(ends_on=ends_on)
        return signed_in(self.people[ROLES[role]]) if ROLES[role] else Client()

    def answers(self, method, name, roles):
        """What each role is answered; every request meets the same rows."""
        found = {}
        url = self.url(name)
        data = self.body(name) if method == "POST" else None
        for role in roles:
            with undone():
                found[role] = cell(getattr(self.client(role), method.lower())(url, data))
        return found


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def cell(response):
    if response.status_code == 302:
        return "in" if response.url.startswith(SIGN_IN) else "go"
    if response.status_code == 403 and not re.search(r"[A-Za-z]+ .+\.$", response.context["reason"]):
        return "403 without a reason"
    return str(response.status_code)


@pytest.mark.parametrize(("url", "state", "expected"), as_params("GET"))
def test_get(request, url, state, expected):
    asked = {role: answer for role, answer in expected.items() if answer != "–"}

    answers = World(request, state).answers("GET", url, asked)

    assert answers == asked


@pytest.mark.parametrize(("url", "state", "expected"), as_params("POST"))
def test_post(request, url, state, expected):
    asked = {role: answer for role, answer in expected.items() if answer != "–"}

    answers = World(request, state).answers("POST", url, asked)

    assert answers == asked


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("assessment-hand-over", "draft"),
        ("assessment-withdraw", "draft"),
        ("assessment-withdraw", "shared"),
        ("assessment-take-back", "shared"),
    ],
)
def test_author_after_grace_only_reads(request, method, url, state):
    answers = World(request, state).answers(method, url, ["gone"])

    assert answers == {"gone": "403"}


def test_tables_name_every_url():
    assert {url for url, _, _ in rows("GET")} == set(names(get_resolver().url_patterns))


def test_tables_try_post_at_every_url_that_writes(request):
    written = {url for url, _, _ in rows("POST")}

    forms = {url for url, _, cells in rows("GET") if "405" in cells.values()}

    assert forms <= written


def test_every_foreign_rule_belongs_to_a_url():
    assert set(FOREIGN) == {name for name in names(get_resolver().url_patterns) if name.startswith("account_")}


def test_views_without_a_rule_do_not_load():
    with pytest.raises(ImproperlyConfigured, match=r"^bare/ has no access rule\. Decorate its view"):
        assert_declared([path("bare/", lambda request: None, name="bare")], foreign={})


def test_views_of_a_library_load_once_named():
    assert assert_declared([path("bare/", lambda request: None, name="bare")], foreign={"bare": "anyone"}) is None


def test_rule_of_a_view_can_be_read():
    rules = {
        name: getattr(get_resolver().resolve(reverse(name)).func, RULE) for name in ["home", "people", "therapists"]
    }

    assert rules == {
        "home": "anyone: people who are not signed in see the map",
        "people": "admin",
        "therapists": "supervisor or lead",
    }


ABOUT_AN_OBJECT = [url for url, state, cells in rows("GET") if state in {"any", "draft"} and cells["adm'"] == "404"]


@pytest.mark.parametrize("url", ABOUT_AN_OBJECT)
def test_foreign_object_answers_like_a_missing_one(request, outside_admin, url):
    world = World(request, "draft")
    client = signed_in(outside_admin)
    missing = reverse(url, kwargs=world.kwargs(url) | {"pk": uuid4()})

    foreign, missing = client.get(world.url(url)), client.get(missing)

    assert (foreign.status_code, words(foreign)) == (missing.status_code, words(missing))


def test_goal_of_another_assessment_is_missing(request, supervisor, therapist, revision):
    world = World(request, "draft")
    other = factories.make_draft(supervisor, therapist, revision)

    response = signed_in(supervisor).get(reverse("goal", args=[other.pk, world.assessment.goals.get().pk]))

    assert response.status_code == 404


@pytest.mark.parametrize("url", ["membership-end", "supervision-end"])
def test_dates_of_another_person_are_missing(request, admin, other_therapist, url):
    kwargs = World(request, "draft").kwargs(url) | {"pk": other_therapist.pk}

    response = signed_in(admin).post(reverse(url, kwargs=kwargs), {"ends_on": timezone.localdate()})

    assert response.status_code == 404


def counts():
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model is not RecordAccess
    }


def most_entitled(cells):
    return next((role for role, answer in cells.items() if answer == "200"), "none")


@pytest.mark.parametrize(
    ("state", "method"),
    [
        *[(state, "GET") for state in ["draft", "shared", "signed", "withdrawn", "discarded"]],
        *[("draft", method) for method in ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]],
    ],
)
def test_no_method_but_post_writes(request, state, method):
    world = World(request, state)
    asked = [(world.url(url), most_entitled(cells)) for url, at, cells in rows("GET") if at in {"any", state}]
    clients = {role: world.client(role) for _, role in asked}
    before = counts()

    for url, role in asked:
        clients[role].generic(method, url)

    assert counts() == before


@pytest.mark.parametrize(
    ("url", "state"), [(url, state) for url, state, _ in rows("POST") if state in {"any", "draft"}]
)
def test_post_without_proof_of_origin_is_refused(request, admin, supervisor, url, state):
    world = World(request, state)
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin if "/manage/" in world.url(url) else supervisor)
    before = counts()

    response = client.post(world.url(url), world.body(url))

    assert (response.status_code, counts()) == (403, before)


@pytest.mark.parametrize("name", sorted(set(ROLES.values()) - {None}))
def test_account_switched_off_is_signed_out_at_once(request, name):
    person = request.getfixturevalue(name)
    client = signed_in(person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    response = client.get(reverse("assessments"))

    assert cell(response) == "in"


@pytest.mark.parametrize(
    ("name", "url"),
    [("supervisor", "therapists"), ("lead", "therapists"), ("admin", "people"), ("supervisor", "assessment-start")],
)
def test_role_that_ended_opens_nothing(request, name, url):
    person = request.getfixturevalue(name)
    client = signed_in(person)
    factories.end_membership(person)

    response = client.get(reverse(url))

    assert response.status_code == 403


def test_page_posted_signed_out_is_asked_for_again_after_sign_in(draft):
    response = Client().post(reverse("assessment-check", args=[draft.pk]) + "?x=1", {"summary": "Typed"})

    assert response.url == f"{SIGN_IN}/assessments/{draft.pk}/check/"


def test_page_opened_signed_out_is_returned_to_with_its_query():
    response = Client().get(reverse("assessments") + "?page=2")

    assert response.url == f"{SIGN_IN}/assessments/%3Fpage%3D2"
