"""What Prometheus is told about the media plane."""

from prometheus_client import Counter, Gauge, Histogram

LEGS = Gauge("hotline_telephony_media_legs", "Media legs that are open")
PACKETS_RECEIVED = Counter("hotline_telephony_rtp_received_total", "RTP packets taken")
PACKETS_SENT = Counter("hotline_telephony_rtp_sent_total", "RTP packets sent")
PACKETS_UNSENT = Counter("hotline_telephony_rtp_unsent_total", "RTP packets that the system would not take")
PACKETS_REFUSED = Counter("hotline_telephony_rtp_refused_total", "Datagrams not taken", ["why"])
TICK_LATENESS = Histogram(
    "hotline_telephony_tick_lateness_seconds",
    "How late the 20 ms media tick began",
    buckets=(0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5),
)
TICKS_SKIPPED = Counter("hotline_telephony_ticks_skipped_total", "Media ticks given up after a long stall")
EVENT_FAILURES = Counter("hotline_telephony_media_event_failures_total", "Media events whose receiver failed")
