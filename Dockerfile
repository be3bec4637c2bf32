# Lianzhen in one image. Every role is the same image with another command (docs/deploy.md).
#
#   docker build -t lianzhen .            or   deploy/try_image.sh, which needs no registry
#
# BASE is any Debian 12 with Python 3.11, venv and pip; both stages stand on the same one, for the
# environment made in the first is used in the second.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock requirements-node.lock ./
# two environments: what runs, and what builds; nothing of the second reaches the image
RUN python3 -m venv /opt/lianzhen \
 && /opt/lianzhen/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements.lock \
 && python3 -m venv /opt/builder \
 && /opt/builder/bin/python -m pip install --quiet --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.lock -r requirements-node.lock
ENV PATH=/opt/builder/bin:$PATH
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel error
COPY . .
# the wheel holds code, forms, templates and the built browser part; its own hash pins it
RUN node_modules/.bin/vite build --logLevel warn \
 && /opt/builder/bin/python -m pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir /wheel . \
 && /opt/builder/bin/python deploy/pin_wheel.py /wheel > /wheel/own.lock \
 && /opt/lianzhen/bin/python -m pip install --quiet --no-index --no-deps --find-links /wheel --require-hashes -r /wheel/own.lock \
 && /opt/lianzhen/bin/python -m pip uninstall --quiet --yes pip setuptools \
 && install -m 0644 deploy/is_alive.py /opt/lianzhen/is_alive.py

FROM ${BASE}
LABEL org.opencontainers.image.title="Lianzhen" \
      org.opencontainers.image.licenses="Apache-2.0"
# what PDF, Chinese type and the jail's filter need; no compiler, no header
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      libseccomp2 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && fc-cache -s \
 && groupadd --gid 10001 lianzhen \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin lianzhen \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/lianzhen
COPY --from=build /opt/lianzhen /opt/lianzhen
# nothing is written outside the data folder and /tmp, so the root file system may be read-only
ENV PATH=/opt/lianzhen/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp \
    LC_ALL=C.UTF-8 \
    LIANZHEN_DATA_DIR=/var/lib/lianzhen \
    LIANZHEN_HOST=0.0.0.0 \
    LIANZHEN_PORT=8080
USER 10001:10001
WORKDIR /var/lib/lianzhen
VOLUME /var/lib/lianzhen
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-I", "/opt/lianzhen/is_alive.py"]
ENTRYPOINT ["lianzhen"]
CMD ["serve"]
