"""Agreement: generated views over generated histories, folded by every evaluator alike."""
