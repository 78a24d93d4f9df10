"""The studio's server: page files, one websocket a page, uploads and downloads, on the loopback interface only.

It knows the web and no networks: a session (`sessions.Session`) takes commands, and tells messages.
"""
