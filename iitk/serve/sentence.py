"""Pages that say one thing: what is wrong and what to do, that there is no room just now, that a token is needed."""

from __future__ import annotations

from iitk.serve.shell import render

_SAID = {
    400: ("This link is not complete", "Something in the address is missing or not in its place."),
    403: ("This is not open to you", "This server is asked in a way that it does not answer."),
    404: ("There is nothing at this address", "The link may have been cut short, or the page has another name now."),
    405: ("There is nothing at this address", "Pages here are opened, not sent to."),
    413: ("This is too large to take away", "Ask whoever runs this server for the folder itself."),
    414: ("This link is too long", "Open the page from its beginning, and make your choices again."),
    503: ("All places are taken", "As many pages are open as this machine can hold."),
}
_FAULT = ("Something went wrong", "The fault is in the toolkit. Whoever runs this server finds it in the log.")


def page(status: int, said: str | None = None, *, base: str = "/") -> str:
    """The page for an answer with this status; `said` replaces the usual sentence."""
    heading, usual = _SAID.get(status, _FAULT)
    return render("sentence.html.j2", base=base, about=f"Answer {status}", heading=heading, said=said or usual,
                  token_field=False, waiting=status == 503)  # fmt: skip


def token_page(base: str, *, wrong: bool) -> str:
    """Ask for the token."""
    said = "That token is not the one. " if wrong else ""
    said += "Whoever started this server has a link that opens it, or the token from that link."
    return render("sentence.html.j2", base=base, about="Answer 403", heading="This server asks for a token", said=said,
                  token_field=True, waiting=False)  # fmt: skip
