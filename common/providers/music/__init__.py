"""Music: a bed under the whole video, composed for its mood."""
