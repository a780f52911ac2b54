"""REST API: the resources under /api/v1, one file each, and the two health checks."""

from fastapi import APIRouter

from server.api import (
    auth,
    calls,
    candidates,
    costs,
    health,
    interviews,
    join,
    members,
    monitors,
    plans,
    realtime,
)

router = APIRouter()
for resource in (
    auth,
    members,
    plans,
    interviews,
    candidates,
    calls,
    costs,
    join,
    realtime,
    monitors,
    health,
):
    router.include_router(resource.router)
