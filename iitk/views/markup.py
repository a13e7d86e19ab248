"""The form and what it shows as HTML: what a page has before any script runs, and what its script then makes live.

A control says which widget it stands for, and which trait of it a choice sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iitk.views.state import Kind, OneOf, State, Whole, groups, kinds
from iitk.words import escape


def live(state: State, controls: Mapping[str, Any], figure: Any, progress: Any = None) -> str:
    """The whole view: the form, then what the widget `figure` shows; `progress` is what is said while that is made."""
    told = f'<div class="live-progress" data-model="{escape(progress.model_id)}"></div>' if progress else ""
    return (
        f'<div class="live" data-model="{escape(figure.model_id)}">'
        f'<div class="view-form">{_form(state, controls)}</div>{told}<div class="live-shown">{figure.value}</div></div>'
    )


def progress(share: float, words: str) -> str:
    """How far something is that takes long, in words and as a bar."""
    return (
        f'<p class="progress"><progress max="1" value="{share:g}" aria-label="{escape(words)}"></progress> '
        f"<span>{escape(words)}</span></p>"
    )


def _form(state: State, controls: Mapping[str, Any]) -> str:
    found, made = kinds(state), ""
    for group, names in groups(state):
        inside = "".join(_field(found[name], getattr(state, name), controls[name].model_id) for name in names)
        made += f'<fieldset class="group"><legend>{escape(group)}</legend>{inside}</fieldset>' if group else inside
    return made


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
        made = _number(kind, value, marks, label)
    else:
        made = f'<span class="tick"><input type="checkbox" {marks}{" checked" if value else ""}>{label}</span>'
    told = f'<p class="field-help" id="help-{key}">{escape(kind.help)}</p>' if kind.help else ""
    return f'<div class="field">{made}{told}</div>'


def _number(kind: Whole, value: int, marks: str, label: str) -> str:
    limits = f'min="{kind.least}" max="{kind.most}" step="{kind.step}" value="{value}"'
    if not kind.slider:
        unit = f"{kind.unit}, " if kind.unit else ""
        told = f' <span class="limits">({escape(unit)}{kind.least} to {kind.most})</span></label>'
        return f'{label.replace("</label>", told)}<input type="number" {marks} {limits}>'
    words = escape(f"{value}{kind.after}")
    less, more = (
        f'<button type="button" data-step="{step}" aria-label="{word}: {escape(kind.label)}">{sign}</button>'
        for step, word, sign in ((-1, "Less", "\u2212"), (1, "More", "+"))
    )
    # No <output>: that would be a second status line, and say what the slider itself tells a screen reader.
    return (
        f'{label}<div class="slide">{less}<input type="range" {marks} {limits} data-after="{escape(kind.after)}" '
        f'aria-valuetext="{words}">{more}<span class="value">{words}</span></div>'
    )


def _options(kind: OneOf, value: Any) -> str:
    return "".join(
        f'<option value="{at}"{" selected" if one == value else ""}>{escape(words)}</option>'
        for at, (one, words) in enumerate(kind.options.items())
    )
