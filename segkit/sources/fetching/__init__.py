"""Any municipality from the public sources, in a folder that a survey starts from."""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.sources.fetching.folder import FETCHED_FILE, Fetched, fetch, read
from segkit.sources.fetching.plan import requests_for

__all__ = ["FETCHED_FILE", "Fetched", "fetch", "read", "requests_for"]

__dir__ = public(__all__)

guard(__name__)
