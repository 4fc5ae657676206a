# Frames in, verdicts and facts out, on CPU (the default) or one NVIDIA GPU:
#   docker build -f docker/inference.Dockerfile -t rapt-inference .
#   docker build -f docker/inference.Dockerfile --build-arg DEVICE=gpu -t rapt-inference-gpu .
# The GPU's libraries come with the extra `gpu`; the host brings its driver and container toolkit.
# The models are built once into the image, from sources that are checked by their hashes.
FROM ghcr.io/astral-sh/uv:0.13.8-bookworm-slim AS environment
ARG DEVICE=cpu
WORKDIR /rapt
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_INSTALL_DIR=/rapt/python UV_PYTHON=3.13
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-install-project --extra inference --extra traces --extra ${DEVICE}
COPY proto/ proto/
COPY analytics/ analytics/
COPY inference/ inference/
RUN uv sync --frozen --no-editable --extra inference --extra traces --extra ${DEVICE}

FROM environment AS models
RUN uv sync --frozen --no-editable --extra inference --extra models --extra cpu
RUN .venv/bin/python -P -m inference.models build --models /models

FROM debian:bookworm-slim
RUN useradd --uid 10001 --create-home rapt && install -d -o rapt /data
COPY --from=environment /rapt/python /rapt/python
COPY --from=environment /rapt/.venv /rapt/.venv
COPY --from=models /models /models
USER rapt
ENV PATH=/rapt/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    RAPT_INFERENCE_LISTEN=0.0.0.0:50051 \
    RAPT_INFERENCE_MODELS=/models \
    RAPT_INFERENCE_SPOOL=/data/spool
VOLUME /data
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import grpc; from grpc_health.v1 import health_pb2 as m, health_pb2_grpc as g; a = g.HealthStub(grpc.insecure_channel('127.0.0.1:50051')).Check(m.HealthCheckRequest(service='rapt.v1.Perception'), timeout=4); raise SystemExit(a.status != m.HealthCheckResponse.SERVING)"]
STOPSIGNAL SIGTERM
CMD ["python", "-P", "-m", "inference", "serve"]
