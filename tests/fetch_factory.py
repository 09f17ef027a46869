"""A made-up municipality on the stand-in: services, clients, folders."""

from contextlib import contextmanager

from standin import StandIn
from standin import scb as made_up
from standin.kolada import Kolada
from standin.wfs import Wfs

from segkit.sources import Client

CODE = "9901"

#: The last DeSO of 2025 was part of the one before it.
SPLIT = {"9901C0400": "9901C0390"}


class Sources:
    """The services of a stand-in, and clients that ask them."""

    def __init__(self, folder):
        self.folder = folder
        self.scb = made_up.Service()
        self.wfs = Wfs.made_up(made_up.DESO_2025).with_older(SPLIT)
        self.kolada = Kolada({"N00945": True})

    @contextmanager
    def serving(self):
        with StandIn(self.scb, self.wfs, self.kolada) as server:
            self.server = server
            self.bases = self.scb.base_urls(server.url) | {
                "wfs": f"{server.url}/geoserver/stat/wfs",
                "kolada": f"{server.url}/v3",
            }
            yield self

    def client(self, cache="cache", **options):
        defaults = {"timeout": (2.0, 2.0), "deadline": 10.0, "sleep": lambda _: None, "tries": 3}
        return Client(cache=self.folder / cache, base_urls=self.bases, **{**defaults, **options})
