"""One module a stage: tables, methods, charts and words brought together into what a notebook and a page show."""
