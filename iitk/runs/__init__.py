"""The series of notebooks over areas: which ones, in which order, with what result."""
