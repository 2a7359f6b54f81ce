"""All settings, from the environment. Whatever is missing or weak stops the start in production.

Each process is told who it is by SIDRO_PROCESS and gets only its own secrets: docs/secrets.md.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.proxies import trusted_proxies
from config.secrets_check import require_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Who this process is ---------------------------------------------------------------------
SIDRO_MODE = env.str("SIDRO_MODE", default="production")  # production | demo | test
SIDRO_PROCESS = env.str("SIDRO_PROCESS", default="staff")  # staff | public | worker | owner
DEBUG = False
DEMO = SIDRO_MODE == "demo"
PRODUCTION = SIDRO_MODE not in {"demo", "test"}

# --- Secrets: docs/secrets.md says who holds which, and what its loss means -------------------
SECRET_KEY = env.str("SECRET_KEY", default="")
CONTEXT_KEY = env.str("CONTEXT_KEY", default="")  # signs the actor for PostgreSQL (staff, owner)
PASSWORD_PEPPERS = env.dict("PASSWORD_PEPPERS", default={})  # "1=<hex>,2=<hex>"; the highest is used
TOTP_KEY = env.str("TOTP_KEY", default="")  # seals the secrets of second factors (staff)
require_secrets(
    production=PRODUCTION,
    process=SIDRO_PROCESS,
    values={
        "SECRET_KEY": SECRET_KEY,
        "CONTEXT_KEY": CONTEXT_KEY,
        "TOTP_KEY": TOTP_KEY,
        **{f"PASSWORD_PEPPERS {version}": value for version, value in PASSWORD_PEPPERS.items()},
    },
    has_pepper=bool(PASSWORD_PEPPERS),
)

# --- The organisation -------------------------------------------------------------------------
HELPLINE_NAME = env.str("HELPLINE_NAME", default="Sidro")
STAFF_URL = env.str("STAFF_URL", default="")  # address of the staff site, for invitations
MAIL_FROM = env.str("MAIL_FROM", default="")
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Belgrade")

# How long a closed case and an ended request are kept before they are proposed for erasure. Five years: the longest
# time in which a claim of civil law is raised (ZOO 376-377), unless a crime lengthens it; then a lawyer states a hold.
KEEP_CASE_MONTHS = env.int("KEEP_CASE_MONTHS", default=60)
KEEP_REQUEST_MONTHS = env.int("KEEP_REQUEST_MONTHS", default=12)
# Erasures that a restore has to do again, one JSON object a line; on a disk that no backup of the database holds.
ERASURE_LEDGER = env.str("ERASURE_LEDGER", default="")
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=35)  # after that the keepers destroy the month's key

# --- Addresses --------------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC = SIDRO_PROCESS == "public"
# Where passkeys are made and shown, and the name they are bound to: changing it ends all of them.
PASSKEY_ORIGINS = env.list(
    "PASSKEY_ORIGINS", default=[STAFF_URL.rstrip("/")] if STAFF_URL else [f"https://{host}" for host in ALLOWED_HOSTS]
)
PASSKEY_RP_ID = env.str("PASSKEY_RP_ID", default=urlsplit("".join(PASSKEY_ORIGINS[:1])).hostname or "")
ROOT_URLCONF = "config.urls_public" if PUBLIC else "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "referrals",
    "cases",
    "cases.vault",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "django_otp",
    "csp",
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.SignedInBackend"]
GUARDIAN_ANONYMOUS_USER_NAME = ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_HEADERS = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.SecurityHeaders",
    "accounts.middleware.RefuseOddInput",
]
_STAFF_MIDDLEWARE = [
    *_HEADERS,
    "accounts.middleware.OuterTransaction",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.UserLanguage",
    "accounts.middleware.PageForWrongMethod",
    "accounts.middleware.RefuseLargeUploads",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.ActorContext",
    "accounts.middleware.SignedInWithSecondFactor",
    "cases.middleware.AsksBeforeNaming",
]
_PUBLIC_MIDDLEWARE = [
    *_HEADERS,
    "django.middleware.common.CommonMiddleware",
]
_ASSETS = "whitenoise.middleware.WhiteNoiseMiddleware"
MIDDLEWARE = [_ASSETS, *(_PUBLIC_MIDDLEWARE if PUBLIC else _STAFF_MIDDLEWARE)]

# --- Database: the process's own role; migrations and bootstrap use OWNER_DATABASE_URL ---------
DATABASE_ROLE_PREFIX = env.str("DATABASE_ROLE_PREFIX", default="sidro")
_DATABASE_VARIABLE = "OWNER_DATABASE_URL" if SIDRO_PROCESS == "owner" else "DATABASE_URL"
DATABASES = {"default": env.db_url(_DATABASE_VARIABLE, default="postgresql:///missing")}
DATABASES["default"].update(
    ATOMIC_REQUESTS=not PUBLIC,
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", default=600),  # seconds; plans last as long as their connection
    CONN_HEALTH_CHECKS=True,
)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    server_side_binding=True,  # without it names show in pg_stat_activity
    prepare_threshold=2,  # planning a query with its policies takes longer than running it: from the third time it is kept
    connect_timeout=5,
    application_name=f"sidro-{SIDRO_PROCESS}",
    options="-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000"
    if SIDRO_PROCESS != "owner"
    else "",
)

# --- Broker: ticks only, no results, no arguments ---------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")

# --- Sessions and cookies ---------------------------------------------------------------------
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 30 * 60  # idle limit in seconds
SESSION_ABSOLUTE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False  # SessionStore.load extends the idle limit
STEP_UP_AGE = 5 * 60
_PREFIX = "" if not PRODUCTION else "__Host-"
SESSION_COOKIE_NAME = f"{_PREFIX}desk"
CSRF_COOKIE_NAME = f"{_PREFIX}form"
LANGUAGE_COOKIE_NAME = "language"
UNLOCK_COOKIE_NAME = f"{_PREFIX}key"
KNOWN_DEVICE_COOKIE_NAME = f"{_PREFIX}device"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "cases:desk"

# --- Passwords: accounts/services/passwords.py ------------------------------------------------
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
# Argon2id of the key that opens a private key: passes, memory in KiB, lanes. Stored with each row.
KEY_DERIVATION = (4, 128 * 1024, 1) if PRODUCTION else (1, 1024, 1)
DERIVATIONS_AT_ONCE = env.int("DERIVATIONS_AT_ONCE", default=2)

# --- Transport --------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
TRUSTED_PROXIES = trusted_proxies(env.list("TRUSTED_PROXIES", default=[]), behind_proxy=BEHIND_PROXY)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "no-referrer" if PUBLIC else "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # a field too long is answered beside the field, not by an error page
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
# A file is held in memory only, never in a temporary file: what is larger is refused before it is read (413).
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # a whole form; a file in it may have 5 MB

# --- Mail: constant texts to staff only -------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
# Who keeps the daily head of the log: named people, of other organisations (worker; staff, to say when it is missing).
AUDIT_HEAD_RECIPIENTS = env.list(
    "AUDIT_HEAD_RECIPIENTS", default=["log@partner.example", "log@trust.example"] if DEMO else []
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM or "desk@localhost"
EMAIL_TIMEOUT = 20

# --- Language ---------------------------------------------------------------------------------
USE_I18N = USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("sr", _("Serbian (Cyrillic)")),
    ("sr-latn", _("Serbian (Latin)")),
    ("sq", _("Albanian")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Templates and static files ---------------------------------------------------------------
FORM_RENDERER = "accounts.rendering.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "accounts.rendering.page",
            ],
            "builtins": ["accounts.templatetags.form_token"],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if SIDRO_MODE != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = SIDRO_MODE == "test"

# --- Logs: JSON lines with ids only, never an exception's text --------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.logs.JsonLines"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "lines"}},
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["out"], "level": "INFO", "propagate": False},
        "django.db.backends": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "fido2": {"handlers": [], "level": "CRITICAL", "propagate": False},  # names credentials in its messages
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.logs.BlankEverything"
ADMINS: list = []
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # the one backend asks guardian itself: cases/permissions.py
TEST_RUNNER = "django.test.runner.DiscoverRunner"
