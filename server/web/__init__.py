"""Web pages: the candidate's and the recruiter's, plain files that run without a build step."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import URL
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE = Path(__file__).parent
PAGES_DIR = HERE / "pages"
STATIC_DIR = HERE / "static"

router = APIRouter(include_in_schema=False)


@router.get("/join/{token}")
async def candidate_page(request: Request, token: str) -> HTMLResponse:
    """Return the candidate's page.

    It looks the token up over the API itself: opening (or previewing) the link consumes nothing.
    """
    return _page("join.html", request)


@router.get("/recruiter")
@router.get("/recruiter/{rest:path}")
async def recruiter_page(request: Request, rest: str = "") -> HTMLResponse:
    """Return the recruiter's page; its own script reads what follows `/recruiter/`."""
    return _page("recruiter.html", request)


class Assets(StaticFiles):
    """Static files of `STATIC_DIR`, always revalidated: no page mixes scripts of two versions."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC_DIR)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or 304; raises HTTPException 404 and 405 as StaticFiles does."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def page_headers(url: URL) -> dict[str, str]:
    """Return the headers of a page served at `url`.

    It is never stored, its address (which holds the join token) never passed on, and its policy
    runs nothing but our own files. The socket's origin is spelled out since older browsers do not
    count ws: as 'self'.
    """
    sockets = f"ws://{url.netloc} wss://{url.netloc}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {sockets}",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _page(name: str, request: Request) -> HTMLResponse:
    return HTMLResponse(_read(name), headers=page_headers(request.url))


@lru_cache
def _read(name: str) -> str:
    return (PAGES_DIR / name).read_text(encoding="utf-8")
