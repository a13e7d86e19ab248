"""A form from the fields of a State: each with its question in sight, each open to its own values and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iitk.errors import UsageError
from iitk.views import guard
from iitk.views.state import Kind, OneOf, State, Whole, YesNo, groups, kinds
from iitk.words import escape

Changed = Callable[[str, object], None]
_WIDE = {"description_width": "initial"}


def build(state: State, changed: Changed) -> tuple[Any, Mapping[str, Any]]:
    """Return the form that shows `state`, and its controls by name. `changed(name, value)` is told of each choice."""
    import ipywidgets as widgets

    # One layout for all: the fewer there are, the sooner a page is up.
    layout = widgets.Layout()
    found, rows, controls = kinds(state), [], {}
    for group, names in groups(state):
        if group:
            rows.append(widgets.HTML(f'<p class="group">{escape(group)}</p>', layout=layout))
        for name in names:
            kind = found[name]
            control = controls[name] = _control(widgets, kind, getattr(state, name), layout)
            control.observe(lambda change, name=name: changed(name, change["new"]), "value")
            rows.append(control)
            if kind.help:
                rows.append(widgets.HTML(f'<p class="field-help">{escape(kind.help)}</p>', layout=layout))
    return widgets.VBox(rows, layout=layout, _dom_classes=("view-form",)), controls


def _control(widgets: Any, kind: Kind, value: Any, layout: Any) -> Any:
    """Make the control of one field, and let the browser set what it is for."""
    if isinstance(kind, Whole):
        unit = f"{kind.unit}, " if kind.unit else ""
        made = widgets.BoundedIntText(
            value, kind.least, kind.most, kind.step, layout=layout, style=_WIDE,
            description=f"{kind.label} ({unit}{kind.least} to {kind.most})",
        )  # fmt: skip
    elif isinstance(kind, OneOf):
        pairs = [(label, one) for one, label in kind.options.items()]
        made = widgets.Dropdown(options=pairs, value=value, description=kind.label, layout=layout, style=_WIDE)
        guard.allow(made.model_id, "index", lambda index: type(index) is int and 0 <= index < len(pairs))
        return made
    else:
        made = widgets.Checkbox(value, description=kind.label, indent=False, layout=layout)
    guard.allow(made.model_id, "value", lambda sent: _fits(kind, sent))
    return made


def _fits(kind: Whole | YesNo, value: object) -> bool:
    try:
        kind.check(value)
    except UsageError:
        return False
    return True
