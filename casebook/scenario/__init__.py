"""Synthetic cases with a known answer: for the example, for tests, for a workshop.

Everything in here is invented and says so. It shares no constant and no code with what Casebook
uses to look for such things.
"""
