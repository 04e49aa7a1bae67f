"""What Prometheus sees of this room."""

from prometheus_client import Counter, Histogram

PROMPTS_MISSING = Counter("hotline_tts_prompts_missing", "Prompts asked for that had no sound yet (each text once)")
RENDER_SECONDS = Histogram(
    "hotline_tts_render_seconds",
    "Time to synthesise one text",
    buckets=(0.25, 0.5, 1, 2, 3, 5, 10, 20, 60),
)
RENDER_FAILURES = Counter("hotline_tts_render_failures", "Texts that the synthesiser refused")
