"""The importer: from the files of `../shared/data` to the project's own tidy tables."""
