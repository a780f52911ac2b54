# The server as a container image. BASE is any image with Python 3.11 to 3.14 and its venv module:
# docker build --build-arg BASE=... .
ARG BASE=python:3.11-slim

# --- the builder: a virtual environment with exactly what uv.lock says
FROM ${BASE} AS builder

ARG UV_VERSION=0.13.9
ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/viva
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"

WORKDIR /source
# The packages first: they change less often than the code does.
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --python "$(command -v python3)"
COPY README.md LICENSE ./
COPY server server
COPY audio audio
COPY sessions sessions
COPY migrations migrations
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-editable --python "$(command -v python3)" \
    && rm -f /opt/viva/.lock

# --- the server: the environment alone, run by a user without rights
FROM ${BASE} AS server

RUN groupadd --gid 10001 viva \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin viva \
    && install --directory --owner=viva --group=viva --mode=0750 /data
COPY --from=builder /opt/viva /opt/viva

ENV PATH=/opt/viva/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VIVA_HOST=0.0.0.0 \
    VIVA_PORT=8000 \
    VIVA_DATA_DIR=/data
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Not urllib: it would ask the proxy that HTTP_PROXY may name for this very container.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/viva/bin/python", "-c", "import os, sys, http.client as h; c = h.HTTPConnection('127.0.0.1', int(os.environ['VIVA_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["viva"]
CMD ["serve"]
