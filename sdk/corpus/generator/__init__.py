"""Generates the corpus: every situation that each Writ verifier must judge alike."""
