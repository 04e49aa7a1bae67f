"""The media plane: one 20 ms tick, RTP, mixing, digits."""
