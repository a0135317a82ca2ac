# syntax=docker/dockerfile:1
# Two stages: the first takes the locked packages, checks their hashes and installs what modbot needs of them; the last
# holds that and Python, and nothing to build with. Redis is a container of its own.
ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
# Extras of pyproject.toml, by commas: otel for traces.
ARG EXTRAS=
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN python3 -m venv /opt/modbot \
 && /opt/modbot/bin/python -m pip download --quiet --only-binary :all: --require-hashes --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md ./
COPY rules rules
COPY service service
COPY workers workers
# Byte code is made here, since the root is read-only later, and checked by nothing, so that two builds are alike.
RUN /opt/modbot/bin/python -m pip install --quiet --no-compile --no-index --find-links /wheels ".${EXTRAS:+[$EXTRAS]}" \
 && /opt/modbot/bin/python -m pip uninstall --quiet --yes pip setuptools \
 && /opt/modbot/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/modbot/lib

FROM python:${PYTHON}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="modbot" \
      org.opencontainers.image.description="Moderates forums by rule, within the forum's request limit" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/modbot /opt/modbot
ENV PATH=/opt/modbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MODBOT_CONFIG=/etc/modbot/modbot.yaml \
    MODBOT_HOST=0.0.0.0 \
    MODBOT_REVISION=${REVISION}
# No account stands behind the number: its entry would hold the day of the build.
USER 10001:10001
EXPOSE 8080 9090 9091
STOPSIGNAL SIGTERM
ENTRYPOINT ["modbot"]
CMD ["serve"]
