"""Show a figure with its form: a choice makes a new State, a pure function of the stages makes its figure.

No widget computes anything. What goes wrong is said in a sentence, and the page stays as it was.
"""

from __future__ import annotations

import logging
import os
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic

from iitk.errors import IitkError
from iitk.views import form, guard, markup
from iitk.views.state import Chosen, from_query, kinds, to_query, with_value
from iitk.words import escape

APP, QUERY, LOG = "IITK_APP", "QUERY_STRING", "IITK_APP_LOG"  # what the server tells its kernels


def in_app() -> bool:
    """Whether this notebook is served as an app."""
    return os.environ.get(APP) == "1"


@dataclass(frozen=True, slots=True)
class View(Generic[Chosen]):
    """A figure with choices.

    `draw` takes a State and returns what is then shown, in the same order; `say` returns a sentence for the status
    line. `also` is what the notebook shows in a cell of its own and what follows the same choices: an app shows it
    under `shown`.
    """

    name: str
    states: type[Chosen]
    shown: Any
    draw: Callable[[Chosen], Sequence[Any]]
    say: Callable[[Chosen], str]
    also: Sequence[Any] = ()


def view(made: View[Chosen]) -> Any:
    """Return the very figure that the notebook shows; in an app, with a form to choose what it shows."""
    return Screen(made) if in_app() else made.shown


class Screen(Generic[Chosen]):
    """A view on a page: its State, its form and what it shows follow one another. A notebook shows it as its box."""

    def __init__(self, made: View[Chosen]) -> None:
        import ipywidgets as widgets

        guard.install()
        self.made, self.state = made, made.states()
        self._drawn = _html([made.shown, *made.also])
        asked, said = from_query(made.states, os.environ.get(QUERY, ""))
        fault = self._move(asked) if asked != self.state else ""
        self.figure = widgets.HTML(self._page(fault or said, fault=bool(fault)))
        self.form, self.controls = form.build(self.state, self.choose)
        self.box = widgets.VBox([self.form, self.figure], _dom_classes=("view-box",))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and the same as HTML: the page is whole before any script runs."""
        page = markup.live(self.state, self.controls, self.figure)
        return {**self.box._repr_mimebundle_(**options), "text/html": page}

    def choose(self, name: str, value: object) -> None:
        """Show another choice; if that cannot be, say so, and put the control back."""
        if value == getattr(self.state, name):
            return
        try:
            fault = self._move(with_value(self.state, name, value))
        except IitkError as error:
            fault = str(error)
        if fault:
            self.controls[name].value = getattr(self.state, name)
        self.figure.value = self._page(fault or self.made.say(self.state), fault=bool(fault))

    def _move(self, state: Chosen) -> str:
        """Go over to `state` if it can be drawn; return what is wrong if not."""
        try:
            usual = state == self.made.states()
            shown = [self.made.shown, *self.made.also] if usual else self.made.draw(state)
            self._drawn, self.state = _html(shown), state
        except IitkError as error:
            return str(error)
        except Exception:  # noqa: BLE001 (a bug: whoever is in the room reads a sentence, the log has the rest)
            return logged(f"{self.made.name}: {state}")
        return ""

    def _page(self, status: str, *, fault: bool) -> str:
        marks = ' data-fault="true"' if fault else ""
        return (
            f'<div class="view{" fault" if fault else ""}" data-view="{escape(self.made.name)}" '
            f'data-keys="{escape(",".join(kinds(self.state)))}" data-query="{escape(to_query(self.state))}" '
            f'data-status="{escape(status)}"{marks}>{self._drawn}</div>'
        )


def _html(shown: Sequence[Any]) -> str:
    return "".join(one._repr_html_() for one in shown)


def logged(what: str) -> str:
    """Write the error that is being handled into the app's log, and return the sentence that refers to it."""
    reference, now = secrets.token_hex(3), datetime.now(UTC).isoformat(timespec="seconds")
    told = f"{now} reference {reference}, {what}\n{traceback.format_exc()}\n"
    try:
        with Path(os.environ.get(LOG, "")).open("a", encoding="utf-8") as log:
            log.write(told)
    except OSError:  # no log was named, or it cannot be written
        logging.getLogger("iitk.views").exception(told)
    return f"Something went wrong here (reference {reference}). What you see is as it was before."
