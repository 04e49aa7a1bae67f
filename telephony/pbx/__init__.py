"""The hotline as one extension of a PBX, by pyVoIP."""
