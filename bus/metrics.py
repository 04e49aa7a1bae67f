"""What the bus counts for Prometheus."""

from prometheus_client import Counter, Gauge

CONNECTED = Gauge("hotline_bus_connected", "1 while this process is connected to NATS")
DROPPED = Counter(
    "hotline_bus_dropped_total", "Messages that were lost: bus away, reader too slow, spool full, not readable", ["why"]
)
SPOOLED = Counter("hotline_bus_spooled_total", "Events that waited on disk because the bus was away")
SPOOL_BYTES = Gauge("hotline_bus_spool_bytes", "Events that wait on disk now, in bytes")
REDELIVERED = Counter("hotline_bus_redelivered_total", "Kept messages that a handler refused and that came again")
