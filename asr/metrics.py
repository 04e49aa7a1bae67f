"""What Prometheus sees of the listeners."""

from prometheus_client import Counter, Gauge, Histogram

STREAMS = Gauge("hotline_asr_streams", "Streams that this listener hears")
GUESTS = Gauge("hotline_asr_guests", "Connections of others that are served by WebSocket")
UTTERANCES = Counter("hotline_asr_utterances_total", "Utterances that ended, by what became of them", ["outcome"])
LATENCY_S = Histogram(
    "hotline_asr_final_latency_seconds",
    "From the end of the voice to the final text",
    buckets=(0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.4, 4.0, 8.0),
)
ENGINE_S = Counter("hotline_asr_engine_seconds_total", "Time that the engine worked, by urgency", ["urgency"])
LOST_S = Counter("hotline_asr_lost_audio_seconds_total", "Sound that never came from the bus and was taken for silence")
FINALS_ONLY = Gauge("hotline_asr_finals_only", "1 while there is no time for partials")
