"""Web application: routes, problems, rate limits and headers around services given to it."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Lifespan

from server import api, web
from server.http.api_docs import install_docs
from server.http.middleware import HttpMiddleware
from server.http.problems import describe_problems, install_problem_handlers
from server.http.rate_limits import install_rate_limits
from server.services import Services

DESCRIPTION = """\
A real-time voice interview server.

Recruiters sign in at `POST /api/v1/auth/token` and send the access token with every request:
upload a plan, make an interview from it, send the candidate the join link, read the transcript.
A candidate's page exchanges the token of its link for a single-use ticket, which opens the
WebSocket. Every error is problem+json (RFC 9457).
"""


def create_app(services: Services, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the app around `services`, which routes find in its state.

    The sockets' routes are added by the composition root. Raises ValueError for a setting (a
    rate limit) that cannot be read.
    """
    app = VivaApp(
        title="Viva",
        summary="Job interviews by voice.",
        description=DESCRIPTION,
        version=_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    install_problem_handlers(app)
    install_rate_limits(app, services.settings)
    app.include_router(api.router)
    app.include_router(web.router)
    install_docs(app)
    app.mount("/static", web.Assets(), name="static")
    app.add_api_route("/", _redirect_to_recruiter, include_in_schema=False)
    app.add_middleware(HttpMiddleware)
    if services.settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=services.settings.allowed_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After", "X-Request-ID"],
            max_age=600,
        )
    return app


class VivaApp(FastAPI):
    """FastAPI whose OpenAPI description says what errors really look like: problems."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description, made at the first call."""
        if self.openapi_schema is None:
            describe_problems(super().openapi())
        return super().openapi()


async def _redirect_to_recruiter() -> RedirectResponse:
    return RedirectResponse("/recruiter")


def _version() -> str:
    try:
        return version("viva")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"
