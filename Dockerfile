FROM python:3.13-slim-bookworm

# What WeasyPrint loads; its fonts are in the repository.
# Debian keeps only the newest patch of each, and that is the one wanted, so no versions are pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/ipt

# Packages change less often than code, so they are a layer of their own.
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .

# The key is thrown away with this step: static files do not depend on it.
RUN python -m compileall -q ipt assessments \
    && SECRET_KEY=only-for-this-step ALLOWED_HOSTS=localhost \
       python manage.py collectstatic --noinput --verbosity 0

# Owns nothing, so that a hole in the product cannot change the product.
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp ipt
USER 10001
ENV HOME=/tmp PYTHONUNBUFFERED=1

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "bin/healthcheck.py"]

# Migrates, then becomes gunicorn.
CMD ["bin/serve"]
