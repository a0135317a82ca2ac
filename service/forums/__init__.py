"""The platforms: one folder and one line in `PLATFORMS` each.

Contract tests, simulator, support matrix and demo pick a platform up from the table. A platform's folder holds
`inbound` (verify and read a webhook: pure), `client` (the Forum over HTTP), its simulator and its sample payloads.
"""
