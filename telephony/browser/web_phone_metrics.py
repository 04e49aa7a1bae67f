"""What Prometheus sees of the browser telephones."""

from prometheus_client import Counter, Gauge

CONNECTIONS = Gauge("hotline_telephony_web_phone_connections", "Connections of browsers as telephones now")
CONNECTIONS_REFUSED = Counter("hotline_telephony_web_phone_refused_total", "Browsers whose offer could not be answered")
