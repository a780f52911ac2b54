"""API docs: the page at /docs, with Swagger UI from a package and not from another host."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS_PATH = "/docs-assets"


def install_docs(app: FastAPI) -> None:
    """Add /docs and the files it needs to `app`."""
    app.mount(ASSETS_PATH, StaticFiles(directory=_assets()), name="docs-assets")
    app.add_api_route("/docs", _page, include_in_schema=False)


async def _page() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Viva: API",
        swagger_js_url=f"{ASSETS_PATH}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS_PATH}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS_PATH}/favicon.png",
    )


def _assets() -> Path:
    spec = find_spec("fastapi_offline")  # found, not imported: only its files are wanted
    if spec is None or spec.origin is None:
        raise RuntimeError("The package fastapi-offline, which holds Swagger UI, is missing.")
    return Path(spec.origin).parent / "static"
