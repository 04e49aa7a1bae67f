"""Speech synthesis: text made speakable, Kokoro's voices, sound made fit for a telephone, and the cache of prompts."""
