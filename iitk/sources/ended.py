"""What the publisher's notes say of areas that have ended."""

from __future__ import annotations

import re

_SUCCESSOR = re.compile(r"\b([EWSNK]\d{8}|TL[A-Z0-9]{1,3})\b")
ENDED = "Obsolete code"  # how such a note begins


def successors(note: str) -> tuple[str, ...]:
    """Codes that replaced an area, from the publisher's note; none if the area still exists.

    >>> successors("Obsolete code since 2023 (replaced by E06000065 North Yorkshire)")
    ('E06000065',)
    """
    return tuple(_SUCCESSOR.findall(note)) if note.startswith(ENDED) else ()
