"""The recruiter's API as the page meets it: canned answers that remember what was asked."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from sessions.monitor.rights import MONITOR_RIGHTS, in_order, rights_of
from sessions.plan.sensitive import sensitive_hint
from tests.fakes.page_peer import problem

EMAIL = "recruiter@viva.example"
PASSWORD = "correct horse battery"
ACCESS = "an-access-token"
PLAN_ID = "9d2f4a52-0f0e-4a0c-8a35-0f8f2f7c1c9e"


def turn(index: int, speaker: str, text: str, at: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A turn as the transcript has it."""
    body: dict[str, Any] = {
        "session_id": "s-1",
        "index": index,
        "speaker": speaker,
        "text": text,
        "heard_text": text,
        "started_ms": at[0],
        "ended_ms": at[1],
        "confidence": None,
        "interrupted": False,
        "move": {},
        "latency": {},
        "usage": {},
    }
    return body | more


class RecruiterApi:
    """A small organisation; attributes may be changed by a test at any time."""

    def __init__(self) -> None:
        self.password = PASSWORD
        self.valid = True
        self.role = "recruiter"
        self.away = False  # no list can be loaded
        self.interviews: dict[str, dict[str, Any]] = {}
        self.turns: dict[str, list[dict[str, Any]]] = {}
        self.plans = [{"id": PLAN_ID, "title": "Backend engineer", "created_at": _day(3)}]
        self.uploads: list[tuple[str, str]] = []
        self.created: list[dict[str, Any]] = []
        self.listed = 0

    def add(self, number: int, name: str, status: str, **more: Any) -> dict[str, Any]:
        """Put an interview in; the higher the number, the newer."""
        interview = {
            "id": f"i-{number}",
            "status": status,
            "live": status == "running",
            "plan_id": PLAN_ID,
            "title": "Backend engineer",
            "candidate_name": name,
            "candidate_email": f"{name.split()[0].lower()}@example.com",
            "candidate_phone": None,
            "language": "en",
            "time_limit_s": 900,
            "join_expires_at": _day(20),
            "created_at": _day(number % 28 + 1),
            "started_at": None if status == "invited" else _day(number % 28 + 1),
            "ended_at": None,
            "end_reason": None,
            **more,
        }
        self.interviews[interview["id"]] = interview
        return interview

    def install(self, app: FastAPI) -> None:
        """Add the routes to `app`."""
        routes = {
            ("POST", "/auth/token"): self._sign_in,
            ("GET", "/me"): self._me,
            ("POST", "/me/password"): self._change_password,
            ("GET", "/plans"): self._list_plans,
            ("POST", "/plans"): self._upload,
            ("GET", "/interviews"): self._list,
            ("POST", "/interviews"): self._create,
            ("GET", "/interviews/{id}"): self._read,
            ("GET", "/interviews/{id}/transcript"): self._transcript,
            ("GET", "/interviews/{id}/cost"): self._cost,
            ("POST", "/interviews/{id}/link"): self._link,
            ("POST", "/interviews/{id}/call"): self._call,
            ("POST", "/interviews/{id}/end"): self._end,
            ("GET", "/live"): self._live,
            ("POST", "/live/hint-check"): self._check_hint,
            ("POST", "/live/{id}/ticket"): self._ticket,
        }
        for (method, path), answer in routes.items():
            guarded = answer if path == "/auth/token" else self._guarded(answer)
            app.add_route(f"/api/v1{path}", guarded, methods=[method])

    def _guarded(self, answer: Any) -> Any:
        async def guarded(request: Request) -> Response:
            if not self.valid or request.headers.get("authorization") != f"Bearer {ACCESS}":
                return problem(401, "token-refused", "Not signed in", "Please sign in first.")
            response: Response = await answer(request)
            return response

        return guarded

    async def _sign_in(self, request: Request) -> Response:
        if await request.json() != {"email": EMAIL, "password": self.password}:
            sentence = "The e-mail address or the password is wrong."
            return problem(401, "sign-in-refused", "Not signed in", sentence)
        return JSONResponse({"access_token": ACCESS, "token_type": "bearer", "expires_in": 60})

    async def _me(self, _request: Request) -> Response:
        organisation = {"id": "o-1", "name": "Northwind Labs"}
        rights = in_order(rights_of(self.role))
        me = {"email": EMAIL, "name": "", "role": self.role, "rights": rights}
        return JSONResponse(me | {"organisation": organisation})

    async def _change_password(self, request: Request) -> Response:
        change = await request.json()
        if change["old"] != self.password:
            sentence = "The old password is not the right one."
            return problem(403, "wrong-password", "Wrong password", sentence)
        self.password = change["new"]
        return Response(status_code=204)

    def monitor_rights(self) -> list[str]:
        """What the role allows of what a monitor may do."""
        return [right.value for right in in_order(rights_of(self.role) & MONITOR_RIGHTS)]

    async def _live(self, _request: Request) -> Response:
        live = [one for one in self.interviews.values() if one["live"]]
        return JSONResponse({"items": [_tile(one) for one in live]})

    async def _check_hint(self, request: Request) -> Response:
        hint = await request.json()
        return JSONResponse({"warnings": list(sensitive_hint(hint["text"]))})

    async def _ticket(self, request: Request) -> Response:
        url = f"ws://{request.url.netloc}/ws/monitor"
        return JSONResponse({"ticket": "a-ticket-for-one-socket", "socket_url": url})

    async def _list_plans(self, _request: Request) -> Response:
        return JSONResponse({"items": self.plans})

    async def _upload(self, request: Request) -> Response:
        text = (await request.body()).decode()
        self.uploads.append((request.headers["content-type"], text))
        if "sections" not in text:
            errors = [
                {"field": "sections", "message": "This field is missing."},
                {"field": "sections.0.questions.1.minutes", "message": "Not a number (line 12)."},
            ]
            sentence = "The plan has 2 faults."
            return problem(422, "plan-refused", "The plan cannot be used", sentence, errors=errors)
        plan = {"id": "p-2", "title": "Customer support", "created_at": _day(9)}
        self.plans.insert(0, plan)
        return JSONResponse(plan, 201)

    async def _list(self, request: Request) -> Response:
        self.listed += 1
        if self.away:
            return problem(503, "store-unavailable", "Database unavailable", "Not just now.")
        newest = sorted(self.interviews.values(), key=lambda i: -int(i["id"][2:]))
        start = int(request.query_params.get("cursor", "0"))
        end = start + int(request.query_params["limit"])
        following = str(end) if end < len(newest) else None
        return JSONResponse({"items": newest[start:end], "next_cursor": following})

    async def _create(self, request: Request) -> Response:
        wanted = await request.json()
        self.created.append(wanted)
        phone = wanted.get("candidate_phone")
        number, name = len(self.interviews) + 1, wanted["candidate_name"]
        interview = self.add(number, name, "invited", candidate_phone=phone)
        told = {"join_url": "http://localhost:8000/join/first", "pin": "20734416"}
        return JSONResponse(interview | told, 201)

    async def _read(self, request: Request) -> Response:
        found = self.interviews.get(request.path_params["id"])
        if found is None:
            return problem(404, "not-found", "Not found", "There is no interview with this id.")
        return JSONResponse(found)

    async def _transcript(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        turns = self.turns.get(wanted, [])
        to_dos = [
            {"session_id": one["session_id"], "index": one["index"], "text": one["move"]["to_do"]}
            for one in turns
            if "to_do" in one["move"]
        ]
        return JSONResponse({"interview_id": wanted, "turns": turns, "to_dos": to_dos})

    async def _cost(self, request: Request) -> Response:
        spent = 0.0412 if self.turns.get(request.path_params["id"]) else 0.0
        return JSONResponse({"cost_usd": spent, "unpriced": [], "used": []})

    async def _link(self, request: Request) -> Response:
        found = self.interviews[request.path_params["id"]]
        return JSONResponse(found | {"join_url": "http://localhost:8000/join/second"})

    async def _call(self, request: Request) -> Response:
        found = self.interviews[request.path_params["id"]]
        if found["live"]:
            return problem(502, "call-not-placed", "The call was not placed", "Twilio is away.")
        return JSONResponse({"id": "c-1", "number": found["candidate_phone"]}, 201)

    async def _end(self, request: Request) -> Response:
        found = self.interviews[request.path_params["id"]]
        found |= {"status": "ended", "live": False, "end_reason": "recruiter", "ended_at": _day(9)}
        return Response(json.dumps(found), media_type="application/json")


def _tile(interview: dict[str, Any]) -> dict[str, Any]:
    return {
        "interview_id": interview["id"],
        "candidate_name": interview["candidate_name"],
        "title": interview["title"],
        "phase": "answering",
        "holder": "interviewer",
        "connected": True,
        "question": {"id": "q2", "number": 2, "of": 6, "text": "What was the hardest problem?"},
        "time_limit_ms": 900_000,
        "time_left_ms": 512_000,
        "monitors": 1,
        "listeners": 0,
        "levels": {"candidate": -31, "interviewer": -100},
        "here": True,
    }


def _day(day: int) -> str:
    return f"2026-03-{day:02}T09:30:00Z"
