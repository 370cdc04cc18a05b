"""Prefect alone: orchestration, retries, artifacts, schedules. No arithmetic, no SQL, no cell parsing."""
