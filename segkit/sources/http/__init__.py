"""The one way to the network: addresses, limits, retries, the cache."""
