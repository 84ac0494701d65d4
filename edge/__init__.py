"""What every entrance needs: strict JSON, tokens, limits, errors as answers."""
