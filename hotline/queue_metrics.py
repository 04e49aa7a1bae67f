"""What the queue role counts for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

LEADER = Gauge("hotline_queue_leader", "1 while this process decides who gets whom")
WAITING = Gauge("hotline_queue_waiting", "Callers who wait for a person")
CALLBACKS = Gauge("hotline_queue_callbacks", "Citizens who hung up and are to be called back")
LONGEST_WAIT = Gauge("hotline_queue_longest_wait_seconds", "How long the first of them has waited")
AGENTS = Gauge("hotline_queue_agents", "Agents by state", ["state"])
OFFERS = Counter("hotline_queue_offers_total", "Calls that were offered to an agent")
DECISION = Histogram(
    "hotline_queue_decision_seconds",
    "From an event's arrival at the queue to its decisions",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0),
)
