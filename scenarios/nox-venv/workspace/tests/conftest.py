"""Examples that are drawn are the same in every run: what is measured must not depend on luck."""

from hypothesis import settings

settings.register_profile("ci", derandomize=True, database=None)
settings.load_profile("ci")
