# syntax=docker/dockerfile:1
# Two stages: the first installs the pinned packages, the last holds them, Python and nothing to build with.
ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/modbot
COPY requirements.lock ./
RUN /opt/modbot/bin/python -m pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY rules rules
COPY service service
COPY workers workers
RUN /opt/modbot/bin/python -m pip install --no-deps --no-build-isolation . \
 && /opt/modbot/bin/python -m pip uninstall --yes pip

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="modbot" \
      org.opencontainers.image.description="Moderates forums by rule, within the forum's request limit"
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin modbot
COPY --from=build /opt/modbot /opt/modbot
ENV PATH=/opt/modbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MODBOT_CONFIG=/etc/modbot/modbot.yaml \
    MODBOT_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080 9090 9091
STOPSIGNAL SIGTERM
ENTRYPOINT ["modbot"]
CMD ["serve"]
