"""One look at a metrics endpoint: fetched over HTTP, parsed, kept by name."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

ANSWER_S = 2.0  # a process that needs longer to show its metrics is as good as away


@dataclass(frozen=True, slots=True)
class Sample:
    """One number."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Scrape:
    """Everything that an endpoint showed at one moment."""

    at_s: float
    """Monotonic."""
    series: Mapping[str, tuple[Sample, ...]]

    def has(self, name: str) -> bool:
        """Whether a series is there."""
        return name in self.series

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of a series over all labels but those given; 0 when it is not there."""
        return sum(sample.value for sample in self._matching(name, labels))

    def by(self, name: str, label: str) -> dict[str, float]:
        """Return the sums of a series by one label."""
        sums: dict[str, float] = {}
        for sample in self.series.get(name, ()):
            key = sample.labels.get(label, "")
            sums[key] = sums.get(key, 0.0) + sample.value
        return sums

    def _matching(self, name: str, labels: Mapping[str, str]) -> Iterator[Sample]:
        for sample in self.series.get(name, ()):
            if all(sample.labels.get(key) == value for key, value in labels.items()):
                yield sample


def parse(text: str, *, at_s: float) -> Scrape:
    """Read Prometheus's text format."""
    series: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(sample.name, []).append(Sample(sample.labels, sample.value))
    return Scrape(at_s, {name: tuple(samples) for name, samples in series.items()})


async def scrape(urls: Mapping[str, str]) -> dict[str, Scrape | None]:
    """Look at every endpoint at the same time; None for one that does not answer."""
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_S) as client:
        found = await asyncio.gather(*(_one(client, url) for url in urls.values()))
    return dict(zip(urls, found, strict=True))


async def _one(client: httpx.AsyncClient, url: str) -> Scrape | None:
    try:
        answer = await client.get(url)
        answer.raise_for_status()
        return parse(answer.text, at_s=time.monotonic())
    except (httpx.HTTPError, ValueError):
        return None
