"""When each character was said, as well as the voice's spans tell: spread evenly over them."""


def char_times(text: str, voiced: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """For each character the start of its sound (ms); punctuation takes no time and stands where the next one begins.

    voiced: spans (start_ms, end_ms) in order, at least one. The times never fall and lie within the spans.
    """
    sounding = sum(character.isalnum() for character in text)
    total_ms = sum(end - start for start, end in voiced)
    times: list[int] = []
    said = 0
    for character in text:
        times.append(_at(voiced, total_ms * said // sounding if sounding else 0))
        said += character.isalnum()
    return tuple(times)


def _at(voiced: tuple[tuple[int, int], ...], spoken_ms: int) -> int:
    """The media time at which so much voice had been heard."""
    for start, end in voiced:
        if spoken_ms < end - start:
            return start + spoken_ms
        spoken_ms -= end - start
    return voiced[-1][1]
