"""The form and what it shows as HTML: what a page has before any script runs, and what its script then makes live.

A control says which widget it stands for, and which trait of it a choice sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iitk.views.state import Kind, OneOf, State, Whole, kinds
from iitk.words import escape


def live(state: State, controls: Mapping[str, Any], figure: Any) -> str:
    """The whole view: the form, then what the widget `figure` shows."""
    fields = "".join(_field(kind, getattr(state, name), controls[name].model_id) for name, kind in kinds(state).items())
    return (
        f'<div class="live" data-model="{escape(figure.model_id)}"><div class="view-form">{fields}</div>'
        f'<div class="live-shown">{figure.value}</div></div>'
    )


def _field(kind: Kind, value: Any, model: str) -> str:
    """One control with its question; what a choice needs to know stands under it."""
    key = escape(model)
    marks = f'id="field-{key}" data-field="{key}" data-trait="{"index" if isinstance(kind, OneOf) else "value"}"'
    if kind.help:
        marks += f' aria-describedby="help-{key}"'
    label = f'<label for="field-{key}">{escape(kind.label)}</label>'
    if isinstance(kind, OneOf):
        made = label + f"<select {marks}>{_options(kind, value)}</select>"
    elif isinstance(kind, Whole):
        unit = f"{kind.unit}, " if kind.unit else ""
        limits = f' <span class="limits">({escape(unit)}{kind.least} to {kind.most})</span></label>'
        made = label.replace("</label>", limits) + (
            f'<input type="number" {marks} min="{kind.least}" max="{kind.most}" step="{kind.step}" value="{value}">'
        )
    else:
        made = f'<span class="tick"><input type="checkbox" {marks}{" checked" if value else ""}>{label}</span>'
    told = f'<p class="field-help" id="help-{key}">{escape(kind.help)}</p>' if kind.help else ""
    return f'<div class="field">{made}{told}</div>'


def _options(kind: OneOf, value: Any) -> str:
    return "".join(
        f'<option value="{at}"{" selected" if one == value else ""}>{escape(words)}</option>'
        for at, (one, words) in enumerate(kind.options.items())
    )
