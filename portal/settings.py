"""All settings, every value from the environment (`.env.example` lists them).

Safe by default: without `DEBUG` and outside `manage.py run` this is production, which does not
start without its secrets and never with the sandbox.
"""

import os
from email.utils import parseaddr
from typing import Any, ClassVar
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from portal import saml
from portal.environment import BASE_DIR, data_dir, is_on, read_dot_env


class Env(environ.Env):
    """django-environ, with our own ways of sending mail."""

    EMAIL_SCHEMES: ClassVar[dict[str, str]] = {
        **environ.Env.EMAIL_SCHEMES,
        **dict.fromkeys(["smtp", "smtps", "smtp+tls", "smtp+ssl"], "portal.mailing.smtp.Backend"),
        "filemail": "portal.mailing.mail.OneFileEach",
        "ses": "anymail.backends.amazon_ses.EmailBackend",
    }

    def bool(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        """A word that is neither yes nor no is refused, not taken for no."""
        try:
            return is_on(var, os.environ[var]) if var in os.environ else default
        except ValueError as error:
            raise ImproperlyConfigured(str(error)) from None


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
if not BASE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(f"BASE_URL is '{BASE_URL}'; it has to begin with https://.")
_is_https = BASE_URL.startswith("https://")


def _required(name: str, default: str) -> str:
    """The variable; outside production its default will do."""
    # Not through django-environ, which takes a secret that begins with $ for another's name.
    value = os.environ.get(name, "") or ("" if IS_PRODUCTION else default)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it; see .env.example.")
    return value


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


SECRET_KEY = _required("SECRET_KEY", "" if STARTED_BY_RUN else "debug-only-not-a-secret")
SECRET_KEY_FALLBACKS = _listed(os.environ.get("SECRET_KEY_FALLBACKS", ""))
"""Former keys: what they signed still holds. The newest first."""
ALLOWED_HOSTS = _listed(_required("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]"))
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
    "portal.static_files.Config",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "lucide",
    "portal",
    "onboarding",
    "billing",
]

MIDDLEWARE = [
    "portal.middleware.traced",
    "portal.middleware.browser_policy",
    "portal.middleware.whole_body",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.compression.GZipMiddleware",  # pads at random, against BREACH
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.sign_in.sessions.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.only_by_a_button",
    "portal.limits.LimitMiddleware",
    "portal.sign_in.second_factor.SecondFactorMiddleware",
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
    _kept_for = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_MAX_AGE"] = _kept_for
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    _options = DATABASES["default"].setdefault("OPTIONS", {})
    # A database that has gone without a word must not hold every page for minutes.
    _options.setdefault("connect_timeout", 5)
    # Nor must one that waits for a lock, or holds one and does nothing: threads have no time limit.
    # All of it fits into memory: a page here costs about what the next one does, not four times it.
    # What the address itself says comes last, and holds.
    _options["options"] = (
        "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c random_page_cost=1.1 "
        f"{_options.get('options', '')}"
    ).rstrip()
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "portal.postgresql"
        # Planning is half of what the board's queries take. A connection that is kept plans once
        # what it is asked often; behind a pooler each transaction may get another connection.
        _options.setdefault("server_side_binding", True)
        _options.setdefault("prepare_threshold", 5 if _kept_for else None)

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
            "builtins": ["portal.templatetags.addresses", "portal.templatetags.portal"],
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
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
"""Served at `/`: what browsers ask for without being told, such as /favicon.ico."""

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
ACCOUNT_ADAPTER = "portal.sign_in.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # else allauth signs nobody in by password
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
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # ours are in `portal.limits`
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# allauth's own writes an address that it takes for unproven, and then refuses a second factor.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  # a class
ACCOUNT_FORMS = {
    "request_login_code": "portal.sign_in.accounts.RequestLoginCodeForm",
    "confirm_login_code": "portal.sign_in.accounts.ConfirmLoginCodeForm",
}
MFA_ADAPTER = "portal.sign_in.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kiro team portal"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _is_https  # browsers allow it on this machine alone
FOUNDERS_NEED_SECOND_FACTOR = env.bool("FOUNDERS_NEED_SECOND_FACTOR", IS_PRODUCTION)
TRUSTED_PROXY_HOPS = env.int("TRUSTED_PROXY_HOPS", 0)
"""How many proxies stand before the portal, each adding to X-Forwarded-For what it sees."""

# Sign-in through Identity Center ---------------------------------------------------------------

SAML_METADATA_URL = env("SAML_METADATA_URL", default="")
if env("SAML_METADATA_FILE", default=""):
    SAML_METADATA_URL = (BASE_DIR / env("SAML_METADATA_FILE")).as_uri()
SAML_ENTITY_ID = env("SAML_ENTITY_ID", default="")
SAML_NAME = env("SAML_NAME", default="Identity Center")
SOCIALACCOUNT_ADAPTER = "portal.saml.accounts.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link, so no form ever leads to another host
SOCIALACCOUNT_PROVIDERS = saml.providers(
    metadata_url=SAML_METADATA_URL, entity_id=SAML_ENTITY_ID, name=SAML_NAME
)

AUDIT_RETENTION_MONTHS = env.int("AUDIT_RETENTION_MONTHS", 0)
"""How long the audit log is kept; 0 for ever."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024 + 64 * 1024  # a pasted list of 10 MiB and its form

# Security --------------------------------------------------------------------------------------

SESSION_ENGINE = "portal.sign_in.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "__Host-session" if _is_https else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if _is_https else "csrftoken"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _is_https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from the inside, past the proxy
SECURE_HSTS_SECONDS = 63_072_000 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _is_https and env.bool("HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = _is_https and env.bool("HSTS_PRELOAD", False)
# Browsers' own list is for whole domains and hard to leave: that is for its owner to decide. And so
# are the subdomains of the portal's address, where it has any.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
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
CACHES = {
    "default": {
        "BACKEND": "portal.cache.ForgivingCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.25},
    },
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # the row waits in the database; the sweep enqueues it again
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # kombu looks for messages of dead workers at every 10th second, in every 100th poll: too
    # rarely for a small portal whose messages must come again soon.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
REDIS_TIMEOUT = 0.5
"""Seconds for one answer of Redis, before the work goes on without it."""
ENQUEUE_TIMEOUT = 0.12
"""Seconds to put a message on the queue: shorter, since a founder waits; the sweep tries again."""
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "portal.tasks.sweep", "schedule": 15.0},
    "beat-heartbeat": {"task": "portal.tasks.heartbeat", "schedule": 15.0},
    "assess-trouble": {"task": "onboarding.tasks.assess_trouble", "schedule": 300.0},
    "reconcile-directory": {
        "task": "onboarding.tasks.reconcile_directory",
        "schedule": crontab(hour="3", minute="0"),
    },
    "purge-activity": {
        "task": "portal.tasks.purge_activity",
        "schedule": crontab(hour="2", minute="20"),
    },
    "purge-sessions": {
        "task": "portal.tasks.purge_sessions",
        "schedule": crontab(hour="2", minute="40"),
    },
    "preflight": {
        "task": "onboarding.tasks.preflight_daily",
        "schedule": crontab(hour="5", minute="40"),
    },
    "read-access": {"task": "onboarding.tasks.read_access", "schedule": 3600.0},
    "read-sign-ins": {"task": "onboarding.tasks.read_sign_ins", "schedule": 3600.0},
    "send-reminders": {"task": "onboarding.tasks.send_reminders", "schedule": 1800.0},
    "read-credits": {"task": "billing.tasks.read_credits_when_due", "schedule": 600.0},
    "raise-alerts": {"task": "billing.tasks.raise_alerts", "schedule": 300.0},
    # Once an hour; looked at twice a minute, so that a bucket just chosen is read soon.
    "ingest-usage": {"task": "billing.tasks.ingest_usage", "schedule": 30.0},
    "purge-usage": {
        "task": "billing.tasks.purge_usage",
        "schedule": crontab(hour="4", minute="20"),
    },
    "watch-jobs": {"task": "portal.tasks.watch_jobs", "schedule": 300.0},
    # Three times a day; looked at every minute, so that a missed moment is made up for.
    "refresh-spend": {"task": "billing.tasks.refresh_spend_when_due", "schedule": 60.0},
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    if isinstance(_entry["schedule"], float):
        # Not to be caught up on by a worker that was away: a night of sweeps would each enqueue
        # all that waits, millions of messages. The next one comes by itself.
        _entry["options"] = {"expires": max(_entry["schedule"], 120.0)}

# Webhooks --------------------------------------------------------------------------------------

WEBHOOK_PORTS = [int(port) for port in env.list("WEBHOOK_PORTS", default=["443"])]
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", False)
"""Also to this machine and its network, to any port and without TLS: to try a receiver."""
if WEBHOOK_ALLOW_PRIVATE and IS_PRODUCTION:
    raise ImproperlyConfigured(
        "WEBHOOK_ALLOW_PRIVATE is on. It lets webhooks reach this machine and its network; "
        "production does not start with it."
    )

# AWS -------------------------------------------------------------------------------------------
# Credentials come from the environment or the instance role, by boto3's own rules, never from here.

AWS_REGION = env("AWS_REGION", default=env("AWS_DEFAULT_REGION", default="us-east-1"))
IDENTITY_CENTER_RATE = env.float("IDENTITY_CENTER_RATE", 19.5)
"""Requests a second, all workers together; AWS allows 20 for all its customers' tools together."""
COST_EXPLORER_DAILY_LIMIT = env.int("COST_EXPLORER_DAILY_LIMIT", 50)
"""Paid requests a day, at $0.01 each; a refresh is one, the very first may be a few."""
ACCESS = env("ACCESS", default="manage")
"""What the portal does about permission sets: `manage` them, only `read` them, or `off`."""
if ACCESS not in {"manage", "read", "off"}:
    raise ImproperlyConfigured(f"ACCESS is manage, read or off, not {ACCESS}.")
USAGE_RETENTION_MONTHS = env.int("USAGE_RETENTION_MONTHS", 15)
"""Whole months before this one of which the portal keeps who used what; older rows are deleted."""
if not 1 <= USAGE_RETENTION_MONTHS <= 120:
    raise ImproperlyConfigured("USAGE_RETENTION_MONTHS is from 1 to 120.")
AWS_SANDBOX = env.bool("AWS_SANDBOX", False)
CRASH_AT = env("CRASH_AT", default="")
"""For fault runs alone: where workers die (`portal/crash_points.py`)."""
if CRASH_AT and IS_PRODUCTION:
    raise ImproperlyConfigured("CRASH_AT ends workers on purpose: production refuses it.")
if AWS_SANDBOX and IS_PRODUCTION:
    raise ImproperlyConfigured(
        "AWS_SANDBOX is on. The sandbox lets anybody on this machine in as the founder; "
        "production does not start with it."
    )

# Metrics ---------------------------------------------------------------------------------------

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
"""What Prometheus has to show at `/metrics`; nobody gets anything there while it is empty."""

# Logging ---------------------------------------------------------------------------------------

LOG_FORMAT = env("LOG_FORMAT", default="") or ("json" if IS_PRODUCTION else "text")
if LOG_FORMAT not in {"json", "text"}:
    raise ImproperlyConfigured("LOG_FORMAT is json or text.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "portal.logs.log_lines.Words"},
        "json": {"()": "portal.logs.log_lines.Json"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "django": {"handlers": [], "level": "INFO"},  # not by mail as well
        # What is not there or not allowed has its line from `portal.requests` already.
        "django.request": {"level": "ERROR"},
        # A warning for each HEAD, from mail scanners and monitors: Django leaves the body to it.
        "gunicorn.http.wsgi": {"level": "ERROR"},
        "kombu": {"level": "WARNING"},
    },
}
