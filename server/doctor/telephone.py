"""Telephone check of the doctor: half an account, an address that no vendor reaches."""

from urllib.parse import urlsplit

from server.doctor.report import DoctorContext, Finding, ok, warn
from server.settings import Settings


async def check_telephone(context: DoctorContext) -> Finding:
    """Check that calls can come in and go out, as far as the settings show. Nobody is called."""
    settings = context.settings
    bridges = _bridges(settings)
    if settings.twilio_account_sid and settings.twilio_auth_token is None:
        return warn("a Twilio account without its token", "Set VIVA_TWILIO_AUTH_TOKEN.")
    if settings.twilio_auth_token is not None and not settings.twilio_account_sid:
        return warn("a Twilio token without its account", "Set VIVA_TWILIO_ACCOUNT_SID.")
    if not bridges:
        return ok("no bridge is set up; interviews are held in browsers")
    seen = f"bridges: {', '.join(bridges)}"
    if settings.twilio_configured:
        address = urlsplit(settings.base_url)
        if address.scheme != "https":
            return warn(
                f"{seen}; Twilio cannot reach {settings.base_url}",
                "Set VIVA_PUBLIC_URL to the https address that stands in Twilio's console.",
            )
        if not settings.twilio_from_number:
            return warn(
                f"{seen}; nobody can be called",
                "Set VIVA_TWILIO_FROM_NUMBER to a number of the account.",
            )
    return ok(seen)


def _bridges(settings: Settings) -> list[str]:
    found = ["Twilio"] if settings.twilio_configured else []
    if settings.bridge_token is not None:
        found.append("those that show VIVA_BRIDGE_TOKEN")
    return found
