"""What Prometheus sees of the switch."""

from prometheus_client import Counter, Gauge

CALLS_UP = Gauge("hotline_telephony_calls_up", "Calls on this switch now")
CALLS_TOTAL = Counter("hotline_telephony_calls_total", "Calls that this switch took")
CALLS_ENDED = Counter("hotline_telephony_calls_ended_total", "Calls that are over and put away")
CALLS_REFUSED = Counter(
    "hotline_telephony_calls_refused_total", "Calls refused because the switch was full or stopping"
)
