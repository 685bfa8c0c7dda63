# One image for every part of the stack; what a container becomes is said by `evergreen container PART`.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/evergreen/venv
COPY requirements.txt /tmp/requirements.txt
# --no-deps: the lock names every package already, less one that this project leaves out (docs/decisions/0001)
RUN --mount=type=cache,target=/root/.cache/pip \
    PIP_NO_CACHE_DIR=0 /opt/evergreen/venv/bin/pip install --no-deps --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
# git: the data registry; libgomp1: LightGBM and XGBoost
RUN apt-get update \
    && apt-get install -y --no-install-recommends git libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 evergreen \
    && mkdir -p /var/lib/evergreen && chown evergreen:evergreen /var/lib/evergreen
COPY --from=build /opt/evergreen/venv /opt/evergreen/venv
COPY --chown=root:root pyproject.toml requirements.txt README.md LICENSE /opt/evergreen/project/
COPY --chown=root:root dags /opt/evergreen/project/dags
COPY --chown=root:root plugins /opt/evergreen/project/plugins
COPY --chown=root:root include /opt/evergreen/project/include
ENV PATH=/opt/evergreen/venv/bin:$PATH \
    PYTHONPATH=/opt/evergreen/project/include \
    PYTHONUNBUFFERED=1 \
    EVERGREEN_HOME=/var/lib/evergreen \
    EVERGREEN_REPOSITORY=/opt/evergreen/project \
    EVERGREEN_USE_CASES=/opt/evergreen/project/include/use_cases
USER evergreen
WORKDIR /var/lib/evergreen
VOLUME /var/lib/evergreen
ENTRYPOINT ["python", "-m", "evergreen", "container"]
CMD ["scheduler"]
