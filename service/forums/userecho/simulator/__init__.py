"""A stateful stand-in for UserEcho's API.

It takes its rules from the reference and never from our client or inbound, so that a mistake there is not repeated.
"""
