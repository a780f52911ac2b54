"""Problems: every error of the HTTP API, answered as problem+json (RFC 9457) in words of ours.

A problem has `type`, `title`, `status`, `detail`, and our own `code` (what a program looks at)
and `request_id` (what a person quotes); some have `errors`, one a wrong field.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from server.logs import get_logger
from sessions.record.retrying import StoreUnavailable
from sessions.record.transaction import ValueRefused

MEDIA_TYPE = "application/problem+json"

MAX_FIELD_ERRORS = 50
"""Number of wrong fields told of one request at most: an answer stays small, whatever came."""

MAX_FIELD_CHARS = 120
"""Length of a field's name in an answer at most: some names are chosen by whoever asks."""

log = get_logger(__name__)


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class ProblemBody(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:viva:problem:not-found",
                "title": "Not found",
                "status": 404,
                "detail": "There is no interview with this id.",
                "code": "not-found",
                "request_id": "5f3a0c1d9b7e4a52",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = Field(
        default=None, description="One a wrong field, where fields are wrong."
    )


class Problem(HTTPException):
    """An error that is answered as a problem. `detail` is a sentence for a person."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.code = code
        self.title = title
        self.errors = tuple(errors)


def not_found(what: str) -> Problem:
    """Return the 404 for a resource that is not there, or belongs to another organisation."""
    return Problem(404, "not-found", "Not found", f"There is no {what} with this id.")


def problem_response(problem: Problem) -> Response:
    """Return the response for a problem, with the id of the request that it belongs to."""
    body: dict[str, Any] = {
        "type": f"urn:viva:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status_code,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": str(structlog.contextvars.get_contextvars().get("request_id", "")),
    }
    if problem.errors:
        body["errors"] = [{"field": f, "message": message} for f, message in problem.errors]
    return JSONResponse(body, problem.status_code, headers=problem.headers, media_type=MEDIA_TYPE)


def unexpected_response() -> Response:
    """Return the 500 for an unexpected error, which is in the log under the same request id."""
    return problem_response(
        Problem(
            500,
            "internal-error",
            "Internal error",
            "Something went wrong on our side; it has been noted under this request id.",
        )
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` as a problem, whoever raised it."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(StoreUnavailable, _on_store_unavailable)
    app.add_exception_handler(ValueRefused, _on_value_refused)


def describe_problems(schema: dict[str, Any]) -> None:
    """Describe the errors of an OpenAPI description as problems, 422 included."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            responses = operation["responses"]
            if "default" in responses:
                responses.pop("422", None)
                content = responses["default"]["content"]
                responses["default"]["content"] = {MEDIA_TYPE: content.popitem()[1]}
    for unused in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(unused, None)


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Anything else: a problem, in words a person understands.",
        "model": ProblemBody,
    }
}
"""Value for `responses=` of a router: documents what an error looks like."""


_STANDARD: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "Bad request", "The request could not be read."),
    404: ("not-found", "Not found", "There is nothing at this address."),
    405: ("method-not-allowed", "Method not allowed", "This address does not take this method."),
    413: ("too-large", "Too large", "The request is larger than this server takes."),
    415: ("unsupported-type", "Unsupported type", "This kind of content is not taken here."),
}
"""Code, title and sentence for errors that the framework raises by number alone."""


METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
"""Methods that an address may take, in the order in which `Allow` names them."""


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return problem_response(error)
    if not isinstance(error, HTTPException):
        return unexpected_response()
    status = error.status_code
    code, title, detail = _STANDARD.get(
        status, (f"http-{status}", f"Error {status}", error.detail or "The request was refused.")
    )
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods_at(request))
    return problem_response(Problem(status, code, title, detail, headers=headers))


def _methods_at(request: Request) -> list[str]:
    """Return every method that this address takes; the framework names those of one route."""
    asked = request.scope
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return [
        method
        for method in METHODS
        if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [(_field(item["loc"]), _sentence(item)) for item in found[:MAX_FIELD_ERRORS]]
    detail = " ".join(f"{name}: {message}" for name, message in fields[:3])
    return problem_response(
        Problem(422, "invalid", "The request is not valid", detail, errors=fields)
    )


def _field(location: Sequence[int | str]) -> str:
    """Return the name of a wrong field: `candidate_name` for `body.candidate_name`."""
    names = [str(part) for part in location]
    if len(names) > 1 and names[0] in {"body", "query", "path", "header"}:
        names = names[1:]
    return ".".join(names)[:MAX_FIELD_CHARS] or "body"


def _sentence(item: Mapping[str, Any]) -> str:
    if item["type"] == "json_invalid":
        return "This is not JSON."
    text = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{text}."


async def _on_value_refused(_request: Request, error: Exception) -> Response:
    log.warning("value refused", problem=str(error))
    return problem_response(
        Problem(
            422,
            "invalid",
            "The request is not valid",
            "It holds a value that cannot be kept: a character, a number or a date.",
        )
    )


async def _on_store_unavailable(_request: Request, error: Exception) -> Response:
    log.warning("database unavailable", problem=str(error))
    return problem_response(
        Problem(
            503,
            "store-unavailable",
            "Database unavailable",
            "The database cannot be reached just now; please try again in a moment.",
            headers={"Retry-After": "5"},
        )
    )
