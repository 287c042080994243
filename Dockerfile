# syntax=docker/dockerfile:1
# The portal for production: web, worker and beat run from this one image (docker-compose.yml).

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/prod.txt /build/prod.txt
RUN /venv/bin/pip install --require-hashes -r /build/prod.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/app/var
RUN useradd --system --uid 10001 --home-dir /app portal
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY portal portal
COPY onboarding onboarding
COPY billing billing
COPY templates templates
COPY static static
# Static files are gathered once, here, so that the running container needs no place to write.
RUN PORTAL_RUN=1 SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput \
    && python -m compileall -q portal onboarding billing
USER portal
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# No access log: the portal writes its own line for each request, without the links that sign in.
CMD ["gunicorn", "--no-control-socket", "--bind", "0.0.0.0:8000", "--preload", "--worker-class", "portal.web_worker.Worker", "--workers", "2", "--threads", "8", "--keep-alive", "75", "--worker-tmp-dir", "/dev/shm", "portal.wsgi"]
