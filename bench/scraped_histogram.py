"""A histogram of a running role, read from its Prometheus endpoint."""

import math
from dataclasses import dataclass
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class ScrapedHistogram:
    """counts: by upper bound, cumulative, as Prometheus has them."""

    counts: dict[float, float]

    def since(self, before: "ScrapedHistogram") -> "ScrapedHistogram":
        """What has come since then."""
        return ScrapedHistogram({bound: count - before.counts.get(bound, 0) for bound, count in self.counts.items()})

    def quantile(self, quantile: float) -> float:
        """By linear interpolation within the bucket, as PromQL's histogram_quantile; NaN when nothing was counted."""
        bounds = sorted(self.counts)
        total = self.counts[bounds[-1]] if bounds else 0
        if not total:
            return math.nan
        rank, lower, below = quantile * total, 0.0, 0.0
        for bound in bounds:
            count = self.counts[bound]
            if count >= rank and count > below:
                return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / (count - below)
            lower, below = bound, count
        return lower


def scrape_histogram(port: int, name: str) -> ScrapedHistogram:
    """The histogram `name` (without labels) of the role whose metrics are on this port of loopback."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        return parse_histogram(page.read().decode(), name)


def parse_histogram(text: str, name: str) -> ScrapedHistogram:
    """Of a page in Prometheus' text format."""
    for family in text_string_to_metric_families(text):
        if family.name == name:
            buckets = (sample for sample in family.samples if sample.name == f"{name}_bucket")
            return ScrapedHistogram({float(sample.labels["le"]): sample.value for sample in buckets})
    return ScrapedHistogram({})
