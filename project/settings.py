"""Settings of the demo site. Documents live in MongoDB, users and sessions in SQLite."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
#: Everything that the demo writes: SQLite, MongoDB's files.
DATA_DIR = Path(os.environ.get("DEMO_DIR", BASE_DIR / ".demo"))

SECRET_KEY = os.environ.get(
    "SECRET_KEY", "django-insecure-demo-key-for-a-site-on-this-machine-only"
)
DEBUG = os.environ.get("DEBUG", "1") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "docmodels",
    "docmodels.admin",
    "rest_framework",
    "django_filters",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "project.demo",
    "project.geo",
    "project.films",
    "project.dashboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "project.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
ASGI_APPLICATION = "project.asgi.application"

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
            ],
        },
    },
]

# Two doors to the same data: a fast one for pages, a slow one for analytics that
# has its own few connections and may take its time.
MONGO_DATABASES = {
    "default": {
        "HOST": os.environ.get("MONGODB_URI") or f"embedded://{DATA_DIR / 'mongo'}",
        "NAME": os.environ.get("MONGODB_NAME", "docmodels_demo"),
    },
}
MONGO_DATABASES["slow"] = {
    **MONGO_DATABASES["default"],
    "READ_ONLY": True,
    "OPTIONS": {"timeoutMS": 60_000, "maxPoolSize": 4},
}

DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "django.sqlite3"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "project" / "static"]
STATIC_ROOT = DATA_DIR / "static"

LOGIN_URL = "admin:login"
