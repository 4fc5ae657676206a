# HTTP and WebSocket in, gRPC out. Build from the root of the checkout:
#   docker build -f docker/gateway.Dockerfile -t rapt-gateway .
FROM node:24-bookworm-slim AS pages
WORKDIR /web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM ghcr.io/astral-sh/uv:0.13.8-python3.13-bookworm-slim AS environment
WORKDIR /rapt
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-install-project --extra gateway --extra traces
COPY proto/ proto/
COPY analytics/ analytics/
COPY gateway/ gateway/
RUN uv sync --frozen --no-editable --extra gateway --extra traces

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --create-home rapt && install -d -o rapt /data
COPY --from=environment /rapt/.venv /rapt/.venv
COPY --from=pages /web/dist /rapt/pages
USER rapt
ENV PATH=/rapt/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RAPT_GATEWAY_LISTEN=0.0.0.0:8000 \
    RAPT_GATEWAY_DATA=/data \
    RAPT_GATEWAY_STATIC=/rapt/pages
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["python", "-P", "-m", "gateway", "serve"]
