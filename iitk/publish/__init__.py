"""From executed notebooks and records to what a leader opens: pages that need nothing but a browser."""
