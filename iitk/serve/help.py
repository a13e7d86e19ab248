"""The help page: how to use the pages in a room, what to do when something is in the way, and every word explained."""

from __future__ import annotations

from itertools import groupby

from iitk.serve.shell import render
from iitk.sources import glossary


def page(base: str = "/") -> str:
    """Return the help page as HTML; `base` is the server's own address, with a slash at its end."""
    letters = groupby(glossary.load(), key=lambda one: one.term[0].upper())
    return render("help.html.j2", base=base, letters=[(letter, list(terms)) for letter, terms in letters])
