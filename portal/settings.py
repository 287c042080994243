"""All settings, every value from the environment (`.env.example` lists them).

Safe by default: without `DEBUG` and outside `manage.py run` this is production, which does not
start without its secrets and never with the sandbox.
"""

import os
from email.utils import parseaddr
from typing import ClassVar
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from portal.environment import BASE_DIR, data_dir, read_dot_env


class Env(environ.Env):
    """django-environ, with our two ways of sending mail."""

    EMAIL_SCHEMES: ClassVar[dict[str, str]] = {
        **environ.Env.EMAIL_SCHEMES,
        "filemail": "portal.mail.OneFileEach",
        "ses": "anymail.backends.amazon_ses.EmailBackend",
    }


env = Env()
read_dot_env()

# Core ------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
STARTED_BY_RUN = env.bool("PORTAL_RUN", False)
"""Set by `manage.py run` alone: everything on one machine, on loopback."""
IS_PRODUCTION = not (DEBUG or STARTED_BY_RUN)

DATA_DIR = data_dir()
PORT = env.int("PORT", 8000)
BASE_URL = env("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
_is_https = BASE_URL.startswith("https://")


def _required(name: str, default: str) -> str:
    """The variable; outside production its default will do."""
    # Not through django-environ, which takes a secret that begins with $ for another's name.
    value = os.environ.get(name, "") or ("" if IS_PRODUCTION else default)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it; see .env.example.")
    return value


SECRET_KEY = _required("SECRET_KEY", "" if STARTED_BY_RUN else "debug-only-not-a-secret")
_loopback = "127.0.0.1,localhost,[::1]"
ALLOWED_HOSTS = _required("ALLOWED_HOSTS", _loopback).split(",")
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# Apps ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "lucide",
    "portal",
    "onboarding",
    "billing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, against BREACH
    "portal.middleware.browser_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

# Database --------------------------------------------------------------------------------------

_database = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
DATABASES = {"default": env.db_url_config(_database)}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured("DATABASE_URL is not the address of a database; see .env.example.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    # Web, worker and beat write at the same time: wait for the lock instead of failing, and take
    # it when the transaction starts, since SQLite cannot wait once a reader turns writer.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Templates -------------------------------------------------------------------------------------

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
                "portal.context.frame",
            ],
            "builtins": ["portal.templatetags.portal", "lucide.templatetags.lucide"],
        },
    }
]

# Static files ----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

WHITENOISE_ALLOW_ALL_ORIGINS = False

# Accounts --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # every way in already proves the address: a mailed code or link
)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": False, "dashed": True, "length": 8}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024 + 64 * 1024  # a pasted list of 10 MiB and its form

# Security --------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "__Host-session" if _is_https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _is_https else "csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _is_https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 63_072_000 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the authenticator's QR code is a data: image
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# E-mail ----------------------------------------------------------------------------------------

vars().update(Env.email_url_config(_required("EMAIL_URL", f"filemail://{DATA_DIR / 'mail'}")))
# django-environ drops the slash that makes the path of filemail:///some/folder absolute.
EMAIL_FILE_PATH = "/" + str(vars().get("EMAIL_FILE_PATH", "")).lstrip("/")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="Kiro team portal <portal@localhost>")
if not parseaddr(DEFAULT_FROM_EMAIL)[1]:
    raise ImproperlyConfigured("MAIL_FROM is no e-mail address.")

# Celery ----------------------------------------------------------------------------------------

REDIS_URL = _required("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # the row waits in the database; the sweep rings again
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # kombu looks for messages of dead workers at every 10th second, in every 100th poll: too
    # rarely for a small portal whose bells must ring again soon.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
REDIS_PATIENCE = 0.5
"""Seconds for one answer of Redis, before the work goes on without it."""
BELL_PATIENCE = 0.12
"""Seconds for ringing a worker: shorter, since a founder waits; the sweep rings again."""
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "portal.tasks.sweep", "schedule": 15.0},
    "beat-heartbeat": {"task": "portal.tasks.heartbeat", "schedule": 15.0},
    "assess-trouble": {"task": "onboarding.tasks.assess_trouble", "schedule": 300.0},
    "reconcile-directory": {
        "task": "onboarding.tasks.reconcile_directory",
        "schedule": crontab(hour="3", minute="0"),
    },
    "preflight": {
        "task": "onboarding.tasks.preflight_daily",
        "schedule": crontab(hour="5", minute="40"),
    },
    "read-sign-ins": {"task": "onboarding.tasks.read_sign_ins", "schedule": 3600.0},
    "send-reminders": {"task": "onboarding.tasks.send_reminders", "schedule": 1800.0},
    "read-credits": {"task": "billing.tasks.read_credits_when_due", "schedule": 600.0},
    "raise-alerts": {"task": "billing.tasks.raise_alerts", "schedule": 300.0},
    # Three times a day; looked at every minute, so that a missed moment is made up for.
    "refresh-spend": {"task": "billing.tasks.refresh_spend_when_due", "schedule": 60.0},
}

# AWS -------------------------------------------------------------------------------------------
# Credentials come from the environment or the instance role, by boto3's own rules, never from here.

AWS_REGION = env("AWS_REGION", default=env("AWS_DEFAULT_REGION", default="us-east-1"))
COST_EXPLORER_DAILY_LIMIT = env.int("COST_EXPLORER_DAILY_LIMIT", 50)
"""Paid requests a day, at $0.01 each; a refresh is one, the very first may be a few."""
AWS_SANDBOX = env.bool("AWS_SANDBOX", False)
if AWS_SANDBOX and IS_PRODUCTION:
    raise ImproperlyConfigured(
        "AWS_SANDBOX is on. The sandbox lets anybody on this machine in as the founder; "
        "production does not start with it."
    )

# Logging ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {"botocore": {"level": "WARNING"}, "kombu": {"level": "WARNING"}},
}
