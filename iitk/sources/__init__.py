"""Official figures: read, check, cache; where they come from; geography, industries and lenses."""
