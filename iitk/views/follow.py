"""One choice, several places: what a page shows elsewhere, and what follows the choices of a view there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic

from iitk.errors import IitkError
from iitk.views.show import Screen, View, logged
from iitk.views.state import Chosen
from iitk.words import escape

Parts = Mapping[str, Any]  # what is shown elsewhere, by name


class Shared(Generic[Chosen]):
    """A view, and what stands in other cells of the notebook and follows its choices.

    `elsewhere` is what those cells show as the notebook is, `draw` what they show for a State. The view comes first:
    whoever chose looks at it, and a map may take longer.
    """

    def __init__(self, made: View[Chosen], elsewhere: Parts, draw: Callable[[Chosen], Parts]) -> None:
        self._made, self._draw, self._usual = made, draw, _html(elsewhere)
        self.screen = Screen(made)
        self._state = made.states()
        self.stale: Screen[Any] | None = None  # a view whose result would be of the choices before
        self.places = {name: Place(name, html) for name, html in self._usual.items()}
        self._follow()
        self.screen.then = lambda: self._follow(chosen=True)

    def _follow(self, *, chosen: bool = False) -> None:
        """Show everywhere what the view has come to; where that cannot be, say so, and leave it as it was."""
        state = self.screen.state
        if state == self._state:
            return
        self._state, fault = state, ""
        drawn = {name: place.html for name, place in self.places.items()}
        try:
            drawn = _html(self._draw(state)) if state != self._made.states() else self._usual
        except IitkError as error:
            fault = str(error)
        except Exception:  # noqa: BLE001 (a bug: whoever is in the room reads a sentence, the log has the rest)
            fault = logged(f"{self._made.name}, {', '.join(drawn)}: {state}")
        told = self._made.say(state) if chosen else ""  # a page that has just come up has nothing to say
        for name, html in drawn.items():
            self.places[name].show(html, fault or told, fault=bool(fault))
        if self.stale and chosen:
            self.stale.restart(fault or told)


class Place:
    """One of the cells that follow."""

    def __init__(self, name: str, html: str) -> None:
        import ipywidgets as widgets

        self.name, self.html = name, html
        self.figure = widgets.HTML(self._page("", fault=False))

    def show(self, html: str, status: str, *, fault: bool = False) -> None:
        """Show something else, and say the same of it as the view does: a page has one status line."""
        if fault or html != self.html:
            self.html = html
            self.figure.value = self._page(status, fault=fault)

    def _page(self, status: str, *, fault: bool) -> str:
        marks = ' data-fault="true"' if fault else ""
        return (
            f'<div class="view{" fault" if fault else ""}" data-view="{escape(self.name)}" data-keys="" data-query="" '
            f'data-status="{escape(status)}"{marks}>{self.html}</div>'
        )

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and the same as HTML: the page is whole before any script runs."""
        page = (
            f'<div class="live" data-model="{escape(self.figure.model_id)}">'
            f'<div class="live-shown">{self.figure.value}</div></div>'
        )
        return {**self.figure._repr_mimebundle_(**options), "text/html": page}


def _html(parts: Parts) -> dict[str, str]:
    return {name: one._repr_html_() for name, one in parts.items()}
