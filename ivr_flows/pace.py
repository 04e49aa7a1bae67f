"""How long a text takes to say, before any voice has said it."""

MS_PER_SYLLABLE = 190
MS_PER_PAUSE = 180
_PAUSES = "，。、；：！？,;:!?"


def estimate_ms(text: str) -> int:
    """Estimated length in ms: Chinese characters, digits and letters are a syllable each."""
    spoken = text.rstrip(_PAUSES)
    syllables = sum(character.isalnum() for character in spoken)
    pauses = sum(character in _PAUSES for character in spoken)
    return syllables * MS_PER_SYLLABLE + pauses * MS_PER_PAUSE
