"""What the desk counts about itself."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("hotline_desk_requests", "HTTP requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "hotline_desk_request_seconds", "Time to answer", ["route"], buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 1, 5)
)
SOCKETS = Gauge("hotline_desk_live_sockets", "Browsers that hear live messages")
PUSHED = Counter("hotline_desk_live_messages", "Live messages sent to browsers", ["type"])
DROPPED = Counter("hotline_desk_live_dropped", "Live messages dropped because a browser was slow", ["type"])
APPLIED = Counter("hotline_desk_events_applied", "Messages of the bus that were stored", ["topic"])
APPLY_FAILED = Counter("hotline_desk_events_failed", "Messages that could not be stored and come again", ["topic"])
SIGN_INS = Counter("hotline_desk_sign_ins", "Sign-ins", ["outcome"])
APPLY_SECONDS = Histogram(
    "hotline_desk_apply_seconds", "Time to store a message", ["topic"], buckets=(0.002, 0.005, 0.02, 0.1, 0.5, 2, 10)
)
