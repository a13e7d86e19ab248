"""Checks."""

from __future__ import annotations

from iitk.sources.checks.base import Check

CHECKS: tuple[tuple[str, Check], ...] = ()
