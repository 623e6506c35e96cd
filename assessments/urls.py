from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter

from assessments.views import (
    accounts,
    agenda,
    archives,
    assessments,
    bundles,
    closing,
    cohort,
    cohort_activity,
    cohort_agreement,
    cohort_figures,
    cohort_progress,
    cohort_report,
    compare,
    downloads,
    drafts,
    figure_files,
    form_imports,
    frameworks,
    goals,
    imports,
    organisations,
    outbox,
    over_time,
    pages,
    people,
    programmes,
    proof,
    rater_links,
    raters,
    ratings,
    reports,
    requirements,
    revisions,
    scales,
    second_ratings,
    self_assessments,
    short_forms,
    therapists,
)
from assessments.views.access import assert_declared

Patterns = list[URLPattern | URLResolver]


class NodeKind:
    """A part of a draft, as it is called in addresses."""

    regex = "domain|activity|competence"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Download:
    """The end of a file's address. A part is no revision of its own, so the own format stays whole."""

    regex = "pdf|xlsx|csv|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class WholeDownload(Download):
    regex = f"{Download.regex}|yaml"


register_converter(NodeKind, "node")
register_converter(Download, "download")
register_converter(WholeDownload, "whole")

revision_urls = [
    path("", frameworks.revision, name="revision"),
    path("domains/<str:code>/", frameworks.domain, name="domain"),
    path("activities/<str:code>/", frameworks.activity, name="activity"),
    path("search.json", frameworks.revision_search, name="revision-search"),
    path("about/<str:key>/", frameworks.background, name="background"),
    path("domains/<str:code>.<download:extension>", downloads.domain_download, name="domain-download"),
    path("activities/<str:code>.<download:extension>", downloads.activity_download, name="activity-download"),
]

framework_urls: Patterns = [
    path("", frameworks.framework_list, name="frameworks"),
    path("<str:slug>/", frameworks.framework, name="framework"),
    path("<str:slug>.<whole:extension>", downloads.framework_download, name="framework-download"),
    path("<str:slug>/<str:number>.<whole:extension>", downloads.revision_download, name="revision-download"),
    # Before the revisions, whose numbers could be any word.
    path("<str:slug>/compare/", compare.choose, name="framework-compare"),
    path("<str:slug>/compare/<str:older>/<str:newer>/", compare.difference, name="difference"),
    path("<str:slug>/compare/<str:older>/<str:newer>.pdf", compare.difference_pdf, name="difference-pdf"),
    path("<str:slug>/compare/<str:older>/<str:newer>.csv", compare.difference_csv, name="difference-csv"),
    path("<str:slug>/<str:number>/", include(revision_urls)),
]

assessment_urls = [
    path("", assessments.assessment_list, name="assessments"),
    path("new/", assessments.assessment_start, name="assessment-start"),
    path("self/new/", self_assessments.self_assessment_start, name="self-assessment-start"),
    path("<uuid:pk>/ask/", self_assessments.self_assessment_ask, name="self-assessment-ask"),
    path("<uuid:pk>/show/", self_assessments.self_assessment_show, name="self-assessment-show"),
    path("<uuid:pk>/comparison/", self_assessments.assessment_comparison, name="assessment-comparison"),
    path("<uuid:pk>/second/", second_ratings.second_rating_ask, name="second-rating-ask"),
    path("<uuid:pk>/call-off/", second_ratings.second_rating_call_off, name="second-rating-call-off"),
    path("<uuid:pk>/agreement/", second_ratings.second_rating_comparison, name="second-rating-comparison"),
    path("import/", form_imports.assessment_import, name="assessment-import"),
    path("import/template.xlsx", form_imports.form_template_download, name="assessment-import-template"),
    path("import/<uuid:pk>/", form_imports.assessment_import_preview, name="assessment-import-preview"),
    path("import/<uuid:pk>/discard/", form_imports.assessment_import_discard, name="assessment-import-discard"),
    path("<uuid:pk>/", assessments.assessment, name="assessment"),
    path("<uuid:pk>/context/", assessments.assessment_context, name="assessment-context"),
    path("<uuid:pk>/activities/<str:code>/", ratings.rate, name="assessment-rate"),
    path("<uuid:pk>/ratings/<str:code>/", ratings.rating_save, name="rating-save"),
    path("<uuid:pk>/outbox/", outbox.outbox, name="outbox"),
    path("<uuid:pk>/check/", assessments.assessment_check, name="assessment-check"),
    path("<uuid:pk>/goals/new/", goals.goal_edit, name="goal-new"),
    path("<uuid:pk>/goals/<uuid:goal_pk>/", goals.goal_edit, name="goal"),
    path("<uuid:pk>/goals/<uuid:goal_pk>/result/", goals.goal_result, name="goal-result"),
    path("<uuid:pk>/share/", assessments.assessment_share, name="assessment-share"),
    path("<uuid:pk>/take-back/", assessments.assessment_take_back, name="assessment-take-back"),
    path("<uuid:pk>/reply/", assessments.assessment_reply, name="assessment-reply"),
    path("<uuid:pk>/sign-off/", assessments.assessment_sign_off, name="assessment-sign-off"),
    path("<uuid:pk>/close/", closing.assessment_close, name="assessment-close"),
    path("<uuid:pk>/reopen/", closing.assessment_reopen, name="assessment-reopen"),
    path("<uuid:pk>/withdraw/", assessments.assessment_withdraw, name="assessment-withdraw"),
    path("<uuid:pk>/hand-over/", assessments.assessment_hand_over, name="assessment-hand-over"),
    path("<uuid:pk>/history/", assessments.assessment_history, name="assessment-history"),
    path("<uuid:pk>/report.pdf", reports.assessment_report, name="assessment-report"),
]

therapist_urls = [
    path("", therapists.therapist_list, name="therapists"),
    path("<uuid:pk>/", therapists.therapist, name="therapist"),
    path("<uuid:pk>/report.pdf", reports.therapist_report, name="therapist-report"),
    path("<uuid:pk>/agenda/", agenda.therapist_agenda, name="therapist-agenda"),
    path("<uuid:pk>/requirements/", requirements.therapist_requirements, name="therapist-requirements"),
    path("<uuid:pk>/accesses/", therapists.therapist_accesses, name="therapist-accesses"),
    path("<uuid:pk>/archive.zip", archives.therapist_archive, name="therapist-archive"),
    path("<uuid:pk>/activities/<str:code>/", over_time.therapist_activity, name="therapist-activity"),
    path(
        "<uuid:pk>/activities/<str:code>/figure.csv",
        figure_files.therapist_activity_figure,
        name="therapist-activity-figure",
    ),
    path("<uuid:pk>/figures/<str:name>.csv", figure_files.therapist_figure, name="therapist-figure"),
    path("<uuid:pk>/raters/", rater_links.rater_links, name="rater-links"),
    path("<uuid:pk>/raters/new/", rater_links.rater_ask, name="rater-ask"),
    path("<uuid:pk>/raters/<uuid:link_pk>/send/", rater_links.rater_send, name="rater-send"),
    path("<uuid:pk>/raters/<uuid:link_pk>/extend/", rater_links.rater_extend, name="rater-extend"),
    path("<uuid:pk>/raters/<uuid:link_pk>/end/", rater_links.rater_end, name="rater-end"),
]

people_urls = [
    path("", people.people, name="people"),
    path("new/", people.person_new, name="person-new"),
    path("<uuid:pk>/", people.person, name="person"),
    path("<uuid:pk>/memberships/", people.membership_start, name="membership-start"),
    path("<uuid:pk>/memberships/<int:membership_pk>/end/", people.membership_end, name="membership-end"),
    path("<uuid:pk>/supervisions/", people.supervision_start, name="supervision-start"),
    path("<uuid:pk>/supervisions/<uuid:supervision_pk>/end/", people.supervision_end, name="supervision-end"),
]

managed_revision_urls = [
    path("", revisions.revision_manage, name="revision-manage"),
    path("mapping/", revisions.revision_mapping, name="revision-mapping"),
    path("edit/", drafts.draft_edit, name="draft-edit"),
    path("edit/<node:kind>/<int:pk>/", drafts.node_edit, name="node-edit"),
    path("edit/<node:kind>/<int:pk>/move/", drafts.node_move, name="node-move"),
    path("<slug:step>/", revisions.revision_step, name="revision-step"),
]

manage_urls: Patterns = [
    path("", imports.manage_frameworks, name="manage-frameworks"),
    path("imports/<uuid:pk>/", imports.framework_import, name="framework-import"),
    path("imports/<uuid:pk>/discard/", imports.framework_import_discard, name="framework-import-discard"),
    path("imports/<uuid:pk>/file/", imports.framework_import_file, name="framework-import-file"),
    path("<str:slug>/<str:number>/", include(managed_revision_urls)),
]

scale_urls = [
    path("", scales.scale_list, name="scales"),
    path("new/", scales.scale_new, name="scale-new"),
    path("<int:pk>/", scales.scale, name="scale"),
    path("<int:pk>/versions/", scales.scale_version, name="scale-version"),
]

short_form_urls = [
    path("", short_forms.short_form_list, name="short-forms"),
    path("new/", short_forms.short_form_new, name="short-form-new"),
    path("<int:pk>/", short_forms.short_form, name="short-form"),
    path("<int:pk>/retire/", short_forms.short_form_retire, name="short-form-retire"),
]

programme_urls = [
    path("", programmes.programme_list, name="programmes"),
    path("new/", programmes.programme_new, name="programme-new"),
    path("<uuid:pk>/", programmes.programme, name="programme"),
    path("<uuid:pk>/retire/", programmes.programme_retire, name="programme-retire"),
]

rater_urls = [
    path("", raters.rater_home, name="rater-home"),
    # Before the tokens, which are longer.
    path("again/", raters.rater_again, name="rater-again"),
    path("<str:token>/", raters.rater_link, name="rater-link"),
    path("<str:token>/code/", raters.rater_code, name="rater-code"),
]

# Of the library's account pages only those that this product uses; nobody signs up.
account_urls: Patterns = [
    path("keys/", accounts.page_keys, name="page-keys"),
    path("notices/", accounts.notices, name="notices"),
    path("login/", account.login, name="account_login"),
    path("logout/", accounts.sign_out, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
FOREIGN = {
    "account_login": "anyone: to sign in",
    "account_logout": "anyone: signing out twice does no harm",
    "account_inactive": "anyone: says that the account is switched off",
    "account_reauthenticate": "signed in",
    "account_change_password": "signed in",
    "account_set_password": "signed in",
    "account_reset_password": "anyone: a forgotten password",
    "account_reset_password_done": "anyone: a forgotten password",
    "account_reset_password_from_key": "anyone: the link of the e-mail is the key",
    "account_reset_password_from_key_done": "anyone: a forgotten password",
}

urlpatterns: Patterns = [
    path("", pages.home, name="home"),
    path("frameworks/", include(framework_urls)),
    path("assessments/", include(assessment_urls)),
    path("therapists/", include(therapist_urls)),
    path("rate/", include(rater_urls)),
    path("cohort/", cohort.cohort, name="cohort"),
    path(
        "cohort/activities/<str:code>/figure.csv", cohort_figures.cohort_activity_figure, name="cohort-activity-figure"
    ),
    path("cohort/figures/<str:name>.csv", cohort_figures.cohort_figure, name="cohort-figure"),
    path("cohort/progress/", cohort_progress.cohort_progress, name="cohort-progress"),
    path("cohort/agreement/", cohort_agreement.cohort_agreement, name="cohort-agreement"),
    path("cohort/activities/<str:code>/", cohort_activity.cohort_activity, name="cohort-activity"),
    path("cohort/reports/", bundles.report_bundles, name="report-bundles"),
    path("cohort/reports/<uuid:pk>/", bundles.report_bundle, name="report-bundle"),
    path("cohort/reports/<uuid:pk>/cancel/", bundles.report_bundle_cancel, name="report-bundle-cancel"),
    path("cohort/reports/<uuid:pk>/again/", bundles.report_bundle_again, name="report-bundle-again"),
    path("cohort/reports/<uuid:pk>.zip", bundles.report_bundle_download, name="report-bundle-download"),
    path("cohort.pdf", cohort_report.cohort_report, name="cohort-report"),
    path("cohort.<download:extension>", cohort.cohort_download, name="cohort-download"),
    path("manage/people/", include(people_urls)),
    path("manage/organisations/<uuid:pk>/", organisations.organisation, name="organisation"),
    path("manage/frameworks/", include(manage_urls)),
    path("manage/scales/", include(scale_urls)),
    path("manage/short-forms/", include(short_form_urls)),
    path("manage/programmes/", include(programme_urls)),
    path("accounts/", include(account_urls)),
    path("help/", pages.help_page, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("verify/", proof.verify, name="verify"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
]

assert_declared(urlpatterns, foreign=FOREIGN)
