"""An agent's browser as a telephone (WebRTC)."""
