"""What Prometheus sees of the listeners."""

from prometheus_client import Counter, Enum, Gauge, Histogram

from asr.degradation import STEPS

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
HEALTH = Enum("hotline_asr_health", "How well the listener keeps up", states=[step.value for step in STEPS])
HEADROOM = Gauge("hotline_asr_headroom", "Streams that this listener would still take")
REAL_TIME_FACTOR = Gauge("hotline_asr_real_time_factor", "Of one worker, as measured at the start")
LET_GO = Counter("hotline_asr_streams_let_go_total", "Streams that were left to the recording for want of time")
ENGINE_MEMORY_MIB = Gauge("hotline_asr_engine_memory_mib", "Memory of all engine processes")
ENGINE_PROCESS_ENDS = Counter("hotline_asr_engine_process_ends_total", "Engine processes that were replaced", ["why"])
