# The store: chDB behind the ClickHouse HTTP protocol, for one machine without a ClickHouse.
# Its other use is `python -m analytics migrate` against a ClickHouse. Build from the root:
#   docker build -f docker/analytics.Dockerfile -t rapt-analytics .
FROM ghcr.io/astral-sh/uv:0.13.8-python3.13-bookworm-slim AS environment
WORKDIR /rapt
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-install-project --extra store
COPY proto/ proto/
COPY analytics/ analytics/
RUN uv sync --frozen --no-editable --extra store

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --create-home rapt && install -d -o rapt /data
COPY --from=environment /rapt/.venv /rapt/.venv
USER rapt
ENV PATH=/rapt/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RAPT_ANALYTICS_LISTEN=0.0.0.0:8123 \
    RAPT_ANALYTICS_DATA=/data/store
VOLUME /data
EXPOSE 8123
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8123/ping', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["python", "-P", "-m", "analytics", "serve"]
