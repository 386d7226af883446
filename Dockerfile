# syntax=docker/dockerfile:1
# Two stages: the first installs what uv.lock lists, the second holds only what the bot needs to run.
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
COPY scripts/get_uv.py /uv/scripts/
RUN ln -s "$(python3 /uv/scripts/get_uv.py)" /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/broadsheet
WORKDIR /src
# Dependencies first: they change less often than the code, so this layer stays in the engine's cache.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project --extra postgres
COPY bot ./bot
COPY digests ./digests
COPY storage ./storage
COPY seeds ./seeds
COPY scripts/build_hook.py scripts/compile_texts.py ./scripts/
RUN uv sync --frozen --no-dev --no-editable --extra postgres

FROM ${BASE}
LABEL org.opencontainers.image.title="Broadsheet" \
    org.opencontainers.image.description="A self-hosted Discord bot that posts daily news digests" \
    org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin broadsheet \
    && install -d -m 0700 -o broadsheet -g broadsheet /data
COPY --from=build /opt/broadsheet /opt/broadsheet
ENV PATH=/opt/broadsheet/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_PATH=/data/broadsheet.db \
    HEALTH_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# On whatever port is set; what else may be wrong, /readyz tells, and no new start helps.
HEALTHCHECK --interval=30s --timeout=8s --start-period=60s --retries=3 CMD ["broadsheet", "health"]
ENTRYPOINT ["broadsheet"]
CMD ["run"]
