"""What Prometheus sees of the SIP side."""

from prometheus_client import Counter, Gauge

DATAGRAMS_DROPPED = Counter(
    "hotline_telephony_sip_datagrams_dropped_total",
    "Datagrams and streams on the SIP port that were not taken up",
    ["why"],
)
CONNECTIONS = Gauge("hotline_telephony_sip_connections", "TCP connections of SIP that are open")
REQUESTS = Counter("hotline_telephony_sip_requests_total", "SIP requests outside dialogs", ["method"])
REFUSED = Counter("hotline_telephony_sip_refused_total", "INVITE and REGISTER requests refused", ["method", "status"])
FAULTS = Counter("hotline_telephony_sip_faults_total", "Messages and timers that ended in an exception")
LEGS = Gauge("hotline_telephony_sip_legs", "SIP dialogs that are up or being set up", ["direction"])
PHONES = Gauge("hotline_telephony_sip_phones_registered", "Extensions with at least one registered phone")
TRUNK_UP = Gauge(
    "hotline_telephony_trunk_up", "1 when the trunk answers (and has us registered), 0 when not", ["trunk"]
)
TRUNK_CALLS = Gauge("hotline_telephony_trunk_calls", "Calls on the trunk", ["trunk", "direction"])
TRUNK_FAILED = Counter(
    "hotline_telephony_trunk_failed_total", "Outgoing calls that went on to the next trunk", ["trunk"]
)
TRUNK_REFUSED = Counter(
    "hotline_telephony_trunk_refused_total", "Calls over the trunk's limit, answered 486", ["trunk"]
)
BANNED = Counter("hotline_telephony_sip_banned_total", "Sources that were shut out for a while", ["why"])
