"""The product's own settings and middleware, in front of the shortest possible save."""

from ipt.settings import *  # noqa: F403  everything but the URLs is the product's

ROOT_URLCONF = "benchmarks.floor.saving_urls"
