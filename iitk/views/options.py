"""What a room can choose in stage 6: whose logic model is on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iitk.stages import options as stages
from iitk.stages import selection
from iitk.stages.base import Stage
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, choice, fitted
from iitk.words import format as say

_LABEL = "Which option?"


@dataclass(frozen=True)
class Logic(State):
    """An option, by its place in the file."""

    logic: int = choice(OneOf(_LABEL, {0: ""}), 0)


VIEWS = (Logic,)


def logic(stage: Stage) -> Any:
    """The logic model of an option; in an app, of any."""
    found = selection.of(stage.area, str(stage.parameters["vintage"]))
    names = list(found.options)
    usual = names.index(found.short[0]) if found.short else 0
    states = fitted(Logic, logic=(OneOf(_LABEL, dict(enumerate(names))), usual))
    return view(View(
        "logic", states, stage.figures["logic"], lambda state: [stages.logic(found, names[state.logic])],
        lambda state: f"The logic model of {say.in_sentence(names[state.logic])} is shown.",
    ))  # fmt: skip
