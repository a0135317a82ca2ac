"""The rule language: YAML in, decisions out.

Pure: values in, values out. This package imports the standard library, pydantic, the YAML parser and the text engines;
no Redis, HTTP, clock, environment or logging. Anyone may import it; it imports neither `service` nor `workers`.
"""
