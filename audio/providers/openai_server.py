"""OpenAI server: address, key and model of one provider, and the sentences for its errors.

What the adapters of its endpoints and of its sockets have in common. Nothing here quotes a key.
"""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from audio.providers.retrying import retry_after_s
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable

OPENAI_URL = "https://api.openai.com/v1"

NO_KEY = "no-key"
"""Key sent to a server of one's own that asks for none: the client insists on having one."""


class OpenAIServer:
    """One provider as an adapter sees it. Raises SpeechRejected if there is nothing to call."""

    def __init__(self, api_key: str | None, base_url: str | None, model: str) -> None:
        if not api_key and not base_url:
            raise SpeechRejected(
                "Speech through OpenAI needs a key. Set OPENAI_API_KEY, or OPENAI_BASE_URL for a"
                " server of your own, or choose local speech (VIVA_STT=local, VIVA_TTS=local)."
            )
        self.model = model
        self.base_url = base_url or OPENAI_URL
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise SpeechRejected("OPENAI_BASE_URL must begin with http:// or https:// and a host.")
        self.host = address.netloc.rpartition("@")[2]
        self.key = (api_key or NO_KEY).strip()
        if not (self.key.isascii() and self.key.isprintable()):
            raise SpeechRejected("OPENAI_API_KEY holds characters that no key has.")

    def socket_url(self, path: str, query: Mapping[str, str]) -> str:
        """Return the address of a socket: `path` below the server's own, such as "realtime"."""
        address = urlsplit(self.base_url)
        scheme = "wss" if address.scheme == "https" else "ws"
        fields = "&".join(part for part in (address.query, urlencode(query)) if part)
        whole = address._replace(
            scheme=scheme,
            netloc=self.host,
            path=f"{address.path.rstrip('/')}/{path}",
            query=fields,
            fragment="",
        )
        return whole.geturl()

    # --- what is said of a failure ---------------------------------------------------------------

    def timeout_error(self, timeout_s: float) -> SpeechError:
        """Return the error of an answer that is late."""
        return SpeechUnavailable(
            f"{self.host} did not answer within {timeout_s:g} s.", retryable=True
        )

    def unreachable(self) -> SpeechError:
        """Return the error of a server that takes no connections."""
        return SpeechUnavailable(f"{self.host} cannot be reached.", retryable=True)

    def broke_off(self) -> SpeechError:
        """Return the error of a connection that ended before the reply did."""
        return SpeechUnavailable(
            f"The connection to {self.host} broke off in mid-reply.", retryable=True
        )

    def unreadable(self) -> SpeechError:
        """Return the error of a reply in a form that nobody knows."""
        return SpeechUnavailable(f"{self.host} sent a reply that cannot be read.", retryable=True)

    def stalled(self) -> SpeechError:
        """Return the error of sound that stops coming, or falls behind."""
        return SpeechUnavailable(
            f"{self.host} stopped sending sound in mid-sentence.", retryable=True
        )

    def soundless(self) -> SpeechError:
        """Return the error of a reply that holds no sound."""
        return SpeechUnavailable(f"{self.host} answered without any sound.", retryable=True)

    def status_error(
        self, status: int, headers: Mapping[str, str], *, code: object = None, message: object = ""
    ) -> SpeechError:
        """Return the error of a refusal with an HTTP status.

        `code` and `message` are those of the body's `error`, whatever they hold.
        """
        wait_s = retry_after_s(headers)
        if status == 429 and code == "insufficient_quota":
            return SpeechRejected(f"The account at {self.host} has no credit left (429).")
        if status == 429:
            return SpeechBusy(
                f"{self.host} takes no more requests just now (429).",
                retryable=True,
                retry_after_s=wait_s,
            )
        if status >= 500 or status in (408, 409):
            return SpeechUnavailable(
                f"{self.host} reported a fault of its own ({status}).",
                retryable=True,
                retry_after_s=wait_s,
            )
        if status == 401:
            return SpeechRejected(f"{self.host} refused the key (401). Check OPENAI_API_KEY.")
        if status == 403:
            return SpeechRejected(
                f"{self.host} does not allow this key to use the model '{self.model}' (403)."
            )
        if status == 404:
            return SpeechRejected(
                f"{self.host} has no model '{self.model}', or no such service (404). Check the"
                " model's name and OPENAI_BASE_URL."
            )
        return SpeechRejected(
            f"{self.host} did not accept the request ({status}){self._said(message)}."
        )

    def event_error(self, error: object) -> SpeechError:
        """Return the error that a socket tells in an event: its `error`, whatever it holds."""
        fields = error if isinstance(error, Mapping) else {}
        code, kind, message = (fields.get(name) for name in ("code", "type", "message"))
        for name in (code, kind):
            status = _STATUS_OF_CODE.get(name) if isinstance(name, str) else None
            if status is not None:
                return self.status_error(status, {}, code=name, message=message)
        refused = kind == "invalid_request_error"
        return self.status_error(400 if refused else 500, {}, code=code, message=message)

    def _said(self, message: object) -> str:
        if not isinstance(message, str) or not message.strip():
            return ""
        return ": " + message.replace(self.key, "***").strip().rstrip(".")[:200]


_STATUS_OF_CODE = {
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_denied": 403,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "tokens": 429,
    "requests": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "internal_error": 500,
    "session_expired": 503,
    "server_overloaded": 503,
}
"""HTTP status that says the same as a code or a type in an event's error."""
