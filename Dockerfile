# The service, its worker and its set-up in one image: `assist1540 serve`, `assist1540 worker`, `assist1540 init`.
# No image has been built of this yet: tests/test_dockerfile.py performs these steps instead.

FROM python:3.13-slim AS build
WORKDIR /src
# Every file is checked against its hash, those that build the package included.
COPY requirements/run.lock requirements/build.lock requirements/
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.lock
RUN python -m venv /opt/assist1540 && /opt/assist1540/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY app app
COPY matching matching
COPY migrations migrations
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /src/dist .
RUN /opt/assist1540/bin/pip install --no-cache-dir --no-deps --no-index /src/dist/assist1540-*.whl

FROM python:3.13-slim
RUN useradd --uid 1540 --create-home assist1540
COPY --from=build /opt/assist1540 /opt/assist1540
ENV PATH=/opt/assist1540/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER assist1540
WORKDIR /home/assist1540
EXPOSE 1540
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:1540/health', timeout=4)"]
ENTRYPOINT ["assist1540"]
CMD ["serve"]
