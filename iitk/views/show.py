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
from iitk.views.state import Chosen, State, from_query, keys, to_query, with_value
from iitk.words import escape

APP, QUERY, LOG = "IITK_APP", "QUERY_STRING", "IITK_APP_LOG"  # what the server tells its kernels


def in_app() -> bool:
    """Whether this notebook is served as an app."""
    return os.environ.get(APP) == "1"


def _allow_all(_before: State, _after: State) -> None:
    """Where every choice that the form offers may be made."""


@dataclass(frozen=True, slots=True)
class View(Generic[Chosen]):
    """A figure with choices.

    `draw` takes a State and returns what is then shown, in the same order; `say` returns a sentence for the status
    line. `also` is what the notebook shows in a cell of its own and what follows the same choices: an app shows it
    under `shown`.

    `allow` is asked before each move, with the State before and after it, and raises a `UsageError` to refuse it.
    `soon` draws what can be shown at once where `draw` takes longer: the page shows it until the rest is there.
    With `slow`, `draw` takes a function too: it tells with it how far it is (a share, and words), and the page shows
    that above what was there before.
    """

    name: str
    states: type[Chosen]
    shown: Any
    draw: Callable[..., Sequence[Any]]
    say: Callable[[Chosen], str]
    also: Sequence[Any] = ()
    allow: Callable[[Chosen, Chosen], None] = _allow_all
    slow: bool = False
    soon: Callable[[Chosen], Sequence[Any]] | None = None


def view(made: View[Chosen]) -> Any:
    """Return the very figure that the notebook shows; in an app, with a form to choose what it shows."""
    return Screen(made) if in_app() else made.shown


class Screen(Generic[Chosen]):
    """A view on a page: its State, its form and what it shows follow one another. A notebook shows it as its box."""

    def __init__(self, made: View[Chosen]) -> None:
        import ipywidgets as widgets

        guard.install()
        self.made, self.state = made, made.states()
        self.then: Callable[[], None] | None = None  # told after each choice
        self._drawn, self._told = _html([made.shown, *made.also]), ""
        self.progress = widgets.HTML() if made.slow else None
        self.figure: Any = None
        asked, said = from_query(made.states, os.environ.get(QUERY, ""))
        fault = self._move(asked) if asked != self.state else ""
        self.figure = widgets.HTML(self._page(fault or said, fault=bool(fault)))
        self.form, self.controls = form.build(self.state, self.choose)
        shown = [self.progress, self.figure] if self.progress else [self.figure]
        self.box = widgets.VBox([self.form, *shown], _dom_classes=("view-box",))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and the same as HTML: the page is whole before any script runs."""
        page = markup.live(self.state, self.controls, self.figure, self.progress)
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
        if self.then:
            self.then()

    def restart(self, said: str = "") -> None:
        """Go back to where nobody has chosen, as what was chosen is of something that has changed."""
        if self.state == self.made.states():
            return
        self._move(self.made.states())
        for name, control in self.controls.items():
            control.value = getattr(self.state, name)
        self.figure.value = self._page(said, fault=False)

    def _move(self, state: Chosen) -> str:
        """Go over to `state` if that is allowed and can be drawn; return what is wrong if not."""
        before = self._drawn, self.state
        try:
            self.made.allow(self.state, state)
            self._show_soon(state)
            self._drawn, self.state = _html(self._draw(state)), state
        except IitkError as error:
            self._drawn, self.state = before
            return str(error)
        except Exception:  # noqa: BLE001 (a bug: whoever is in the room reads a sentence, the log has the rest)
            self._drawn, self.state = before
            return logged(f"{self.made.name}: {state}")
        finally:
            if self.progress:
                self.progress.value = self._told = ""
        return ""

    def _show_soon(self, state: Chosen) -> None:
        """Show what is there at once, while the rest is still worked out; a page that is being made waits for all."""
        if self.made.soon and self.figure is not None and state != self.made.states():
            self._drawn, self.state = _html(self.made.soon(state)), state
            self.figure.value = self._page(self.made.say(state), fault=False)

    def _draw(self, state: Chosen) -> Sequence[Any]:
        if state == self.made.states():
            return [self.made.shown, *self.made.also]
        return self.made.draw(state, self._tell) if self.made.slow else self.made.draw(state)

    def _tell(self, share: float, words: str) -> None:
        """Show how far it is; whole per cents are enough, however often this is called."""
        told = markup.progress(round(min(max(share, 0), 1), 2), words)
        if self.progress and told != self._told:
            self.progress.value = self._told = told

    def _page(self, status: str, *, fault: bool) -> str:
        marks = ' data-fault="true"' if fault else ""
        return (
            f'<div class="view{" fault" if fault else ""}" data-view="{escape(self.made.name)}" '
            f'data-keys="{escape(",".join(keys(self.state)))}" data-query="{escape(to_query(self.state))}" '
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
