"""What Prometheus sees of the assistant."""

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)

FINAL_TO_DRAFT_S = Histogram(
    "hotline_agent_assist_final_to_draft_seconds",
    "From a final text to its draft and suggestions in the log",
    buckets=_BUCKETS_S,
)
ADVISE_S = Histogram(
    "hotline_agent_assist_advise_seconds", "Time to compute one draft with its suggestions", buckets=_BUCKETS_S
)
FAILURES = Counter("hotline_agent_assist_failures_total", "Utterances after which no draft could be computed")
CALLS = Gauge("hotline_agent_assist_calls", "Calls held in memory")
