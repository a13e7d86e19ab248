"""The methods: tables in, tables or small frozen dataclasses out; no files, no clock, no widgets."""
