"""Every setting, in one file. What differs between places comes from the environment; see README, "Configuration"."""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from ipt import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(environment.text("IPT_VAR", default=str(BASE_DIR / "var")))

# The demo serves plain http on loopback, with a secret of its own; everything else behaves as in production.
IPT_DEMO = environment.flag("IPT_DEMO")
DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.secret("SECRET_KEY", kept_in=VAR / "secret-key" if IPT_DEMO else None)
SECRET_KEY_FALLBACKS = environment.names("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if IPT_DEMO else None)
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "assessments",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "csp",
]

MIDDLEWARE = [
    "ipt.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "ipt.middleware.private_pages",
    "ipt.middleware.body_limit",
    "ipt.middleware.storage_in_place",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ipt.middleware.session_limits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "ipt.urls"
WSGI_APPLICATION = "ipt.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assessments.views.navigation.navigation",
            ],
            "builtins": ["assessments.views.drawing_tags"],
        },
    }
]

# Database. SQLite waits its turn (IMMEDIATE) and a commit is on the disk before it is acknowledged (FULL).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
# PostgreSQL keeps the plan of a statement that comes back: planning the joins of a save takes longer than running them.
# A pooler that shares sessions has to know prepared statements (PgBouncer does from 1.21 on).
POSTGRESQL_OPTIONS = {"server_side_binding": True, "prepare_threshold": 3}
DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{VAR / 'ipt.sqlite3'}", conn_max_age=600, conn_health_checks=True
    )
}
IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["OPTIONS"] = POSTGRESQL_OPTIONS | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Guess limits must hold across worker processes, so they live in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "guess_limits"}}

# People
AUTH_USER_MODEL = "assessments.User"
AUTHENTICATION_BACKENDS = ["assessments.views.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "assessments.views.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/5m/ip,10/5m/key",
    "reauthenticate": "10/5m/user",
    "verify": "30/5m/ip",  # an office that checks a batch of reports stays below it
}
PASSWORD_RESET_TIMEOUT = 72 * 60 * 60  # an invitation may wait over a weekend
EMAIL_HOST = environment.text("EMAIL_HOST", default="")
EMAIL_PORT = environment.whole_number("EMAIL_PORT", default=587, at_least=1)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
# Without a mail server the few messages there are go to standard output.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", default="noreply@localhost")

# With what this service signs the reports it issues (a PKCS#12 file), and its password; docs/records.md tells more.
REPORT_CERTIFICATE = environment.file("REPORT_CERTIFICATE")
REPORT_CERTIFICATE_PASSWORD_FILE = environment.file("REPORT_CERTIFICATE_PASSWORD_FILE")

# Sessions end after two hours without a request and twelve hours after signing in; what was typed stays in the page
# and on the server. ipt.middleware.session_limits keeps both.
SESSION_ENGINE = "ipt.sessions"
SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "assessments.views.errors.csrf_failure"

# Transport. The demo on loopback has no certificate; nothing else may do without one.
IS_HTTPS = not (IPT_DEMO or DEBUG)
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXY = environment.flag("TRUSTED_PROXY")
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Guesses are counted by the address that the outermost of our proxies saw; what stands before it anyone may invent.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.whole_number("TRUSTED_PROXY_COUNT", default=int(TRUSTED_PROXY))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# A rating form without JavaScript posts one activity; nothing legitimate is larger but a file, which does not count
# here and is limited by ipt.middleware.body_limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "ipt.storage.StaticStorage"
    },
}

CRISPY_ALLOWED_TEMPLATE_PACKS = ["house"]
CRISPY_TEMPLATE_PACK = "house"
CRISPY_FAIL_SILENTLY = False

# One line an event on standard output: ids, never names, notes or addresses.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "ipt.middleware.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} request={request_id} {message}", "style": "{"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["stdout"], "propagate": False}},
}

SILENCED_SYSTEM_CHECKS: list[str] = []
