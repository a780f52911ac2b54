"""Seed data of the first start: a demo organisation, its recruiter, a plan, and one interview.

It may run at every start: what is there is left alone, and the same link and first password are
returned as long as they work.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from server.auth.passwords import Passwords
from server.auth.private_files import read_or_create_private, read_private, write_private
from server.settings import Settings
from server.store.accounts import AccountStore, EmailTaken
from server.store.records import Account, NewInterview
from server.store.store import Store
from sessions.plan.plan import Plan, demo_plan

DEMO_ORGANISATION = "Viva demo"
DEMO_EMAIL = "recruiter@viva.example"
"""Address of the demo's recruiter; `.example` is reserved (RFC 2606), so no mail can reach it."""

DEMO_CANDIDATE = "Demo Candidate"

SIGN_IN_FILE = "first-password"
"""Name of the private file with the recruiter's first password, in the data folder."""

LINK_FILE = "demo-link"
"""Name of the private file with the join token of the demo's interview, in the data folder."""


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What the start prints."""

    candidate_url: str
    recruiter_url: str
    email: str

    password: str | None
    """The recruiter's first password; None once it was changed."""

    password_made: bool = field(default=False, compare=False)
    """Whether this start has made the password."""

    link_made: bool = field(default=False, compare=False)
    """Whether this start has made the candidate's link."""


async def seed(store: Store, passwords: Passwords, settings: Settings) -> SeedResult | None:
    """Make what is missing of the demo; return its links and its first password.

    None where there are users but not the demo's recruiter: then the installation is not a demo.
    Raises StoreUnavailable, and OSError when `data_dir` cannot be written.
    """
    account = await store.accounts.find_user_by_email(DEMO_EMAIL)
    known = account is not None
    if account is None:
        if await store.accounts.has_users():
            return None
        account = await _first_account(store.accounts, passwords, settings.data_dir)
    token, link_made = await _demo_token(store, account, settings)
    return SeedResult(
        candidate_url=f"{settings.base_url}/join/{token}",
        recruiter_url=f"{settings.base_url}/recruiter",
        email=account.email,
        password=await _first_password(passwords, account, settings.data_dir),
        password_made=not known,
        link_made=link_made,
    )


def forget_first_password(data_dir: Path, email: str) -> None:
    """Remove the first password once its owner has chosen another."""
    if email == DEMO_EMAIL:
        (data_dir / SIGN_IN_FILE).unlink(missing_ok=True)


async def _first_account(accounts: AccountStore, passwords: Passwords, data_dir: Path) -> Account:
    # The file first: a start that dies between the two must not leave an account without it.
    password = await asyncio.to_thread(_kept_or_new, data_dir / SIGN_IN_FILE)
    try:
        return await accounts.create_organisation(
            DEMO_ORGANISATION,
            email=DEMO_EMAIL,
            password_hash=await passwords.hash(password),
            user_name="Recruiter",
            role="recruiter",
        )
    except EmailTaken:  # another server, started at the same time, was faster
        account = await accounts.find_user_by_email(DEMO_EMAIL)
        if account is None:
            raise
        return account


def _kept_or_new(path: Path) -> str:
    """Return the password in the file, which is made where it is missing."""
    return read_or_create_private(path, lambda: secrets.token_urlsafe(12) + "\n").strip()


async def _first_password(passwords: Passwords, account: Account, data_dir: Path) -> str | None:
    kept = await asyncio.to_thread(read_private, data_dir / SIGN_IN_FILE)
    if kept is None:
        return None
    password = kept.strip()
    if await passwords.verify(password, account.password_hash):
        return password
    await asyncio.to_thread(forget_first_password, data_dir, account.email)
    return None


async def _demo_token(store: Store, account: Account, settings: Settings) -> tuple[str, bool]:
    """Return the demo's join token, and whether it was made just now."""
    path = settings.data_dir / LINK_FILE
    kept = await asyncio.to_thread(read_private, path)
    found = None
    if kept is not None:
        found = await store.tickets.find_invitation(
            kept.strip(), reentry_lifetime_s=settings.join_lifetime_s
        )
        if found and not found.expired and not found.interview.over:
            return kept.strip(), False
    token = None
    if found is not None:  # None again when the interview is over: then another one is made
        token = await store.interviews.renew_link(
            account.organisation_id, found.interview.id, settings.join_lifetime_s
        )
    if token is None:
        token = await invite_demo_candidate(store, account, settings)
    await asyncio.to_thread(write_private, path, token + "\n")
    return token, True


async def invite_demo_candidate(
    store: Store, account: Account, settings: Settings, plan: Plan | None = None
) -> str:
    """Create an interview on `plan`, or on the demo's; return its join token."""
    plan = plan or demo_plan()
    existing = [
        p for p in await store.plans.list_all(account.organisation_id) if p.title == plan.title
    ]
    stored = (
        await store.plans.find(account.organisation_id, existing[-1].id) if existing else None
    ) or await store.plans.create(
        account.organisation_id, plan.title, plan.model_dump(mode="json"), account.id
    )
    new = NewInterview(
        plan=stored,
        candidate_name=DEMO_CANDIDATE,
        candidate_email=None,
        language=plan.language,
        time_limit_s=plan.time_limit_minutes * 60,
    )
    _, token = await store.interviews.create(
        account.organisation_id, new, settings.join_lifetime_s, account.id
    )
    return token
