"""What endpoints show, as a test wants it."""

from prometheus_client import CollectorRegistry, generate_latest
from rapt.cli.top.figures import Between
from rapt.cli.top.scrape import Scrape, parse


def shown(registry: CollectorRegistry, *, at_s: float) -> Scrape:
    """Return what a registry shows at a moment."""
    return parse(generate_latest(registry).decode(), at_s=at_s)


def of(text: str, *, at_s: float = 0.0) -> Scrape:
    """Return what a page of Prometheus's format says."""
    return parse(text, at_s=at_s)


def between(before: str, after: str, *, span_s: float = 2.0) -> Between:
    """Return two looks, so far apart."""
    return Between(of(before), of(after, at_s=span_s))
