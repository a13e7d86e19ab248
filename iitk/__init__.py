"""Industrial Innovation Toolkit: from official figures to a few public interventions worth the money."""

__version__ = "0.1.0"
