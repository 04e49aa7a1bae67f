"""What Prometheus is told about recording."""

from prometheus_client import Counter, Gauge

OPEN = Gauge("hotline_recordings_open", "Recordings being written")
WRITTEN = Counter("hotline_recordings_written_bytes_total", "Bytes of sound written to disk")
LOST = Counter("hotline_recordings_lost_bytes_total", "Bytes of sound that could not be written")
FAILED = Counter("hotline_recordings_failed_total", "Recordings that could not be opened or finished")
