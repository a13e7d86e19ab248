"""The apps: notebooks served as pages that people can work with."""
