"""The REST resources under /api/v1, one file a resource, and the two health checks."""

from fastapi import APIRouter

from server.api import auth, calls, health, interviews, join, plans

router = APIRouter()
for resource in (auth, plans, interviews, calls, join, health):
    router.include_router(resource.router)
