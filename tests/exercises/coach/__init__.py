"""Tests of the writing coach."""
