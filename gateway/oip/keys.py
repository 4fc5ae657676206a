"""Who may ask models over HTTP? Whoever brings the local access token, or the protocol's own."""

import hmac

from rapt.bearer import token_in
from rapt.errors import NotSignedIn


class Keys:
    """The tokens that open `/v2`."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = tuple(token.encode() for token in tokens if token)

    def check(self, authorization: str | None) -> None:
        """Let a request pass that brings one of them.

        Raises:
            NotSignedIn: it brings none.
        """
        token = token_in(authorization or "")
        if not any([hmac.compare_digest(token, known) for known in self._tokens]):  # noqa: C419  # all are compared, so that the time tells nothing
            raise NotSignedIn(
                "send Authorization: Bearer with the local access token of run.json, or with the"
                " token that is set as RAPT_GATEWAY_OIP_TOKEN"
            )
