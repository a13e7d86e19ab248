"""The frame of every served page: the static pages' own, with style and scripts by address instead of within."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import iitk
from iitk.publish import assets as published
from iitk.serve import assets


@cache
def environment() -> Environment:
    """Templates of this folder, over those of the static pages. Everything that they are given is escaped.

    A template extends "served.html.j2" and is given `base`, the server's own address.
    """
    made = Environment(
        loader=FileSystemLoader([Path(str(files("iitk.serve").joinpath("templates"))), published.template_folder()]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["on_screen"] = published.on_screen
    made.globals.update(
        {name: published.environment().globals[name] for name in ("badge_meanings",)},
        style_address=assets.style_address, script_address=assets.script_address, version=iitk.__version__,
    )
    return made


def render(template: str, **given: object) -> str:
    """A page from one of the templates."""
    return environment().get_template(template).render(**given)
