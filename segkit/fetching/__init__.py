"""Any municipality from the public sources, in a folder that a survey starts from."""

from segkit._boundary import guard
from segkit.fetching._folder import FETCHED_FILE, Fetched, fetch, read
from segkit.fetching._plan import requests_for

__all__ = ["FETCHED_FILE", "Fetched", "fetch", "read", "requests_for"]

guard(__name__)
